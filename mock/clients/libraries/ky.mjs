// ky throws an HTTPError with the response, whose body is still to be read, and repeats safe methods by itself.

import ky, { HTTPError } from 'ky';

import { nextDelay, pause, reasonOf } from './conduct.mjs';

export const name = 'ky';

function sender(http) {
  return async (method, path, { json, headers = {} } = {}) => {
    const response = await http(path.slice(1), { method, json, headers });
    return { status: response.status, body: response.status === 204 ? undefined : await response.json(), header: (name) => response.headers.get(name) };
  };
}

/** The errors keep their bodies: afterwards nobody could read them twice. */
const keepBody = async (error) => {
  error.body = await error.response.json();
  return error;
};

const create = ({ baseUrl, headers, timeout = 5000 }, more) =>
  ky.create({ prefixUrl: baseUrl, headers, timeout, hooks: { beforeError: [keepBody] }, ...more });

export const plain = (options) => sender(create(options, { retry: 0 }));

/** As it comes: two retries of GET, PUT and DELETE, after 429 and 503 when the answer says so, else after 1 s and 2 s. */
export const usual = (options) => sender(create(options));

/** Its own choice of what to repeat, but not of when: it waits as long as it may after a Retry-After that it cannot read, and adds nothing to one that it can. */
export const patient = (options) =>
  sender(
    create(options, {
      retry: { limit: 3, afterStatusCodes: [], delay: () => 0 },
      hooks: {
        beforeError: [keepBody],
        beforeRetry: [({ error, retryCount }) => pause(nextDelay(retryCount, error.response?.headers.get('Retry-After'), options.longest))],
      },
    }),
  );

export function renewing({ baseUrl, tokens }) {
  const authorize = (request) => request.headers.set('Authorization', `Bearer ${tokens.current}`);
  const renew = async (request, _options, response) => {
    if (response.status !== 401) return undefined;
    const token = await tokens.renew(request.headers.get('Authorization').slice('Bearer '.length));
    request.headers.set('Authorization', `Bearer ${token}`);
    return ky(request, { retry: 0 });
  };
  return sender(create({ baseUrl }, { retry: 0, hooks: { beforeRequest: [authorize], afterResponse: [renew], beforeError: [keepBody] } }));
}

export function failure(error) {
  if (error instanceof HTTPError) {
    return { status: error.response.status, body: error.body, header: (name) => error.response.headers.get(name) };
  }
  return { reason: reasonOf(error) };
}

export const faults = {
  CONNECTION_RESET_BY_PEER: 'ECONNRESET',
  MALFORMED_RESPONSE_CHUNK: 'HPE_INVALID_CHUNK_SIZE',
  EMPTY_RESPONSE: 'UND_ERR_SOCKET',
  RANDOM_DATA_THEN_CLOSE: 'HPE_INVALID_CONSTANT',
  TRUNCATED_BODY: 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  MALFORMED_JSON: 'SyntaxError',
  HANG: 'TimeoutError',
};
