// The rules that the page puts in force, in the grammar of scenario files. Each has an id of its own, so that a second
// click finds it again, also after the page was loaded anew.
import {get, segment} from './api.js';

const prefix = 'dash.';
export const latencyID = `${prefix}latency`;
export const offlineID = `${prefix}offline`;
export const everything = {id: 'everything', method: '*', path: 'every route', errors: []};

const hash = (text) => {
  let h = 5381;
  for (const c of text) h = (h * 33 + c.codePointAt(0)) % 2147483647;
  return h.toString(36);
};

// ruleID fits in the 64 characters that an id may have.
export const ruleID = (operation, error) => {
  const id = `${prefix}${operation.id}.${error}`;
  return id.length <= 64 && /^[A-Za-z0-9._-]+$/.test(id) ? id : `${prefix}${hash(operation.id)}.${error}`;
};

export const faults = [
  ['CONNECTION_RESET_BY_PEER', 'connection reset'], ['EMPTY_RESPONSE', 'empty response'], ['MALFORMED_RESPONSE_CHUNK', 'malformed chunk'],
  ['RANDOM_DATA_THEN_CLOSE', 'random data'], ['TRUNCATED_BODY', 'truncated body'], ['MALFORMED_JSON', 'malformed JSON'], ['HANG', 'no answer at all'],
];

// shortFault is what a fault is called where there is little room.
export const shortFault = (name) => (faults.find(([fault]) => fault === name) || [name, name])[1];

const needsAnswer = (fault) => fault === 'TRUNCATED_BODY' || fault === 'MALFORMED_JSON';

// step is what the rule does, by the choices above the matrix.
function step(error, how) {
  const s = error === 'fault' ? {fault: how.fault} : {error};
  if (how.often === 'once') s.times = 1;
  if (how.often === 'times') s.times = Number(how.times) || 1;
  if (how.delay.trim()) s.delay = how.delay.trim();
  if (how.retryAfter.trim() && error !== 'fault') s.retryAfter = /^\d+$/.test(how.retryAfter.trim()) ? Number(how.retryAfter) : how.retryAfter.trim();
  if (how.commit === 'after' && !needsAnswer(s.fault)) s.commit = 'after';
  return s;
}

export function ruleFor(operation, error, how) {
  const everywhere = operation === everything;
  const name = `${error === 'fault' ? how.fault : error} on ${everywhere ? 'every route' : `${operation.method} ${operation.path}`}`;
  const rule = {name, respond: step(error, how)};
  if (!everywhere) rule.when = {method: operation.method, path: operation.path};
  return rule;
}

// ruleAddress narrows a rule to its operation: the path /leads/{id} alone would fit /leads/stats as well.
export const ruleAddress = (id, operation) => `rules/${segment(id)}${operation && operation !== everything ? `?operation=${segment(operation.id)}` : ''}`;

const operationOf = ({rule}, operations) => rule.when && operations.find((o) => o.method === rule.when.method && o.path === rule.when.path);

// Rules are asked in the order in which they were added, and the first that answers ends the search: what holds for
// everything goes first. The others are then added again, with what is left of them.
export async function putFirst(world, operations, id, rule) {
  const there = (await get('rules', world.session)).filter((r) => r.id.startsWith(prefix) && !r.spent);
  const others = there.filter((r) => r.id !== id);
  if (there.some((r) => r.id === id)) {
    await world.act('POST', `rules/${segment(id)}`, {body: rule});
    return;
  }
  for (const r of others) await world.act('DELETE', `rules/${segment(r.id)}`);
  await world.act('POST', `rules/${segment(id)}`, {body: rule});
  for (const r of others) await world.act('POST', ruleAddress(r.id, operationOf(r, operations)), {body: whatIsLeft(r)});
}

function whatIsLeft({rule, step: progress}) {
  const [used, of] = (progress || '').split('/').map(Number);
  if (!used || Array.isArray(rule.respond)) return rule;
  return {...rule, respond: {...rule.respond, times: of - used}};
}
