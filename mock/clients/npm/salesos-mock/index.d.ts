/** A mock that runs, on a free port of this machine. */
export interface Mock {
  /** The address of the API: http://127.0.0.1:PORT/api */
  readonly url: string;
  /** The address of the admin API: http://127.0.0.1:PORT/__admin */
  readonly admin: string;
  /** Ends the mock, and waits for its end. */
  stop(): Promise<void>;
}

/** Starts `salesos-mock serve` with more flags ("--scenario", "flaky-list"), and waits until it can be called. */
export function start(...flags: string[]): Promise<Mock>;

/** The path of the program that belongs to this machine. */
export function programPath(): string;
