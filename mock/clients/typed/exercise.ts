// What every generated client has to pass: each operation, each documented error of it, and nothing left out. A client
// comes as a table of calls by operation id.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startMock, type Mock } from '../harness/harness.mjs';
import { CheckedFetch, document, examples, operations } from './contract.js';
import type { components } from './generated/salesos.js';

/** What a call is made with. */
export interface Place {
  baseUrl: string;
  headers: Record<string, string>;
  fetch: typeof fetch;
}

/** What both clients return: they throw nothing for an answer that is an error. */
export interface Outcome {
  response?: Response;
  error?: ApiError | undefined;
}

export type Call = (place: Place) => Promise<Outcome>;

type Errors = components['schemas'];
/** Every error that the document knows, as openapi-typescript has them. Those of the other client have to fit. */
export type ApiError =
  | Errors['BadRequestError'] | Errors['ValidationError'] | Errors['MalformedBodyError'] | Errors['UnauthorizedError'] | Errors['ForbiddenError']
  | Errors['NotFoundError'] | Errors['UnknownRouteError'] | Errors['ConflictError'] | Errors['PayloadTooLargeError'] | Errors['UnsupportedMediaTypeError']
  | Errors['UnprocessableError'] | Errors['RateLimitedError'] | Errors['InternalError'] | Errors['UnavailableError'];

/** What a page would show. The compiler knows from the status which fields there are. */
export function explain(error: ApiError): string {
  switch (error.statusCode) {
    case 400:
      return `400: ${typeof error.message === 'string' ? error.message : error.message.join('; ')} (${error.error})`;
    case 409:
    case 413:
    case 415:
    case 422:
      return `${error.statusCode}: ${error.message} (${error.error})`;
    case 401:
    case 403:
    case 404:
    case 429:
    case 500:
    case 503:
      return `${error.statusCode}: ${error.message}`;
    default:
      return error satisfies never;
  }
}

/** Ada is in every world, and QUALIFIED. */
export const ada = '00000000-0000-4000-8000-000000000001';

interface Documented {
  name: string;
  status: number;
  operations: string[];
}

export class Bench {
  mock!: Mock;
  readonly checked = new CheckedFetch();

  /** A place in a session of its own; headers are sent with each of its calls. */
  async place(headers: Record<string, string> = {}): Promise<Place> {
    const { baseUrl, token } = await this.mock.session();
    return { baseUrl, headers: { Authorization: `Bearer ${token}`, ...headers }, fetch: this.checked.fetch };
  }
}

/** Declares the tests that are the same for every client, around those that more adds. */
export function exercise(name: string, calls: Record<string, Call>, more: (bench: Bench) => void): void {
  describe(name, () => {
    const bench = new Bench();
    before(async () => {
      bench.mock = await startMock();
    });
    after(() => bench.mock.stop());

    test('the document is that of the running server', async () => {
      assert.deepEqual(await bench.mock.admin('GET', 'openapi.json'), document);
    });

    test('there is a call for every operation', async () => {
      const listed: { id: string }[] = await bench.mock.admin('GET', 'operations');
      assert.deepEqual(Object.keys(calls).sort(), listed.map((o) => o.id).sort());
      assert.deepEqual(Object.keys(calls).sort(), operations.map((o) => o.id).sort());
    });

    test('every operation does what it is for', async () => {
      for (const [id, call] of Object.entries(calls)) {
        const { response, error } = await call(await bench.place());
        assert.equal(response?.ok, true, `${id}: ${response?.status} ${JSON.stringify(error)}`);
        assert.equal(error, undefined);
      }
    });

    test('every documented error of every operation is typed', async () => {
      const place = await bench.place();
      const force = async (id: string, status: number, headers: Record<string, string>) => {
        const { response, error } = await named(calls, id)({ ...place, headers: { ...place.headers, ...headers } });
        assert.equal(response?.status, status, id);
        assert.equal(error?.statusCode, status, id);
        assert.match(explain(error), new RegExp(`^${status}: .`), id);
      };
      for (const documented of (await bench.mock.admin('GET', 'errors')) as Documented[]) {
        for (const id of documented.operations) {
          const operation = operations.find((o) => o.id === id);
          assert.ok(operation && examples(operation, documented.status).includes(documented.name), `${id} has no example ${documented.name}`);
          await force(id, documented.status, { 'X-Mock-Error': documented.name });
        }
      }
      for (const { id, answers } of operations) {
        if (answers.has(413)) await force(id, 413, { 'X-Mock-Status': '413' });
        if (answers.has(415)) await force(id, 415, { 'Content-Encoding': 'br' });
      }
    });

    more(bench);

    test('no answer of the document was left out', () => {
      const described = operations.flatMap((o) => [...o.answers.keys()].map((status) => `${o.id} ${status}`));
      assert.deepEqual([...bench.checked.met].sort(), described.sort());
    });
  });
}

function named<C>(calls: Record<string, C>, id: string): C {
  const found = calls[id];
  assert.ok(found, `there is no call for ${id}`);
  return found;
}
