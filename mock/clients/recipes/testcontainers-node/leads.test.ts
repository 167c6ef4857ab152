import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { listLeads } from '../app/leads.js';

let container: StartedTestContainer;
let api: string;

beforeAll(async () => {
  container = await new GenericContainer('registry.example.com/salesos-mock')
    .withExposedPorts(4000)
    .withWaitStrategy(Wait.forHealthCheck()) // the image has one
    .start();
  api = `http://${container.getHost()}:${container.getMappedPort(4000)}/api`;
});

afterAll(() => container?.stop());

test('leads are listed', async () => {
  expect(await listLeads(api, { 'X-API-Key': 'sk_test_admin' })).toHaveLength(3);
});
