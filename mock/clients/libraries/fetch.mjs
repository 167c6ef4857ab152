// The fetch of browsers and of Node, with what the documentation asks of a client written by hand: tell errors by their
// status, show the messages of a validation, wait as long as the answer says, log in again after a 401.

import { nextDelay, pause, reasonOf, repeatable } from './conduct.mjs';

export const name = 'fetch';

/** An answer that is an error. fetch itself throws none: it takes response.ok to see it. */
class ApiError extends Error {
  constructor(response, body) {
    super(`${response.status} ${[body.message].flat().join('; ')}`);
    this.response = response;
    this.body = body;
  }
}

/** As people call it, without retries. fetch has none of its own, so that it is also what is `usual`. */
export function plain({ baseUrl, headers, timeout = 5000 }) {
  return async (method, path, { json, headers: more } = {}) => {
    const response = await fetch(baseUrl + path, {
      method,
      headers: { ...headers, ...more, ...(json && { 'Content-Type': 'application/json' }) },
      body: json && JSON.stringify(json),
      signal: AbortSignal.timeout(timeout),
    });
    if (!response.ok) throw new ApiError(response, await response.json());
    const body = response.status === 204 ? undefined : await response.json();
    return { status: response.status, body, header: (name) => response.headers.get(name) };
  };
}

export const usual = plain;

/** A loop around it: what may be repeated is repeated, when the answer says so, else after longer and longer waits. */
export function patient(options) {
  const send = plain(options);
  return async (method, path, more) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await send(method, path, more);
      } catch (error) {
        const { status, header } = failure(error);
        if (attempt > 3 || !repeatable(method, status)) throw error;
        await pause(nextDelay(attempt, header?.('Retry-After'), options.longest));
      }
    }
  };
}

/** After a 401 the token is renewed and the call made once more. */
export function renewing({ baseUrl, tokens }) {
  return async (method, path, more) => {
    const token = tokens.current;
    const send = (token) => plain({ baseUrl, headers: { Authorization: `Bearer ${token}` } })(method, path, more);
    try {
      return await send(token);
    } catch (error) {
      if (failure(error).status !== 401) throw error;
      return send(await tokens.renew(token));
    }
  };
}

/** What a program can learn from what was thrown. */
export function failure(error) {
  if (error instanceof ApiError) {
    return { status: error.response.status, body: error.body, header: (name) => error.response.headers.get(name) };
  }
  return { reason: reasonOf(error) };
}

/** How faults look: everything on the way is a TypeError, and Node alone says why. */
export const faults = {
  CONNECTION_RESET_BY_PEER: 'ECONNRESET',
  MALFORMED_RESPONSE_CHUNK: 'HPE_INVALID_CHUNK_SIZE',
  EMPTY_RESPONSE: 'UND_ERR_SOCKET',
  RANDOM_DATA_THEN_CLOSE: 'HPE_INVALID_CONSTANT',
  TRUNCATED_BODY: 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  MALFORMED_JSON: 'SyntaxError',
  HANG: 'TimeoutError',
};
