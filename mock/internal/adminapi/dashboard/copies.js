// A request, to be sent again from a shell or a page, or to be made into a scenario. Secrets are not in the journal: in their
// place comes a fresh token of the same caller.
import {call} from './api.js';

const redacted = '[redacted]';
const ofTheClient = /^(host|content-length|connection|accept-encoding|user-agent|origin|referer|sec-.*|priority|pragma|cache-control|dnt|te|transfer-encoding|keep-alive|upgrade-insecure-requests|cookie)$/i;

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

// headersOf are those that matter, credentials made good.
async function headersOf(view) {
  const headers = [];
  for (const [name, values] of Object.entries(view.request.headers)) {
    if (ofTheClient.test(name)) continue;
    for (const value of values) {
      if (!value.includes(redacted)) headers.push([name, value]);
      else if (/^(authorization|x-api-key)$/i.test(name)) headers.push(['Authorization', `Bearer ${await freshToken(view)}`]);
    }
  }
  return headers;
}

async function freshToken(view) {
  const caller = view.caller || {};
  const body = {};
  if (caller.user) body.user = caller.user;
  const {token} = await call('POST', 'tokens', {session: view.session, body});
  return token;
}

// address is where the API is, which need not be where this page is: --admin-port parts the two.
async function address(view) {
  const {baseUrl} = await call('GET', 'sessions/default');
  return new URL(baseUrl).origin + view.path + (view.query ? `?${view.query}` : '');
}

const hasBody = (view) => Boolean(view.request.body);

export async function asCurl(view) {
  const words = ['curl -i'];
  if (view.method !== 'GET') words.push(`-X ${view.method}`);
  for (const [name, value] of await headersOf(view)) words.push(`-H ${quote(`${name}: ${value}`)}`);
  if (hasBody(view)) words.push(`--data-raw ${quote(view.request.body)}`);
  words.push(quote(await address(view)));
  return words.join(' \\\n  ');
}

export async function asFetch(view) {
  const options = {method: view.method, headers: Object.fromEntries(await headersOf(view))};
  if (hasBody(view)) options.body = view.request.body;
  return `await fetch(${JSON.stringify(await address(view))}, ${JSON.stringify(options, null, 2)})`;
}

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

// answerOf is the step that makes the same answer again.
function answerOf(view) {
  if (view.fault) return {fault: view.fault};
  if (!view.status) return {fault: 'HANG'};
  const body = view.response.bodyCut ? undefined : parsed(view.response.body || '');
  if (view.status >= 400) return failureOf(view, body);
  if (body !== undefined) return {status: view.status, body};
  return {delay: `${Math.max(1, Math.round(view.durationMs))}ms`};
}

// A status stands for the documented error that has it; of the two with 400, validation is the one with several messages.
function failureOf(view, body) {
  const message = body && body.message;
  const step = view.status === 400 && Array.isArray(message) ? {error: 'validation'} : {status: view.status};
  if (message) step.message = message;
  const after = Object.entries(view.response.headers).find(([name]) => name.toLowerCase() === 'retry-after');
  if (after) step.retryAfter = /^\d+$/.test(after[1][0]) ? Number(after[1][0]) : after[1][0];
  return step;
}

// A scenario file is YAML, of which JSON is a part: values written as JSON mean what they meant.
export function asScenario(view) {
  const path = view.path.replace(/^\/__s\/[^/]+/, '');
  const name = `${view.method} ${path} ${view.fault || view.status || 'no answer'}`.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
  const json = (value) => JSON.stringify(value);
  return `# scenarios/NAME.yaml; then: PUT /__admin/scenarios/NAME {"active": true}, or the switch in the dashboard
description: ${json(`${view.method} ${path} as it was answered on ${view.time}`)}
rules:
  - name: ${name}
    when: ${json({method: view.method, path})}
    respond: ${json(answerOf(view))}
`;
}
