// What the well-configured clients have in common: which calls they repeat, when, and how they renew a token.

/** The longest wait that a client takes from an answer; a person would not wait longer. In milliseconds. */
export const longest = 60_000;

/** Only what can be asked for twice is repeated, and only where another attempt can help. */
export function repeatable(method, status) {
  return ['GET', 'HEAD', 'PUT', 'DELETE'].includes(method) && (status === undefined || status === 429 || status >= 500);
}

/** As long as the answer says, and else twice as long as before; with some chance, since calls that failed together must not come back together. */
export function nextDelay(attempt, retryAfter, most = longest) {
  const announced = waitOf(retryAfter);
  return announced === undefined ? 250 * 2 ** (attempt - 1) * (1 + Math.random() / 4) : Math.min(announced, most) + spread();
}

/** Up to two seconds more than was announced. */
export const spread = () => 2000 * Math.random();

/** Retry-After in milliseconds, from seconds or a date; undefined for anything else. */
export function waitOf(retryAfter) {
  if (/^\d+$/.test(retryAfter ?? '')) return Number(retryAfter) * 1000;
  const date = /^\w{3}, /.test(retryAfter ?? '') ? Date.parse(retryAfter) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** Why there was no answer: fetch throws a TypeError for everything, and has the reason among its causes. */
export function reasonOf(error) {
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return typeof error.code === 'string' ? error.code : error.name;
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The token of somebody who is logged in. However many calls find it expired, it is renewed once. */
export class Tokens {
  #renewal;

  constructor(baseUrl, token) {
    this.baseUrl = baseUrl;
    this.current = token;
  }

  /** Gives another token than the one that was refused: by a refresh or, if that is refused too, by logging in. */
  renew(refused) {
    if (this.current !== refused) return Promise.resolve(this.current);
    this.#renewal ??= this.#exchange(refused).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #exchange(refused) {
    let response = await fetch(`${this.baseUrl}/auth/refresh`, { method: 'POST', headers: { Authorization: `Bearer ${refused}` } });
    if (response.status === 401) {
      response = await fetch(`${this.baseUrl}/auth/login`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ email: 'ada.admin@example.com', password: 'password' }),
      });
    }
    if (!response.ok) throw new Error(`no new token: ${response.status}`);
    this.current = (await response.json()).access_token;
    return this.current;
  }
}

/** The messages of a validation, by the field that each is about: what a form shows beside its inputs. */
export function byField(messages) {
  return Object.fromEntries(messages.map((message) => [message.replace(/^property /, '').split(' ')[0], message]));
}

/** The field that a conflict is about, in "Lead with email ada@example.com already exists": where a form shows it. */
export const fieldOf = (message) => /^\w+ with (\w+) /.exec(message)?.[1];

/** Whether that is a lead that can be shown. */
function isLead(lead) {
  return /^[^@]+@[^@]+$/.test(lead?.email ?? 'none@given') && ['NEW', 'CONTACTED', 'QUALIFIED', 'LOST', 'CONVERTED'].includes(lead?.status) && typeof lead.id === 'string';
}

/** A lead as an answer has it; what is none is an error to show. */
export function readLead(body) {
  if (!isLead(body)) throw new TypeError('the answer is no lead');
  return body;
}

/** The leads of a list that can be shown, and how many cannot. What is no list is an error to show. */
export function readLeads(body) {
  if (!Array.isArray(body)) throw new TypeError('the answer is no list of leads');
  const leads = body.filter(isLead);
  return { leads, broken: body.length - leads.length };
}
