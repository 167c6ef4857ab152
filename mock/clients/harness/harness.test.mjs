import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startMock } from './harness.mjs';

test('a mock is started, has sessions, and is gone after its end', async () => {
  const mock = await startMock();
  const session = await mock.session('maintenance');
  const headers = { 'X-API-Key': session.apiKey };
  const response = await fetch(`${session.baseUrl}/leads?limit=1`, { headers });
  assert.equal(response.headers.get('X-Mock-Session'), session.id);
  await response.text();
  assert.ok((await mock.admin('GET', `scenarios?session=${session.id}`)).some((s) => s.name === 'maintenance' && s.active));
  await assert.rejects(mock.admin('POST', 'nothing'), /answered 404/);
  await mock.stop();
  await assert.rejects(fetch(`${mock.api}/leads`));
});

test('a mock that cannot start says why', async () => {
  await assert.rejects(startMock('--scenario', 'flaky-lost'), /salesos-mock ended:[^]*flaky-list/);
});
