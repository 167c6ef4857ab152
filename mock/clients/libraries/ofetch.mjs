// ofetch (Nuxt's $fetch) throws a FetchError with status and data, and repeats a GET once by itself.

import { FetchError, ofetch } from 'ofetch';

import { nextDelay, reasonOf, repeatable } from './conduct.mjs';

export const name = 'ofetch';

function sender(http) {
  return async (method, path, { json, headers } = {}) => {
    const response = await http.raw(path, { method, body: json, headers });
    // A body that is no JSON comes as a string, as if all were well.
    if (typeof response._data === 'string') throw new SyntaxError('the answer is no JSON');
    return { status: response.status, body: response._data, header: (name) => response.headers.get(name) };
  };
}

const create = ({ baseUrl, headers, timeout = 5000 }, more) => ofetch.create({ baseURL: baseUrl, headers, timeout, ...more });

export const plain = (options) => sender(create(options, { retry: 0 }));

/** As it comes: one retry of a GET, at once, whatever Retry-After says, and after a 409 too. */
export const usual = (options) => sender(create(options));

export function patient(options) {
  const limit = 3;
  const attempt = (context) => limit - context.options.retry + 1;
  return (method, path, more) =>
    sender(
      create(options, {
        retry: repeatable(method, undefined) ? limit : 0,
        retryStatusCodes: [429, 500, 502, 503, 504],
        retryDelay: (context) => nextDelay(attempt(context), context.response?.headers.get('Retry-After'), options.longest),
      }),
    )(method, path, more);
}

export function renewing({ baseUrl, tokens }) {
  const send = (token) => sender(create({ baseUrl, headers: { Authorization: `Bearer ${token}` } }, { retry: 0 }));
  return async (method, path, more) => {
    const token = tokens.current;
    try {
      return await send(token)(method, path, more);
    } catch (error) {
      if (error.status !== 401) throw error;
      return send(await tokens.renew(token))(method, path, more);
    }
  };
}

export function failure(error) {
  if (error instanceof FetchError && error.response) {
    return { status: error.status, body: error.data, header: (name) => error.response.headers.get(name) };
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
