// One call of the API: with the credential of the user, a time-out, and every way to fail told apart.

import { Problem } from "./problem";
import { freeAgain, parseRetryAfter } from "./retry";
import { token } from "./token";

const base: string = import.meta.env.VITE_SALESOS_API_URL ?? "http://localhost:4000/api";
const patience = 10_000; // ms

export interface Answer {
  body: unknown;
  headers: Headers;
}

interface Options {
  body?: unknown;
  signal?: AbortSignal; // ends the call when nobody waits for it any more
}

// call sends a request. An access token that is over is exchanged for a new one once, and the request sent again.
export async function call(method: string, path: string, options: Options = {}): Promise<Answer> {
  const used = token.get();
  try {
    return await send(method, path, used, options);
  } catch (error) {
    if (used === null || !(error instanceof Problem) || error.status !== 401) throw error;
    await renew(used);
    return await send(method, path, token.get(), options);
  }
}

// login gives the token of a user. Nobody is logged in until it is set.
export async function login(email: string, password: string): Promise<string> {
  return tokenOf(await send("POST", "/auth/login", null, { body: { email, password } }));
}

let renewing: Promise<void> | null = null; // however many calls are refused at once, the token is exchanged once

async function renew(used: string): Promise<void> {
  if (token.get() !== used) return; // somebody was faster
  renewing ??= exchange(used).finally(() => {
    renewing = null;
  });
  await renewing;
}

async function exchange(old: string): Promise<void> {
  try {
    token.set(tokenOf(await send("POST", "/auth/refresh", old, {})));
  } catch (error) {
    if (error instanceof Problem && error.kind === "refused" && error.status < 429) token.set(null); // only a login helps now
    throw error;
  }
}

function tokenOf({ body }: Answer): string {
  const made = (body as { access_token?: unknown } | null)?.access_token;
  if (typeof made !== "string") throw new Problem("broken");
  return made;
}

let heldUntil = 0; // after a 429 nothing more is sent for this user until then, in ms since 1970

async function send(method: string, path: string, credential: string | null, { body, signal }: Options): Promise<Answer> {
  const held = heldUntil - Date.now();
  if (held > 0 && credential !== null) throw new Problem("refused", { status: 429, retryAfter: held });
  const headers = new Headers();
  if (credential !== null) headers.set("Authorization", `Bearer ${credential}`);
  if (body !== undefined) headers.set("Content-Type", "application/json");
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(), patience);
  const leave = () => end.abort();
  signal?.addEventListener("abort", leave);
  let response: Response | null = null;
  try {
    response = await fetch(base + path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      credentials: "include", // the mock's session may be named by a cookie
      signal: end.signal,
    });
    return read(response, await response.text());
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (signal?.aborted) throw signal.reason;
    if (end.signal.aborted) throw new Problem("timeout");
    throw new Problem(response === null ? "no-answer" : "broken"); // broken: it began, and did not end
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", leave);
  }
}

// read makes of a response what it says, or the problem that it is.
function read({ status, ok, headers }: Response, text: string): Answer {
  if (ok && text === "") return { body: null, headers };
  let body: unknown = null;
  let readable = headers.get("Content-Type")?.startsWith("application/json") ?? false;
  try {
    body = JSON.parse(text);
  } catch {
    readable = false;
  }
  if (ok && !readable) throw new Problem("broken");
  if (ok) return { body, headers };
  const retryAfter = parseRetryAfter(headers.get("Retry-After"), headers.get("Date"));
  const problem = new Problem("refused", { status, messages: messagesOf(body), retryAfter, requestId: headers.get("X-Request-Id") });
  if (status === 429) heldUntil = freeAgain(problem) ?? 0;
  throw problem;
}

// messagesOf: `message` is a text, or an array of them; a proxy's own error page has none.
function messagesOf(body: unknown): string[] {
  const message = (body as { message?: unknown } | null)?.message;
  return (Array.isArray(message) ? message : [message]).filter((text) => typeof text === "string");
}
