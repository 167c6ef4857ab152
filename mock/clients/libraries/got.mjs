// got is for Node alone. It throws an HTTPError with the response, and repeats safe methods by itself.

import got, { HTTPError } from 'got';

import { nextDelay, repeatable } from './conduct.mjs';

export const name = 'got';

function sender(http) {
  return async (method, path, { json, headers } = {}) => {
    const response = await http(path.slice(1), { method, json, headers });
    return { status: response.statusCode, body: response.statusCode === 204 ? undefined : response.body, header: (name) => response.headers[name.toLowerCase()] ?? null };
  };
}

const create = ({ baseUrl, headers, timeout = 5000 }, more) =>
  got.extend({ prefixUrl: baseUrl, headers, timeout: { request: timeout }, responseType: 'json', ...more });

export const plain = (options) => sender(create(options, { retry: { limit: 0 } }));

/** As it comes: two retries of GET, PUT and DELETE, when the answer says so, else after 1 s and 2 s. */
export const usual = (options) => sender(create(options));

export function patient(options) {
  const calculateDelay = ({ attemptCount, error }) => {
    const { status, header } = failure(error);
    const method = error.options.method;
    return attemptCount > 3 || !repeatable(method, status) ? 0 : nextDelay(attemptCount, header?.('Retry-After'), options.longest);
  };
  return sender(create(options, { retry: { limit: 3, calculateDelay } }));
}

export function renewing({ baseUrl, tokens }) {
  const authorize = (options) => {
    options.headers.authorization = `Bearer ${tokens.current}`;
  };
  const renew = async (response, repeat) => {
    if (response.statusCode !== 401) return response;
    const token = await tokens.renew(response.request.options.headers.authorization.slice('Bearer '.length));
    return repeat({ headers: { authorization: `Bearer ${token}` } });
  };
  return sender(create({ baseUrl }, { retry: { limit: 0 }, hooks: { beforeRequest: [authorize], afterResponse: [renew] } }));
}

export function failure(error) {
  if (error instanceof HTTPError) {
    return { status: error.response.statusCode, body: error.response.body, header: (name) => error.response.headers[name.toLowerCase()] ?? null };
  }
  return { reason: error.code };
}

export const faults = {
  CONNECTION_RESET_BY_PEER: 'ECONNRESET',
  MALFORMED_RESPONSE_CHUNK: 'HPE_INVALID_CHUNK_SIZE',
  EMPTY_RESPONSE: 'ECONNRESET',
  RANDOM_DATA_THEN_CLOSE: 'HPE_INVALID_CONSTANT',
  TRUNCATED_BODY: 'ECONNRESET',
  MALFORMED_JSON: 'ERR_BODY_PARSE_FAILURE',
  HANG: 'ETIMEDOUT',
};
