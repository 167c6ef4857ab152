// Every recipe is run, or checked as far as this machine lets it: README.md says which is which.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { chromium as driver } from '@playwright/test';
import { createServer } from 'vite';
import { parse } from 'yaml';

import { chromium, startMock } from '../harness/harness.mjs';
import { Copy } from './copy.mjs';
import { Commands } from './cypress-stand-in.mjs';

const browserArgs = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];

let copy;

before(async () => {
  copy = await Copy.make();
});

after(() => copy?.remove());

function succeeds(command, ...args) {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Without something that can be installed a test skips; where nothing may skip, it runs and fails. */
const unless = (there, what) => ({ skip: !there && !process.env.SALESOS_TESTS_FORBID_SKIPS && `${what} is not installed` });

test('Playwright', unless(chromium, 'Chromium'), async () => {
  // The recipe uses the browser that Playwright brings; here it is the system's, and a busy machine has more time.
  const launchOptions = { executablePath: chromium, args: browserArgs };
  writeFileSync(
    join(copy.folder, 'playwright', 'system.config.ts'),
    `import config from './playwright.config.js';
     const webServer = [config.webServer].flat().map((server) => ({ ...server, timeout: 150_000 }));
     const use = { ...config.use, launchOptions: ${JSON.stringify(launchOptions)} };
     export default { ...config, webServer, use, timeout: 120_000, expect: { timeout: 30_000 } };`,
  );
  const said = await copy.run('playwright', 'npx playwright test --config system.config.ts --reporter line', { CI: 'true' });
  assert.match(said, /\b3 passed\b/);
  await assert.rejects(fetch(copy.origin), 'the mock is left behind');
});

test('Vitest', async () => {
  assert.match(await copy.run('vitest', 'npx vitest run'), /Tests\s+3 passed/);
});

test('MSW', async () => {
  assert.match(await copy.run('msw', 'npx vitest run'), /Tests\s+2 passed/);
});

test('Jest', async () => {
  assert.match(await copy.run('jest', 'NODE_OPTIONS=--experimental-vm-modules npx jest'), /Tests:\s+3 passed/);
});

test('Vite proxy', () => withPage((page, mock) => useProxy(`${page}/api/leads`, mock)));

test('Cypress: its steps, with a stand-in for its commands', unless(chromium, 'Chromium'), () =>
  withPage(async (page) => {
    const browser = await driver.launch({ executablePath: chromium, args: browserArgs });
    try {
      const { tests, beforeEach } = await specification('cypress/leads.cy.js');
      for (const test of tests) await perform(browser, page, [beforeEach, test]);
      assert.equal(tests.length, 3);
    } finally {
      await browser.close();
    }
  }),
);

/** Starts the page, with a mock behind it, for a function. */
async function withPage(use) {
  const mock = await startMock('--port', copy.ports.get('4000'));
  const vite = await createServer({ root: join(copy.folder, 'app'), logLevel: 'silent', server: { port: 0, ws: false, hmr: false } });
  try {
    await vite.listen();
    await use(`http://localhost:${vite.httpServer.address().port}`, mock);
  } finally {
    await vite.close();
    await mock.stop();
  }
}

/** What a specification for Cypress says to `it` and `beforeEach`. */
async function specification(path) {
  const said = { tests: [] };
  const config = await import(join(copy.folder, 'cypress', 'cypress.config.js'));
  globalThis.Cypress = { env: (name) => config.default.env[name] };
  globalThis.beforeEach = (steps) => (said.beforeEach = steps);
  globalThis.it = (_, steps) => said.tests.push(steps);
  await import(join(copy.folder, path));
  return said;
}

/** Performs steps in a new window. */
async function perform(browser, baseUrl, steps) {
  const context = await browser.newContext();
  globalThis.cy = new Commands(await context.newPage(), baseUrl);
  for (const step of steps) step();
  await globalThis.cy.done();
  await context.close();
}

async function useProxy(leads, mock) {
  const ask = (headers) => fetch(leads, { headers: { 'X-API-Key': 'sk_test_admin', ...headers } });
  const inSession = await ask({ Cookie: 'mock_session=proxied' });
  assert.deepEqual([inSession.status, inSession.headers.get('X-Mock-Session')], [200, 'proxied']);
  const down = await ask({ 'X-Mock-Error': 'unavailable', 'X-Mock-Retry-After': '7' });
  assert.deepEqual([down.status, down.headers.get('Retry-After')], [503, '7']);
  assert.equal((await ask({ 'X-Mock-Fault': 'CONNECTION_RESET_BY_PEER' })).status, 502, 'Vite tells of a reset with a 502');
  await mock.admin('DELETE', 'sessions/proxied');
}

test('GitHub Actions: tests that salesos-mock runs, with a report', async () => {
  const { steps } = commands('run.yml');
  const summary = join(copy.folder, 'summary.md');
  assert.match(await copy.run(project(), steps.join('\n'), { GITHUB_STEP_SUMMARY: summary }), /\b200 from the mock\b/);
  assert.match(readFileSync(summary, 'utf8'), /coverage/i);
});

test('GitHub Actions: the steps of a job, in a folder with tests', async () => {
  const steps = commands('npm.yml').steps;
  assert.match(await copy.run(project(), steps.join('\n')), /\b200 from the mock\b/);
});

test('GitHub Actions: a service container, with the program in place of its image', async () => {
  const { steps, services } = commands('service-container.yml');
  assert.match(services.salesos.ports[0], new RegExp(`^(${copy.ports.get('4000')}):\\1$`));
  const serve = 'npx salesos-mock serve --log off >/dev/null & npx salesos-mock wait';
  const env = { ...services.salesos.env, ...ofImage() };
  assert.match(await copy.run(project(), [serve, ...steps].join('\n'), env), /\b200 from the mock\b/);
});

/** What a job runs, beside the installation of packages, with the environment of each step. */
function commands(name) {
  const { jobs } = parse(readFileSync(join(copy.folder, 'github-actions', name), 'utf8'));
  const settings = (env = {}) => Object.entries(env).map(([name, value]) => `${name}=${value} `).join('');
  const steps = jobs.test.steps.filter((step) => step.run && step.run !== 'npm ci').map(({ run, env }) => settings(env) + run);
  return { steps, services: jobs.test.services };
}

/** The environment that the image sets. */
function ofImage() {
  const text = readFileSync(join(import.meta.dirname, '../../..', 'Dockerfile'), 'utf8');
  return Object.fromEntries([...text.matchAll(/^ENV (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value]));
}

/** A project of somebody's, with tests that call the API. */
function project() {
  const folder = join(copy.folder, 'project');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"scripts":{"test":"node test.mjs"}}');
  writeFileSync(
    join(folder, 'test.mjs'),
    `const response = await fetch(process.env.SALESOS_API_URL + '/leads', { headers: { 'X-API-Key': 'sk_test_admin' } });
     console.log(response.status, 'from the mock');`,
  );
  return 'project';
}

test('Testcontainers for Node: it asks for an engine, and nothing before that is wrong', { skip: succeeds('docker', 'info') && 'there is an engine' }, async () => {
  await assert.rejects(copy.run('testcontainers-node', 'npx vitest run'), /Could not find a working container runtime[^]*GenericContainer\.start/);
});

test('Cypress runs where its program is installed', { skip: !succeeds('npx', 'cypress', 'verify') && "Cypress' own program is not installed" }, async () => {
  const [mock, page] = [...copy.ports.values()];
  const command = `npx vite ../app --port ${page} --strictPort & npx salesos-mock run --port ${mock} -- npx cypress run`;
  const said = await copy.run('cypress', command, { CI: 'true' });
  assert.match(said, /All specs passed/);
});
