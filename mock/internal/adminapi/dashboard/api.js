// The admin API, as the page calls it. Whatever goes wrong comes back as an Error with a message for people.

export const base = new URL('../__admin/', document.baseURI);

class Refusal extends Error {
  constructor(status, message, body) {
    super(message);
    Object.assign(this, {status, body});
  }
}

const spoken = (body, status) => {
  const message = body && body.message;
  return Array.isArray(message) ? message.join('\n') : message || `The mock answered ${status}.`;
};

// The session is part of every address; a path may carry a query of its own.
const address = (path, session) => {
  const url = new URL(path, base);
  if (session) url.searchParams.set('session', session);
  return url;
};

export const eventsAddress = (session) => address('events', session).href;

export async function call(method, path, {session, body, allow = []} = {}) {
  const options = {method, headers: {Accept: 'application/json'}};
  if (body !== undefined) {
    options.headers['Content-Type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(address(path, session), options);
  } catch {
    throw new Refusal(0, 'The mock does not answer. Is it still running?');
  }
  const text = await response.text();
  let answer = null;
  try {
    answer = text ? JSON.parse(text) : null;
  } catch {
    throw new Refusal(response.status, 'The mock answered with something that is no JSON.');
  }
  if (!response.ok && !allow.includes(response.status)) throw new Refusal(response.status, spoken(answer, response.status), answer);
  return answer;
}

export const get = (path, session) => call('GET', path, {session});

export const segment = encodeURIComponent;
