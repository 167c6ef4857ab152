// Holds what a client gets against the OpenAPI document that it was generated from, and keeps count of what was met.

import { readFileSync } from 'node:fs';

import { Contract, type Operation } from '../harness/contract.mjs';

/** The document from which the clients were generated. */
export const document: unknown = JSON.parse(readFileSync(new URL('generated/openapi.json', import.meta.url), 'utf8'));

const contract = new Contract(document);

export const operations: Operation[] = contract.operations;

/** The names of the examples that an operation has for a status. */
export function examples(operation: Operation, status: number): string[] {
  return Object.keys(operation.answers.get(status)?.content?.['application/json']?.examples ?? {});
}

/** A fetch that throws when an answer is not what the document says, forced or not; met keeps what came, as "createLead 409". */
export class CheckedFetch {
  readonly met = new Set<string>();

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const asked = request.clone();
    const response = await fetch(request);
    const { pathname, search } = new URL(request.url);
    const operation = contract.find(request.method, pathname + search);
    if (operation === undefined) return response;
    const { status, headers } = response;
    this.met.add(`${operation.id} ${status}`);
    const exchange = { method: request.method, target: pathname + search, asked: request.headers, sent: await asked.text(), status, headers, body: await response.clone().text() };
    const problems = new Set([...contract.answer(operation, exchange), ...contract.check(exchange)]);
    if (problems.size > 0) throw new Error(`${operation.id} answered ${status} with ${exchange.body}, and by the document it ${[...problems].join('; ')}`);
    return response;
  };
}
