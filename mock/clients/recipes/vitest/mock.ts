import { inject, test as base } from 'vitest';

interface Mock {
  baseUrl: string;
  credentials: { 'X-API-Key': string };
  steer(what: string, how: object): Promise<unknown>;
}

export const test = base.extend<{ mock: Mock }>({
  // A session for each test that asks for one: tests run at the same time on one server.
  mock: async ({}, use) => {
    const admin = inject('admin');
    const { id, baseUrl, apiKey } = await (await fetch(`${admin}/sessions`, { method: 'POST' })).json();
    const steer = (what: string, how: object) =>
      fetch(`${admin}/${what}?session=${id}`, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(how),
      });
    await use({ baseUrl, credentials: { 'X-API-Key': apiKey }, steer });
    await fetch(`${admin}/sessions/${id}`, { method: 'DELETE' });
  },
});
