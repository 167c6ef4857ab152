// The shipped scenarios that are not about connections and tokens (those are in libraries.test.mjs), as each library meets them.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { startMock } from '../harness/harness.mjs';
import { byField, fieldOf, readLead, readLeads } from './conduct.mjs';
import { libraries } from './libraries.mjs';

const ada = '/leads/00000000-0000-4000-8000-000000000001';
let mock;
before(async () => {
  mock = await startMock();
});
after(() => mock.stop());

/** A library in a session of its own, in which a scenario is in force. */
class Stage {
  constructor(library, session) {
    this.library = library;
    this.session = session;
  }

  /** A client. Each call has a request id of its own, so that it is a query of its own: TanStack Query first shows what it has of the same one. */
  client(make, more = {}) {
    const send = make({ baseUrl: this.session.baseUrl, headers: { 'X-API-Key': this.session.apiKey }, ...more });
    return (method, path, { json } = {}) => send(method, path, { json, headers: { 'X-Request-Id': randomUUID() } });
  }

  /** What a call failed with, as the library lets a program see it. */
  async failed(call) {
    try {
      await call;
    } catch (error) {
      return this.library.failure(error);
    }
    throw new assert.AssertionError({ message: 'the call did not fail' });
  }

  admin(method, path, body) {
    return mock.admin(method, `${path}?session=${this.session.id}`, body);
  }

  advance = (by) => this.admin('POST', 'clock', { advance: by });

  /** What the last requests were answered. None may have come earlier than the answer before it asked for, but for waits beyond a limit. */
  async last(number, limit = Infinity) {
    const requests = (await this.admin('GET', 'requests')).slice(-number);
    for (const [i, next] of requests.slice(1).entries()) {
      const { time, response } = requests[i];
      const from = Date.parse(time);
      const wait = Math.min(announced(response.headers['Retry-After']?.[0], from), limit);
      assert.ok(Date.parse(next.time) - from >= wait, `${wait} ms were announced`);
    }
    return requests.map((r) => r.status);
  }
}

/** The wait that a Retry-After announced at a time, in milliseconds; 0 where it makes no sense. */
function announced(header = '', from) {
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  return / GMT$/.test(header) ? Math.max(0, Date.parse(header) - from) : 0;
}

