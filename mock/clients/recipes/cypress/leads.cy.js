// A session for each test: the page's requests carry its cookie, and what is steered is steered in it.
beforeEach(() => {
  cy.request('POST', `${Cypress.env('admin')}/sessions`).then(({ body }) => {
    cy.setCookie('mock_session', body.id);
    cy.wrap(body.id).as('session');
  });
});

/**
 * @param {string} what
 * @param {object} how
 */
const steer = (what, how) =>
  cy.get('@session').then((session) => cy.request('PUT', `${Cypress.env('admin')}/${what}?session=${session}`, how));

it('shows the leads', () => {
  cy.visit('/');
  cy.get('li').should('have.length', 3);
});

it('shows a list in the end that is down twice', () => {
  steer('scenarios/flaky-list', { active: true });
  cy.visit('/');
  cy.contains('[role=alert]', 'Service Unavailable');
  cy.contains('button', 'Try again').click();
  cy.contains('[role=alert]', 'Service Unavailable');
  cy.contains('button', 'Try again').click();
  cy.get('li').should('have.length', 3);
});

it('tells who may not see leads', () => {
  steer('rules/no-leads', { when: { method: 'GET', path: '/leads' }, respond: { error: 'forbidden' } });
  cy.visit('/');
  cy.contains('[role=alert]', 'You do not have permission');
});
