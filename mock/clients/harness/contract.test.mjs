// A check that finds nothing has shown nothing: here good exchanges are broken in every way, and good ones judged by a document in
// which something is missing.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { Contract, journalProblems } from './contract.mjs';
import { startMock } from './harness.mjs';

const json = { 'Content-Type': 'application/json' };

/** Stands before a mock, and tells another document than the mock does. */
async function liar({ origin }, change) {
  const server = createServer(async (request, response) => {
    const answer = await fetch(origin + request.url);
    const text = await answer.text();
    response.writeHead(answer.status, json).end(request.url.endsWith('/openapi.json') ? change(text) : text);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

const without401 = (document) => document.replaceAll('"401": {', '"402": {');

describe('one exchange', () => {
  let mock, contract, good;
  before(async () => {
    mock = await startMock();
    contract = new Contract(await mock.admin('GET', 'openapi.json'));
    const sent = '{"firstName":"Grace","lastName":"Hopper"}';
    const asked = new Headers({ ...json, 'X-API-Key': (await mock.session()).apiKey });
    const { status, headers, ...answer } = await talk('POST', '/leads', asked, sent);
    good = { method: 'POST', target: '/api/leads', asked, sent, status, headers, body: answer.body };
  });
  after(() => mock.stop());

  async function talk(method, path, headers, body) {
    const response = await fetch(mock.api + path, { method, headers, body });
    return { status: response.status, headers: response.headers, body: await response.text() };
  }

  const headers = (change) => (x) => change((x.headers = new Headers(x.headers)));
  const refused = { status: 400, body: '{"statusCode":400,"message":["firstName should not be empty"],"error":"Bad Request"}' };
  const validation = headers((h) => (h.set('X-Mock-Decision', 'validation'), h.delete('Location')));
  const breaks = {
    'the status 418 is not documented': (x) => (x.status = 418),
    'is no documented operation': (x) => (x.target = '/api/nothing'),
    'is documented, but unknown to the server': headers((h) => h.set('X-Mock-Decision', 'unmatched')),
    'lacks the header Location': headers((h) => h.delete('Location')),
    'X-RateLimit-Limit is "many" and no integer': headers((h) => h.set('X-RateLimit-Limit', 'many')),
    'X-Mock-Decision is "chance" and none of': headers((h) => h.set('X-Mock-Decision', 'chance')),
    'the header x-powered-by is not documented': headers((h) => h.set('X-Powered-By', 'Express')),
    'the content type "text/html" is not documented': headers((h) => h.set('Content-Type', 'text/html')),
    'the body is no JSON': (x) => (x.body = ''),
    'must NOT have additional properties': (x) => (x.body = x.body.replace('{', '{"more":1,')),
    "must have required property 'phone'": (x) => (x.body = x.body.replace('"phone":null,', '')),
    'data/email must match format "email"': (x) => (x.body = x.body.replace('"email":null', '"email":"nobody"')),
    'was accepted, but the document refuses the body': (x) => (x.sent = '{"firstName":"Grace"}'),
    'was accepted, but the body cannot be read': (x) => (x.sent = '{"firstName"'),
    'was refused, but the document accepts the body': (x) => (Object.assign(x, refused), validation(x)),
    'was accepted, but the document refuses the query': (x) => Object.assign(x, { method: 'GET', target: '/api/leads?limit=1000', sent: '' }),
  };
  test('a good one has no problem', () => assert.deepEqual(contract.check(good), []));
  for (const [problem, change] of Object.entries(breaks)) {
    test(problem, () => {
      const x = { ...good };
      change(x);
      assert.ok(contract.check(x).some((found) => found.includes(problem)), `found ${contract.check(x)}`);
    });
  }

  test('of a list that the journal has cut off, the records that are there whole are judged', async () => {
    const list = { ...good, method: 'GET', target: '/api/leads', sent: '', cut: true, ...(await talk('GET', '/leads?limit=5', good.asked)) };
    const part = list.body.slice(0, 3000);
    assert.deepEqual(contract.check({ ...list, body: part }), []);
    assert.match(contract.check({ ...list, body: part.replace('"lastName":"', '"lastNam":"') }).join(), /lastNam/);
  });

  test('what a rule or a directive forces is known to be forced: a documented error is held to its shape, all else is free', () => {
    const forced = (status, body, decision) => ({ ...good, status, body, headers: new Headers([...good.headers, ['X-Mock-Rule', 'r']]), ...decision });
    assert.deepEqual(contract.check(forced(418, 'tea')), []);
    const directive = forced(500, '{"statusCode":500,"message":7}');
    directive.headers.set('X-Mock-Decision', 'directive');
    assert.match(contract.check(directive).join(), /must be string/);
  });
});

test('an undocumented answer is found in the journal, whoever asked', async () => {
  const mock = await startMock();
  assert.equal((await fetch(`${mock.api}/leads`)).status, 401);
  assert.deepEqual(await journalProblems(mock.origin), []);
  const problems = await journalProblems(await liar(mock, without401));
  assert.equal(problems.length, 1);
  assert.match(problems[0], /^GET \/api\/leads answered 401, and by the OpenAPI document it the status 401 is not documented\n/);
  await mock.stop();
});

test('a test whose mock has given an undocumented answer fails when it stops the mock', async () => {
  const mock = await startMock();
  await fetch(`${mock.api}/leads`);
  const own = mock.origin;
  mock.origin = await liar(mock, without401);
  await assert.rejects(mock.stop(), /the status 401 is not documented/);
  await assert.rejects(fetch(own), 'it is stopped all the same');
});

test('behind a token nothing can be said', async () => {
  const mock = await startMock('--admin-token', 'hush');
  await fetch(`${mock.api}/leads`);
  assert.deepEqual(await journalProblems(mock.origin), []);
  await mock.stop();
});
