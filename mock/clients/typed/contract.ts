// Holds what a client gets against the OpenAPI document, by a JSON Schema validator that has nothing to do with the
// server's own, and keeps count of what was met.

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { readFileSync } from 'node:fs';

interface Described {
  operationId: string;
  responses: Record<string, { $ref: string } | Answer>;
}

interface Answer {
  headers?: Record<string, { $ref: string } | { required?: boolean }>;
  content?: Record<string, { schema: object; examples?: Record<string, unknown> }>;
}

export interface Document {
  servers: { url: string }[];
  paths: Record<string, Record<string, Described>>;
  components: Record<string, Record<string, object>>;
}

/** The document from which the clients were generated. */
export const document = JSON.parse(readFileSync(new URL('generated/openapi.json', import.meta.url), 'utf8')) as Document;

/** An operation as the document has it, its references followed. */
export interface Operation {
  id: string;
  method: string;
  path: string;
  answers: Map<number, Answer>;
}

export const operations: Operation[] = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, described]) => ({
    id: described.operationId,
    method: method.toUpperCase(),
    path,
    answers: new Map(Object.entries(described.responses).map(([status, answer]) => [Number(status), follow<Answer>(answer)])),
  })),
);

function follow<T extends object>(value: T | { $ref: string }): T {
  if (!('$ref' in value)) return value;
  return value.$ref.split('/').slice(1).reduce<any>((at, step) => at[step], document) as T;
}

/** The names of the examples that an operation has for a status. */
export function examples(operation: Operation, status: number): string[] {
  return Object.keys(operation.answers.get(status)?.content?.['application/json']?.examples ?? {});
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
const validators = new Map<object, ValidateFunction>();

/** Says what is wrong with a value; empty: nothing. References in the schema lead to the document's components. */
function judge(schema: object, value: unknown): string {
  const valid = validators.get(schema) ?? ajv.compile({ ...schema, components: document.components });
  validators.set(schema, valid);
  return valid(value) ? '' : ajv.errorsText(valid.errors);
}

/** Finds the operation of a request: a path with more words of its own is meant before one with parameters. */
function find(method: string, url: string): Operation | undefined {
  const path = new URL(url).pathname.replace(/^\/__s\/[^/]+/, '').slice(document.servers[0]?.url.length);
  return operations
    .filter((o) => o.method === method && new RegExp(`^${o.path.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path))
    .sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
}

/** A fetch that throws when an answer is not what the document says; met keeps what came, as "createLead 409". */
export class CheckedFetch {
  readonly met = new Set<string>();

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const { method, url } = request;
    const response = await fetch(request);
    const operation = find(method, url);
    if (operation !== undefined) {
      this.met.add(`${operation.id} ${response.status}`);
      await this.#check(operation, response.clone());
    }
    return response;
  };

  async #check(operation: Operation, response: Response): Promise<void> {
    const where = `${operation.id} answered ${response.status}`;
    const answer = operation.answers.get(response.status);
    if (answer === undefined) throw new Error(`${where}, which is not documented`);
    for (const [name, header] of Object.entries(answer.headers ?? {})) {
      if (follow(header).required && !response.headers.has(name)) throw new Error(`${where} without the header ${name}`);
    }
    const text = await response.text();
    const media = (response.headers.get('Content-Type') ?? '').split(';')[0] ?? '';
    const schema = answer.content?.[media]?.schema;
    if (schema === undefined) {
      if (text !== '') throw new Error(`${where} with a body of type "${media}", which is not documented`);
      return;
    }
    const wrong = judge(schema, JSON.parse(text));
    if (wrong !== '') throw new Error(`${where} with ${text}: ${wrong}`);
  }
}