/** What each library makes of each scenario. */
const plays = {
  async 'rate-limit'(stage) {
    const send = stage.client(stage.library.patient);
    for (const remaining of ['4', '3', '2', '1', '0']) {
      assert.equal((await send('GET', `/leads?limit=1&search=${remaining}`)).header('X-RateLimit-Remaining'), remaining);
    }
    await stage.advance('8s'); // of the ten
    assert.equal((await send('GET', '/leads?limit=1')).status, 200);
    assert.deepEqual(await stage.last(2), [429, 200]);
    assert.deepEqual((await stage.admin('GET', 'audit')).findings, []);
  },

  async maintenance(stage) {
    const send = stage.client(stage.library.plain);
    assert.equal((await send('GET', '/leads/stats')).status, 200);
    await stage.advance('30s');
    for (const [method, path, more] of [['GET', '/leads'], ['POST', '/auth/login', { json: { email: 'ada.admin@example.com', password: 'password' } }]]) {
      const { status, body, header } = await stage.failed(send(method, path, more));
      assert.deepEqual([status, body.message], [503, 'SalesOS is being maintained and will be back soon']);
      assert.match(header('Retry-After'), /^(19|20)$/);
    }
    await stage.advance('18s'); // of the twenty
    assert.equal((await stage.client(stage.library.patient)('GET', '/leads?limit=1')).status, 200);
    assert.deepEqual(await stage.last(2), [503, 200]);
  },

  async 'broken-payloads'(stage) {
    const { library } = stage;
    const send = stage.client(library.plain, { timeout: 10_000 });
    for (const fault of ['MALFORMED_JSON', 'TRUNCATED_BODY']) assert.deepEqual(await stage.failed(send('GET', '/leads')), { reason: library.faults[fault] });
    await page(stage, send);
    for (const none of [null, { message: 'maintenance' }]) {
      const { body } = await send('GET', '/leads');
      assert.deepEqual(body, none);
      assert.throws(() => readLeads(body), { message: 'the answer is no list of leads' });
    }
    for (const broken of [2, 20, 20]) assert.deepEqual(readLeads((await send('GET', '/leads')).body), { leads: [], broken });
    const { leads, broken } = readLeads((await send('GET', '/leads')).body);
    assert.deepEqual([leads.length, broken], [20, 0]);

    assert.deepEqual(await stage.failed(send('GET', ada)), { reason: library.faults.MALFORMED_JSON });
    for (let step = 2; step <= 5; step++) {
      const { body } = await send('GET', ada);
      assert.throws(() => readLead(body), { message: 'the answer is no lead' }, `step ${step}`);
    }
    assert.equal(readLead((await send('GET', ada)).body).firstName, 'Ada');

    for (const fault of ['MALFORMED_JSON', 'TRUNCATED_BODY']) {
      const email = `${fault.toLowerCase()}@example.com`;
      const lead = { firstName: 'Grace', lastName: 'Hopper', email };
      assert.deepEqual(await stage.failed(stage.client(library.patient)('POST', '/leads', { json: lead })), { reason: library.faults[fault] });
      assert.equal((await send('GET', `/leads?email=${email}`)).body.length, 1, 'it is written, and once');
    }
  },

  async 'ugly-retry-after'(stage) {
    const longest = 1500;
    const send = stage.client(stage.library.patient, { longest });
    for (const [statuses, header] of [[[503, 429, 503, 429], '-1'], [[503, 429, 503, 429], null]]) {
      const from = performance.now();
      const refused = await stage.failed(send('GET', '/leads/stats'));
      assert.deepEqual([refused.status, refused.header('Retry-After')], [429, header]);
      assert.deepEqual(await stage.last(4, longest), statuses);
      const took = performance.now() - from;
      assert.ok(took >= longest && took < 15_000, `it took ${took} ms`);
    }
    assert.equal((await send('GET', '/leads/stats')).status, 200, 'three thousand years are too long');
    assert.deepEqual(await stage.last(2, longest), [503, 200]);
  },

  async 'duplicate-email-race'(stage) {
    const send = stage.client(stage.library.patient);
    const lead = { firstName: 'Radia', lastName: 'Perlman', email: 'radia@example.com' };
    const invalid = await stage.failed(send('POST', '/leads', { json: { email: 'radia', lastName: 'Perlman' } }));
    assert.deepEqual(Object.keys(byField(invalid.body.message)), ['email', 'firstName']);
    for (const attempt of ['at the last moment', 'as it is there']) {
      const { status, body } = await stage.failed(send('POST', '/leads', { json: lead }));
      assert.deepEqual([status, body.message, fieldOf(body.message)], [409, 'Lead with email radia@example.com already exists', 'email'], attempt);
    }
    assert.equal((await send('GET', '/leads?email=radia@example.com')).body.length, 1);
    assert.equal((await send('POST', '/leads', { json: { ...lead, email: 'perlman@example.com' } })).status, 201);
    assert.deepEqual(await stage.last(5), [400, 409, 409, 200, 201], 'nothing is repeated');
  },

  async 'documented-errors'(stage) {
    const send = stage.client(stage.library.plain);
    const errors = await mock.admin('GET', 'errors');
    for (const [method, path, more] of [['GET', '/leads/stats'], ['PATCH', ada, { json: { company: 'Analytical Engines' } }]]) {
      const met = [];
      for (let n = 0; n < errors.length; n++) met.push((await stage.failed(send(method, path, more))).status);
      assert.deepEqual(met.sort(), errors.map((error) => error.status).sort());
      assert.equal((await send(method, path, more)).status, 200);
    }
  },

  async 'slow-network'(stage) {
    const from = performance.now();
    assert.equal((await stage.client(stage.library.plain, { timeout: 20_000 })('GET', '/leads')).body.length, 20);
    assert.ok(performance.now() - from >= 1000, 'the list dribbles');
    const hasty = stage.client(stage.library.plain, { timeout: 20 });
    assert.deepEqual(await stage.failed(hasty('GET', '/leads/stats')), { reason: stage.library.faults.HANG });
  },
};

/** The third of the broken payloads is the real list, called a web page. Only ofetch goes by that. */
async function page(stage, send) {
  if (stage.library.name === 'ofetch') assert.deepEqual(await stage.failed(send('GET', '/leads')), { reason: 'SyntaxError' });
  else assert.equal(readLeads((await send('GET', '/leads')).body).leads.length, 20);
}

const elsewhere = ['flaky-list', 'ghost-writes', 'offline', 'refresh-fails', 'session-expiry']; // in libraries.test.mjs

test('every shipped scenario is met', async () => {
  const shipped = (await mock.admin('GET', 'scenarios')).map((scenario) => scenario.name);
  assert.deepEqual([...Object.keys(plays), ...elsewhere].sort(), shipped.sort());
});

// One library after the other: they share Node's pool of connections.
for (const library of libraries) {
  describe(library.name, { concurrency: true }, () => {
    for (const [scenario, play] of Object.entries(plays)) {
      test(scenario, async () => play(new Stage(library, await mock.session(scenario))));
    }
  });
}
