import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startMock } from '../harness/harness.mjs';
import { byField, Tokens } from './conduct.mjs';
import { libraries } from './libraries.mjs';

const ada = '/leads/00000000-0000-4000-8000-000000000001';
let mock;
let documented;
before(async () => {
  mock = await startMock();
  documented = await mock.admin('GET', 'errors');
});
after(() => mock.stop());

/** A client in a session of its own. */
async function open(make, scenarios = [], more = {}) {
  const session = await mock.session(...scenarios);
  return { session, send: make({ baseUrl: session.baseUrl, headers: { 'X-API-Key': session.apiKey }, ...more }) };
}

/** What a call failed with, as the library lets a program see it. */
async function failed(library, call) {
  try {
    await call;
  } catch (error) {
    return library.failure(error);
  }
  throw new assert.AssertionError({ message: 'the call did not fail' });
}

/** A call whose documented example is that error: the leads' routes have them all. */
function callOf(error) {
  if (error === 'bad_request' || error === 'conflict') return ['POST', '/leads', { json: {} }];
  if (error === 'unprocessable') return ['POST', `${ada}/convert`, { json: {} }];
  return ['GET', error === 'not_found' ? '/leads/abc123' : '/leads'];
}

// One library after the other: they share Node's pool of connections, and axios takes the reset of one for its own.
for (const library of libraries) {
  describe(library.name, { concurrency: true }, () => {
    test('every documented error comes with its status, body and headers', async () => {
      const { send } = await open(library.plain);
      for (const error of documented) {
        const [method, path, more] = callOf(error.name);
        const answer = await failed(library, send(method, path, { ...more, headers: { 'X-Mock-Error': error.name, 'X-Request-Id': `${error.name}-1` } }));
        assert.deepEqual({ name: error.name, status: answer.status, body: answer.body }, { name: error.name, status: error.status, body: error.body });
        assert.equal(answer.header('Retry-After'), error.headers['Retry-After'] ?? null, error.name);
        assert.equal(answer.header('X-Request-Id'), `${error.name}-1`);
        assert.equal(answer.header('X-Mock-Decision'), 'directive');
        assert.match(answer.header('X-RateLimit-Remaining'), /^\d+$/);
      }
    });

    test('the messages of a validation reach the fields of a form', async () => {
      const { send } = await open(library.plain);
      const { body } = await failed(library, send('POST', '/leads', { json: { email: 'not-an-email', lastName: 'Lovelace', status: 'WON', nickname: 'Ada' } }));
      assert.deepEqual(byField(body.message), {
        nickname: 'property nickname should not exist',
        email: 'email must be an email',
        firstName: 'firstName should not be empty',
        status: 'status must be one of: NEW, CONTACTED, QUALIFIED, LOST',
      });
    });

    test('answers, created records and empty answers are read', async () => {
      const { send } = await open(library.plain);
      const list = await send('GET', '/leads?limit=2');
      assert.deepEqual([list.status, list.body.length, list.header('X-Total-Count')], [200, 2, '214']);
      const created = await send('POST', '/leads', { json: { firstName: 'Alan', lastName: 'Turing' } });
      assert.deepEqual([created.status, created.body.status], [201, 'NEW']);
      assert.ok(created.header('Location').endsWith(`/leads/${created.body.id}`));
      const { status, body } = await send('DELETE', ada);
      assert.deepEqual([status, body], [204, undefined]);
      assert.equal((await failed(library, send('GET', ada))).status, 404);
    });

    test('after a 503 the list comes when the announced waits are over', async () => {
      const { send } = await open(library.patient, ['flaky-list']);
      const from = performance.now();
      assert.equal((await send('GET', '/leads')).status, 200);
      assert.ok(performance.now() - from >= 4000, 'twice 2 s were announced');
    });

    test('after a 429 the list comes when the announced wait is over', async () => {
      const { send } = await open(library.patient);
      const from = performance.now();
      const { status } = await send('GET', '/leads', { headers: { 'X-Mock-Error': 'rate_limited', 'X-Mock-Retry-After': '1', 'X-Mock-Times': '1' } });
      assert.equal(status, 200);
      assert.ok(performance.now() - from >= 1000);
    });

    test('a write whose answer was lost is not repeated', async () => {
      const { send } = await open(library.patient, ['ghost-writes']);
      const lead = { firstName: 'Grace', lastName: 'Hopper', email: 'grace.hopper@example.com' };
      assert.equal((await failed(library, send('POST', '/leads', { json: lead }))).reason, library.faults.CONNECTION_RESET_BY_PEER);
      const { body } = await send('GET', '/leads?email=grace.hopper@example.com');
      assert.equal(body.length, 1, 'it was carried out, once');
    });

    for (const scenario of ['session-expiry', 'refresh-fails']) {
      test(`after a 401 the token is renewed once, and all calls go on: ${scenario}`, async () => {
        const { session } = await open(library.plain, [scenario]);
        const tokens = new Tokens(session.baseUrl, session.token);
        const send = library.renewing({ baseUrl: session.baseUrl, tokens });
        const answers = await Promise.all(['/leads?limit=1', ada, '/leads/stats'].map((path) => send('GET', path)));
        assert.deepEqual(answers.map((a) => a.status), [200, 200, 200]);
        assert.equal((await send('PATCH', ada, { json: { company: 'Analytical Engines' } })).status, 200);
        assert.notEqual(tokens.current, session.token);
        assert.deepEqual((await mock.admin('GET', `audit?session=${session.id}`)).findings, []);
      });
    }

    for (const [fault, reason] of Object.entries(library.faults)) {
      test(`a fault is told from an error: ${fault}`, async () => {
        const { send } = await open(library.plain, [], { timeout: fault === 'HANG' ? 500 : 10_000 });
        assert.deepEqual(await failed(library, send('GET', '/leads', { headers: { 'X-Mock-Fault': fault } })), { reason });
        assert.equal((await send('GET', '/leads/stats')).status, 200);
      });
    }

    test('offline, every call fails at once; when the network is back, they succeed', async () => {
      const { session, send } = await open(library.plain, ['offline']);
      for (const path of ['/leads', ada, '/auth/me']) {
        assert.deepEqual(await failed(library, send('GET', path)), { reason: library.faults.CONNECTION_RESET_BY_PEER });
      }
      await mock.admin('PUT', `scenarios/offline?session=${session.id}`, { active: false });
      // Another call than before: within 100 ms the mock would take the same one for a browser's own repetition of it.
      assert.equal((await send('GET', '/leads/stats')).status, 200);
    });
  });
}
