import { bypass, http, HttpResponse, passthrough } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';

import { listLeads } from '../app/leads.js';

const api = new URL('/api', inject('admin')).href;
const credentials = { 'X-API-Key': 'sk_test_admin' };

const server = setupServer(
  // Other services stay with MSW.
  http.get('https://billing.example.com/invoices', () => HttpResponse.json([{ id: 1 }])),
  // SalesOS is left to the mock.
  http.all(`${api}/*`, () => passthrough()),
);

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

test('both answer', async () => {
  expect(await (await fetch('https://billing.example.com/invoices')).json()).toHaveLength(1);
  expect(await listLeads(api, credentials)).toHaveLength(3);
});

test('a handler makes the mock fail, with a header that the client does not know', async () => {
  server.use(
    http.get(`${api}/leads`, ({ request }) => {
      const headers = new Headers(request.headers);
      headers.set('X-Mock-Error', 'internal');
      return fetch(bypass(new Request(request, { headers })));
    }),
  );
  await expect(listLeads(api, credentials)).rejects.toMatchObject({ status: 500 });
});
