import { useEffect, useState } from "react";
import { explain, Problem } from "./problem";

// useSeconds counts down to a moment, in whole seconds; 0 when it has come, or there is none.
export function useSeconds(moment: number | null): number {
  const [now, setNow] = useState(Date.now);
  const left = moment === null ? 0 : Math.max(0, Math.ceil((moment - now) / 1_000));
  useEffect(() => {
    setNow(Date.now());
    if (moment === null) return;
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [moment]);
  return left;
}

interface Props {
  error: Error | null;
  waiting: boolean; // it will be tried again by itself
  paused?: boolean; // the browser itself says that there is no network
  onRetry?: () => void;
}

// Trouble says above what is still on the screen why nothing newer is there, and when it will be tried again.
export function Trouble({ error, waiting, paused = false, onRetry }: Props) {
  const problem = error instanceof Problem ? error : null;
  const seconds = useSeconds(waiting ? (problem?.nextTry ?? null) : null);
  if (error === null && !paused) return null;
  return (
    <div className="trouble">
      <p role="alert">{paused ? "You are offline." : problem ? explain(problem) : "Something went wrong in this page."}</p>
      {paused && <p>It goes on by itself when the network is back.</p>}
      {!paused && waiting && <p>{seconds > 0 ? `Trying again in ${seconds} s.` : "Trying again …"}</p>}
      {!paused && !waiting && onRetry && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
