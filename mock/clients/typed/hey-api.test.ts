import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ada, exercise, explain, type Call, type Place } from './exercise.js';
import { createClient, createConfig, type Client } from './generated/hey-api/client/index.js';
import * as sdk from './generated/hey-api/index.js';

const at = (place: Place): { client: Client } => ({ client: createClient(createConfig(place)) });
const lead = { path: { id: ada } };

// One call for each function of the client. `satisfies` fails to compile when it has another.
const calls = {
  login: (place) => sdk.login({ ...at(place), body: { email: 'ada.admin@example.com', password: 'password' } }),
  refreshToken: (place) => sdk.refreshToken(at(place)),
  getCurrentUser: (place) => sdk.getCurrentUser(at(place)),
  getProfile: (place) => sdk.getProfile(at(place)),
  getCsrfToken: (place) => sdk.getCsrfToken(at(place)),
  getOAuthStatus: (place) => sdk.getOAuthStatus(at(place)),
  logout: (place) => sdk.logout(at(place)),
  listLeads: (place) => sdk.listLeads({ ...at(place), query: { status: 'QUALIFIED', limit: 5, sortBy: 'lastName' } }),
  createLead: (place) => sdk.createLead({ ...at(place), body: { firstName: 'Alan', lastName: 'Turing', rating: 'HOT' } }),
  getLeadStats: (place) => sdk.getLeadStats(at(place)),
  bulkUpdateLeads: (place) => sdk.bulkUpdateLeads({ ...at(place), body: { ids: [ada], updates: { company: 'Bletchley Park' } } }),
  bulkDeleteLeads: (place) => sdk.bulkDeleteLeads({ ...at(place), body: { ids: [ada] } }),
  bulkAssignLeads: (place) => sdk.bulkAssignLeads({ ...at(place), body: { ids: [ada], newOwnerId: ada } }),
  scoreLead: (place) => sdk.scoreLead({ ...at(place), ...lead }),
  convertLead: (place) => sdk.convertLead({ ...at(place), ...lead, body: { opportunityAmount: 50000 } }),
  getLead: (place) => sdk.getLead({ ...at(place), ...lead }),
  updateLead: (place) => sdk.updateLead({ ...at(place), ...lead, body: { phone: null } }),
  replaceLead: (place) => sdk.replaceLead({ ...at(place), ...lead, body: { firstName: 'Ada', lastName: 'King' } }),
  deleteLead: (place) => sdk.deleteLead({ ...at(place), ...lead }),
  listNotifications: (place) => sdk.listNotifications(at(place)),
  countUnreadNotifications: (place) => sdk.countUnreadNotifications(at(place)),
  markNotificationRead: (place) => sdk.markNotificationRead({ ...at(place), path: { id: '1' } }),
  markAllNotificationsRead: (place) => sdk.markAllNotificationsRead(at(place)),
  listAlerts: (place) => sdk.listAlerts(at(place)),
  listCampaigns: (place) => sdk.listCampaigns(at(place)),
  listActivities: (place) => sdk.listActivities(at(place)),
  getDashboardSummary: (place) => sdk.getDashboardSummary(at(place)),
  getPreferences: (place) => sdk.getPreferences(at(place)),
  updatePreferences: (place) => sdk.updatePreferences({ ...at(place), body: { theme: 'dark' } }),
  getStatus: (place) => sdk.getStatus(at(place)),
} satisfies Record<keyof typeof sdk, Call>;

exercise('@hey-api/openapi-ts', calls, (bench) => {
  test('errors that requests earn', async () => {
    const place = await bench.place();
    const { error: refused } = await sdk.createLead({ ...at(place), body: { firstName: 'Ada', lastName: 'Byron', email: 'ada@example.com' } });
    assert.equal(refused && explain(refused), '409: Lead with email ada@example.com already exists (Conflict)');
    const { error: invalid } = await sdk.createLead({ ...at(place), body: { firstName: '', lastName: 'Lovelace', email: '?' } });
    assert.ok(invalid?.statusCode === 400 && Array.isArray(invalid.message));
    assert.deepEqual(invalid.message, ['email must be an email', 'firstName should not be empty']);
  });

  test('with throwOnError the error is thrown as it came', async () => {
    const missing = sdk.getLead({ ...at(await bench.place()), path: { id: 'abc123' }, throwOnError: true });
    await assert.rejects(missing, { statusCode: 404, message: 'Lead with id abc123 not found' });
  });

  test('what does not fit the document does not compile', async () => {
    const place = await bench.place();
    // @ts-expect-error a field that must be there
    await sdk.createLead({ ...at(place), body: { lastName: 'Lovelace' } });
    // @ts-expect-error a status that only the server sets
    await sdk.createLead({ ...at(place), body: { firstName: 'Ada', lastName: 'Lovelace', status: 'CONVERTED' } });
    // @ts-expect-error a field that does not exist
    await sdk.updateLead({ ...at(place), ...lead, body: { nickname: 'Ada' } });
    const { error } = await sdk.deleteLead({ ...at(place), path: { id: 'abc123' } });
    // @ts-expect-error an error that the operation does not have
    assert.equal(error?.statusCode === 409, false);
  });
});
