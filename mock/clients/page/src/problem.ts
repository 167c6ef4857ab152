// What can go wrong with a call, in the words of a client.

// refused: there is an answer, and it is an error. The others have no answer that can be used.
export type Kind = "refused" | "no-answer" | "timeout" | "broken";

export class Problem extends Error {
  readonly kind: Kind;
  readonly status: number; // 0 unless refused
  readonly messages: string[]; // of the body; one for each wrong field
  readonly retryAfter: number | null; // ms that the server asks to wait
  readonly requestId: string | null;
  readonly at = Date.now();
  nextTry: number | null = null; // when the call will be sent again, in ms since 1970; set by who decides that

  constructor(kind: Kind, details: Partial<Pick<Problem, "status" | "messages" | "retryAfter" | "requestId">> = {}) {
    super([kind, details.status, ...(details.messages ?? [])].join(" "));
    this.kind = kind;
    this.status = details.status ?? 0;
    this.messages = details.messages ?? [];
    this.retryAfter = details.retryAfter ?? null;
    this.requestId = details.requestId ?? null;
  }
}

// isStatus says whether an error is the answer of that status.
export const isStatus = (error: unknown, ...statuses: number[]) => error instanceof Problem && statuses.includes(error.status);

// mayHaveHappened: a write whose answer got lost, or broke off, or is an error of the server, can have been carried out.
export const mayHaveHappened = (error: unknown) => error instanceof Problem && (error.kind !== "refused" || error.status >= 500);

// explain is what a user is told. What the server says is shown where it speaks of what the user did.
export function explain(error: Problem): string {
  const said = error.messages.join(". ");
  switch (error.kind) {
    case "no-answer":
      return "There is no connection to SalesOS.";
    case "timeout":
      return "SalesOS takes too long to answer.";
    case "broken":
      return "SalesOS sent something that cannot be read.";
  }
  if (error.status === 401) return "You have to log in again.";
  if (error.status === 429) return "These were too many requests at once.";
  if (error.status === 503) return said === "" || said === "Service Unavailable" ? "SalesOS is not available at the moment." : `${said}.`;
  if (error.status >= 500) return `Something went wrong at SalesOS${error.requestId ? ` (request ${error.requestId})` : ""}.`;
  return said || `SalesOS refused this (${error.status}).`;
}
