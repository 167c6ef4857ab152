// When a call is sent again, and after how long.

import { Problem } from "./problem";

const tries = 5; // a call is sent again so often, then the user is asked
const firstGap = 1_000; // ms, doubled each time
const early = 100; // ms by which a timer, or a clock, may be too early
const spread = 500; // ms of chance that are added
const longestWait = 60_000; // more than that no user waits in front of a page

// parseRetryAfter understands whole seconds and HTTP dates, and takes all else as if it were not there. A date is compared
// with the server's own clock, if that is known.
export function parseRetryAfter(text: string | null, serverDate: string | null): number | null {
  const value = text?.trim() ?? "";
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT$/.test(value)) return null;
  const now = serverDate === null ? NaN : Date.parse(serverDate);
  return Math.max(0, Date.parse(value) - (Number.isNaN(now) ? Date.now() : now));
}

// mayRetry: what the user did wrong does not get better by sending it again.
export function mayRetry(failures: number, error: Error): boolean {
  if (!(error instanceof Problem) || failures >= tries) return false;
  const passing = error.kind !== "refused" || error.status === 429 || error.status >= 500;
  return passing && (error.retryAfter ?? 0) <= longestWait;
}

// freeAgain is when the user may send something again that was refused, in ms since 1970; null: now.
export function freeAgain(error: unknown): number | null {
  if (!(error instanceof Problem) || error.retryAfter === null || error.retryAfter > longestWait) return null;
  return error.at + error.retryAfter;
}

// waitBefore is how long to wait, in ms: as long as the server asks for, and longer each time, so that there is never a tight
// loop. A little chance keeps many clients from coming back at the same instant. The error remembers when that will be.
export function waitBefore(failures: number, error: Error): number {
  const asked = error instanceof Problem && error.retryAfter !== null ? error.retryAfter + early : 0;
  const wait = Math.max(firstGap * 2 ** failures, asked) + Math.random() * spread;
  if (error instanceof Problem) error.nextTry = Date.now() + wait;
  return wait;
}

// insist repeats a write that may be repeated: the second time, an error can mean that the first one did it.
export async function insist<T>(act: () => Promise<T>, isDone: (error: unknown) => boolean): Promise<T | null> {
  for (let failures = 0; ; failures++) {
    try {
      return await act();
    } catch (error) {
      if (failures > 0 && isDone(error)) return null;
      if (!(error instanceof Error) || !mayRetry(failures, error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, waitBefore(failures, error)));
    }
  }
}
