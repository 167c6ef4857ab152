// axios throws for a status that is an error, and keeps the answer in error.response; axios-retry repeats calls.

import axios, { AxiosError } from 'axios';
import axiosRetry from 'axios-retry';

import { nextDelay, repeatable } from './conduct.mjs';

export const name = 'axios and axios-retry';

function create({ baseUrl, headers, timeout = 5000 }) {
  // Without `transitional` axios returns a body that is no JSON as a string, as if all were well.
  return axios.create({ baseURL: baseUrl, headers, timeout, transitional: { silentJSONParsing: false }, responseType: 'json' });
}

function sender(http) {
  return async (method, path, { json, headers } = {}) => {
    const response = await http.request({ method, url: path, data: json, headers });
    return { status: response.status, body: response.status === 204 ? undefined : response.data, header: (name) => response.headers.get(name) ?? null };
  };
}

export const plain = (options) => sender(create(options));

/** axios-retry as it comes: three retries, at once unless the answer has a Retry-After. */
export function usual(options) {
  const http = create(options);
  axiosRetry(http);
  return sender(http);
}

export function patient(options) {
  const http = create(options);
  axiosRetry(http, {
    retries: 3,
    shouldResetTimeout: true, // else the time-out is for all attempts, with the waits between them
    retryCondition: (error) => repeatable(error.config?.method?.toUpperCase(), error.response?.status),
    retryDelay: (attempt, error) => nextDelay(attempt, error.response?.headers.get('Retry-After'), options.longest),
  });
  return sender(http);
}

/** The usual pair of interceptors. */
export function renewing({ baseUrl, tokens }) {
  const http = create({ baseUrl });
  http.interceptors.request.use((config) => {
    config.headers.set('Authorization', `Bearer ${tokens.current}`);
    return config;
  });
  http.interceptors.response.use(undefined, async (error) => {
    if (error.response?.status !== 401 || error.config.renewed) throw error;
    await tokens.renew(error.config.headers.get('Authorization').slice('Bearer '.length));
    return http.request({ ...error.config, renewed: true });
  });
  return sender(http);
}

export function failure(error) {
  if (!(error instanceof AxiosError)) return { reason: error.name };
  const { response, code } = error;
  return response?.status >= 400
    ? { status: response.status, body: response.data, header: (name) => response.headers.get(name) ?? null }
    : { reason: code };
}

export const faults = {
  CONNECTION_RESET_BY_PEER: 'ECONNRESET',
  MALFORMED_RESPONSE_CHUNK: 'HPE_INVALID_CHUNK_SIZE',
  EMPTY_RESPONSE: 'ECONNRESET',
  RANDOM_DATA_THEN_CLOSE: 'HPE_INVALID_CONSTANT',
  TRUNCATED_BODY: 'ERR_BAD_RESPONSE',
  MALFORMED_JSON: 'ERR_BAD_RESPONSE',
  HANG: 'ECONNABORTED',
};
