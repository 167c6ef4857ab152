// What the audit finds in the conduct of each library: as it comes, and as the documentation asks for it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { startMock } from '../harness/harness.mjs';
import { libraries } from './libraries.mjs';

/** @type {import('../harness/harness.mjs').Mock} */
let mock;
/** Where connections are closed after each answer: a write that fails on a used one may be repeated by the transport, which nobody is blamed for. */
let lossy;
before(async () => {
  [mock, lossy] = await Promise.all([startMock(), startMock('--scenario', 'ghost-writes')]);
});
after(() => Promise.all([mock.stop(), lossy.stop()]));

const situations = {
  'a 503 asks for a wait of two seconds': {
    rule: { when: { path: '/leads/stats' }, respond: { error: 'unavailable', retryAfter: 2, times: 1 } },
    act: (send) => send('GET', '/leads/stats'),
  },
  'a 500 comes twice, without a hint': {
    rule: { when: { path: '/leads/stats' }, respond: { error: 'internal', times: 2 } },
    act: (send) => send('GET', '/leads/stats'),
  },
  'a lead is not there': {
    act: (send) => send('GET', '/leads/abc123'),
  },
  'five calls are answered 429 at the same time': {
    rule: { when: { path: '/leads/{id}' }, per: 'path', respond: { error: 'rate_limited', retryAfter: 1, delay: '400ms', times: 1 } }, // late, so that all have begun by then
    act: (send) => Promise.allSettled([1, 2, 3, 4, 5].map((n) => send('GET', `/leads/00000000-0000-4000-8000-00000000000${n}`))),
  },
  'the answer to a created lead is lost': {
    lossy: true,
    act: (send) => send('POST', '/leads', { json: { firstName: 'Grace', lastName: 'Hopper' } }),
  },
};

/** What is found in a library as it comes, by situation; nothing where it is left out. */
const expected = {
  // Never repeats anything.
  fetch: {},
  'axios and axios-retry': {
    // Waits only when the answer says so.
    'a 500 comes twice, without a hint': ['backoff failure'],
    // As long as the answer says, to the millisecond: all come back together.
    'five calls are answered 429 at the same time': ['stampede failure'],
    // After a network error it repeats every method, POST too, and at once.
    'the answer to a created lead is lost': ['backoff advice', 'unsafe-retry failure'],
  },
  ky: {
    'five calls are answered 429 at the same time': ['stampede failure'],
  },
  got: {
    'five calls are answered 429 at the same time': ['stampede failure'],
  },
  ofetch: {
    // One more attempt at once, whatever Retry-After says.
    'a 503 asks for a wait of two seconds': ['retry-after failure'],
    'a 500 comes twice, without a hint': ['backoff advice'],
    'five calls are answered 429 at the same time': ['retry-after failure'],
  },
  'TanStack Query': {
    // 1, 2 and 4 seconds, whatever Retry-After says.
    'a 503 asks for a wait of two seconds': ['retry-after failure'],
    // It does not ask what kind of error it was.
    'a lead is not there': ['no-retry failure'],
    'five calls are answered 429 at the same time': ['stampede failure'],
  },
};

/** What a client is found to have done, in a session of its own. */
async function findings(make, { rule, act, lossy: lose }) {
  const server = lose ? lossy : mock;
  const session = await server.session();
  if (rule) await server.admin('POST', `rules?session=${session.id}`, rule);
  await act(make({ baseUrl: session.baseUrl, headers: { 'X-API-Key': session.apiKey } })).catch(() => undefined);
  const { findings } = await server.admin('GET', `audit?session=${session.id}`);
  return [...new Set(findings.map((f) => `${f.rule} ${f.severity}`))].sort();
}

/** What a client is expected to be found to have done. On a busy machine what is sent at once comes late: it has some attempts. */
async function finds(want, make, situation) {
  for (let attempts = 5; ; attempts--) {
    const found = await findings(make, situation);
    if (attempts === 1 || isDeepStrictEqual(found, want)) return assert.deepEqual(found, want);
  }
}

describe('audit', { concurrency: true }, () => {
  for (const library of libraries) {
    for (const [name, situation] of Object.entries(situations)) {
      test(`${library.name}, as it comes: ${name}`, async () => {
        await finds(expected[library.name][name] ?? [], library.usual, situation);
      });
      test(`${library.name}, well configured: ${name}`, async () => {
        assert.deepEqual(await findings(library.patient, situation), []);
      });
    }
  }
});
