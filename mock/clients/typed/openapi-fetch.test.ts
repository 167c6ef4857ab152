import createClient, { type Client } from 'openapi-fetch';
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ada, exercise, explain, type ApiError, type Call, type Place } from './exercise.js';
import type { operations, paths } from './generated/salesos.js';

const at = (place: Place): Client<paths> => createClient<paths>(place);
const lead = { params: { path: { id: ada } } };

// One call for each operation. `satisfies` fails to compile when the document has another.
const calls = {
  login: (place) => at(place).POST('/auth/login', { body: { email: 'ada.admin@example.com', password: 'password' } }),
  refreshToken: (place) => at(place).POST('/auth/refresh'),
  getCurrentUser: (place) => at(place).GET('/auth/me'),
  getProfile: (place) => at(place).GET('/auth/profile'),
  getCsrfToken: (place) => at(place).GET('/auth/csrf-token'),
  getOAuthStatus: (place) => at(place).GET('/auth/oauth-status'),
  logout: (place) => at(place).POST('/auth/logout'),
  listLeads: (place) => at(place).GET('/leads', { params: { query: { status: 'QUALIFIED', limit: 5, sortBy: 'lastName' } } }),
  createLead: (place) => at(place).POST('/leads', { body: { firstName: 'Alan', lastName: 'Turing', rating: 'HOT' } }),
  getLeadStats: (place) => at(place).GET('/leads/stats'),
  bulkUpdateLeads: (place) => at(place).POST('/leads/bulk/update', { body: { ids: [ada], updates: { company: 'Bletchley Park' } } }),
  bulkDeleteLeads: (place) => at(place).POST('/leads/bulk/delete', { body: { ids: [ada] } }),
  bulkAssignLeads: (place) => at(place).POST('/leads/bulk/assign', { body: { ids: [ada], newOwnerId: ada } }),
  scoreLead: (place) => at(place).POST('/leads/{id}/score', lead),
  convertLead: (place) => at(place).POST('/leads/{id}/convert', { ...lead, body: { opportunityAmount: 50000 } }),
  getLead: (place) => at(place).GET('/leads/{id}', lead),
  updateLead: (place) => at(place).PATCH('/leads/{id}', { ...lead, body: { phone: null } }),
  replaceLead: (place) => at(place).PUT('/leads/{id}', { ...lead, body: { firstName: 'Ada', lastName: 'King' } }),
  deleteLead: (place) => at(place).DELETE('/leads/{id}', lead),
  listNotifications: (place) => at(place).GET('/notifications'),
  countUnreadNotifications: (place) => at(place).GET('/notifications/unread-count'),
  markNotificationRead: (place) => at(place).PATCH('/notifications/{id}/read', { params: { path: { id: '1' } }, body: {} }),
  markAllNotificationsRead: (place) => at(place).POST('/notifications/mark-all-read'),
  listAlerts: (place) => at(place).GET('/alerts'),
  listCampaigns: (place) => at(place).GET('/campaigns'),
  listActivities: (place) => at(place).GET('/activities'),
  getDashboardSummary: (place) => at(place).GET('/dashboard/summary'),
  getPreferences: (place) => at(place).GET('/users/me/preferences'),
  updatePreferences: (place) => at(place).PATCH('/users/me/preferences', { body: { theme: 'dark' } }),
  getStatus: (place) => at(place).GET('/status'),
} satisfies Record<keyof operations, Call>;

exercise('openapi-fetch', calls, (bench) => {
  test('errors that requests earn', async () => {
    const place = await bench.place();
    const api = at(place);
    const earned = async (want: string, answer: Promise<{ error?: ApiError }>) => assert.equal((await answer).error && explain((await answer).error!), want);
    await earned('401: Unauthorized', at({ ...place, headers: {} }).GET('/leads'));
    const { token } = await bench.mock.admin('POST', `tokens?session=${new URL(place.baseUrl).pathname.split('/')[2]}`, { role: 'VIEWER' });
    await earned('403: You do not have permission to perform this action', at({ ...place, headers: { Authorization: `Bearer ${token}` } }).DELETE('/leads/{id}', lead));
    await earned('404: Lead with id abc123 not found', api.GET('/leads/{id}', { params: { path: { id: 'abc123' } } }));
    await earned('400: limit must not be greater than 100 (Bad Request)', api.GET('/leads', { params: { query: { limit: 1000 } } }));
    await earned('400: email must be an email; firstName should not be empty (Bad Request)', api.POST('/leads', { body: { email: '?', firstName: '', lastName: 'Lovelace' } }));
    await earned('400: request body is not valid JSON: it ends too early at byte 1 (Bad Request)', api.POST('/leads', { body: { firstName: '', lastName: '' }, bodySerializer: () => '{' }));
    await earned('409: Lead with email ada@example.com already exists (Conflict)', api.POST('/leads', { body: { firstName: 'Ada', lastName: 'Byron', email: 'ada@example.com' } }));
    await earned('413: request entity too large (Payload Too Large)', api.PATCH('/leads/{id}', { ...lead, body: { description: 'x'.repeat(10 * 1024 * 1024) } }));
    await api.POST('/leads/{id}/convert', lead);
    await earned('409: Lead has already been converted (Conflict)', api.POST('/leads/{id}/convert', lead));
    const { data: unqualified } = await api.POST('/leads', { body: { firstName: 'Alan', lastName: 'Turing' } });
    assert.ok(unqualified);
    await earned('422: Lead must be qualified before conversion (Unprocessable Entity)', api.POST('/leads/{id}/convert', { params: { path: { id: unqualified.id } } }));
  });

  test('what does not fit the document does not compile', async () => {
    const place = await bench.place();
    const api = at(place);
    // @ts-expect-error a field that must be there
    await api.POST('/leads', { body: { lastName: 'Lovelace' } });
    // @ts-expect-error a status that only the server sets
    await api.POST('/leads', { body: { firstName: 'Ada', lastName: 'Lovelace', status: 'CONVERTED' } });
    // @ts-expect-error a filter with another value
    await api.GET('/leads', { params: { query: { status: 'ANY' } } });
    // @ts-expect-error no operation
    await api.GET('/leads/{id}/score', lead).catch(() => undefined);
    const { error } = await api.DELETE('/leads/{id}', { params: { path: { id: 'abc123' } } });
    // @ts-expect-error an error that the operation does not have
    assert.equal(error?.statusCode === 409, false);
  });

  test('a list is an array, or, by cursor, a page', async () => {
    const { data: list } = await at(await bench.place()).GET('/leads', { params: { query: { limit: 2 } } });
    assert.ok(Array.isArray(list) && list[0]?.lastName);
    const { data: page } = await at(await bench.place()).GET('/leads', { params: { query: { limit: 2, cursor: '' } } });
    assert.ok(page && !Array.isArray(page));
    const statuses: ('NEW' | 'CONTACTED' | 'QUALIFIED' | 'LOST' | 'CONVERTED')[] = page.data.map((l) => l.status);
    assert.equal(statuses.length, 2);
    assert.equal(page.hasMore, true);
  });
});
