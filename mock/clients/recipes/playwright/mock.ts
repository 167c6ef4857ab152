import { expect, test as base } from '@playwright/test';

const admin = 'http://127.0.0.1:4000/__admin';

type Steer = (what: string, how: object) => Promise<void>;

export const test = base.extend<{ steer: Steer }>({
  // A session for each attempt at each test: data that no other test changes, errors that no other test sees.
  extraHTTPHeaders: async ({}, use, { testId, retry }) => use({ 'X-Mock-Session': `${testId}-${retry}` }),

  // Switches something on, in this session: request sends the header, too.
  steer: async ({ request }, use) =>
    use(async (what, how) => {
      await expect(await request.put(`${admin}/${what}`, { data: how })).toBeOK();
    }),
});

export { expect };
