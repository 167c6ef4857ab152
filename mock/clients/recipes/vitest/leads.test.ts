import { expect } from 'vitest';

import { createLead, listLeads } from '../app/leads.js';
import { test } from './mock.js';

test.concurrent('leads are listed', async ({ mock }) => {
  expect(await listLeads(mock.baseUrl, mock.credentials)).toHaveLength(3);
});

test.concurrent('what is wrong with a lead is said', async ({ mock }) => {
  const lead = { firstName: 'Ada', lastName: 'Lovelace', email: 'not-an-email' };
  await expect(createLead(mock.baseUrl, mock.credentials, lead)).rejects.toThrow('email must be an email');
});

test.concurrent('a list that is down is reported', async ({ mock }) => {
  await mock.steer('scenarios/flaky-list', { active: true });
  await expect(listLeads(mock.baseUrl, mock.credentials)).rejects.toMatchObject({ status: 503 });
});
