// The client under test. Yours is better.

/** An answer that was no success. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string | string[]} message
   */
  constructor(status, message) {
    super([message].flat().join(', '));
    this.status = status;
  }
}

/**
 * @param {string} api the base address, as in http://localhost:4000/api
 * @param {Record<string, string>} credentials headers
 * @returns {Promise<{ id: string, firstName: string, lastName: string, email: string }[]>}
 */
export const listLeads = (api, credentials) => call(`${api}/leads?limit=3`, { headers: credentials });

/**
 * @param {string} api
 * @param {Record<string, string>} credentials
 * @param {object} lead
 * @returns {Promise<{ id: string, status: string }>}
 */
export const createLead = (api, credentials, lead) =>
  call(`${api}/leads`, { method: 'POST', headers: { ...credentials, 'Content-Type': 'application/json' }, body: JSON.stringify(lead) });

/**
 * @param {string} api
 * @returns {Promise<{ accessToken: string }>}
 */
export const logIn = (api, email = 'ada.admin@example.com', password = 'password') =>
  call(`${api}/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });

/**
 * @param {string} address
 * @param {RequestInit} init
 */
async function call(address, init) {
  const response = await fetch(address, init);
  const body = await response.json();
  if (!response.ok) throw new ApiError(response.status, body.message);
  return body;
}
