import { createLead, listLeads } from '../app/leads.js';

const admin = process.env.SALESOS_ADMIN_URL;
const session = `worker-${process.env.JEST_WORKER_ID}`; // files that run at the same time do so in different workers
const api = new URL(`/__s/${session}/api`, admin).href;
const credentials = { 'X-API-Key': 'sk_test_admin' };

const steer = (method, what, how) =>
  fetch(`${admin}/${what}?session=${session}`, {
    method,
    ...(how && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(how) }),
  });

beforeEach(async () => {
  await steer('POST', 'reset'); // the data, as in the files
  await steer('DELETE', 'rules');
});

for (const attempt of ['first', 'second']) {
  test(`a lead is created the ${attempt} time, since there is none after a reset`, async () => {
    const lead = { firstName: 'Alan', lastName: 'Turing', email: 'alan@example.com' };
    expect(await createLead(api, credentials, lead)).toMatchObject({ status: 'NEW' });
  });
}

test('a limit that is exceeded is reported', async () => {
  await steer('PUT', 'rules/limit', { when: { path: '/leads' }, respond: { error: 'rate_limited', retryAfter: 2 } });
  await expect(listLeads(api, credentials)).rejects.toMatchObject({ status: 429 });
});
