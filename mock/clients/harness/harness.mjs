// Starts a mock for a test, and ends it: then all that it has answered is held against its OpenAPI document. The folders beside
// this one share it.
//
//   const mock = await startMock('--scenario', 'flaky-list');
//   after(() => mock.stop());
//   const session = await mock.session();   // a world of its own, with credentials: tests can run at the same time
//   await fetch(`${session.baseUrl}/leads`, { headers: { 'X-API-Key': session.apiKey } });
//
// The program is the one that SALESOS_TESTS_BINARY names; without it, Go builds one.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../../..', import.meta.url));
const patience = 15_000; // ms, for a server to start or to end

/**
 * A session with credentials of its own.
 * @typedef {{ id: string, baseUrl: string, token: string, apiKey: string }} Session
 */

/** A server that runs, on a free port of this machine. */
export class Mock {
  #child;
  #folder;
  #ended;

  /**
   * @param {import('node:child_process').ChildProcess} child
   * @param {string} folder its working folder
   * @param {Promise<void>} ended
   * @param {string} api
   */
  constructor(child, folder, ended, api) {
    this.#child = child;
    this.#folder = folder;
    this.#ended = ended;
    /** The address of the API: http://127.0.0.1:PORT/api */
    this.api = api;
    /** The address of the server, without a path. */
    this.origin = new URL(api).origin;
  }

  /**
   * Calls the admin API, and gives what it answers.
   * @param {string} method
   * @param {string} path below /__admin/, as in 'clock?session=checkout'
   * @param {unknown} [body]
   * @returns {Promise<any>}
   */
  async admin(method, path, body) {
    const response = await fetch(`${this.origin}/__admin/${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} /__admin/${path} answered ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /**
   * Makes a session.
   * @param {...string} scenarios that are switched on in it
   * @returns {Promise<Session>}
   */
  async session(...scenarios) {
    const session = await this.admin('POST', 'sessions', {});
    for (const name of scenarios) await this.admin('PUT', `scenarios/${name}?session=${session.id}`, { active: true });
    return session;
  }

  /** Ends the server, and throws when it has given an answer that its OpenAPI document does not know. */
  async stop() {
    try {
      // Read here alone: who needs no more than the program can do without the packages of this folder.
      const { journalProblems } = await import('./contract.mjs');
      const problems = await journalProblems(this.origin);
      if (problems.length > 0) throw new Error(problems.join('\n'));
    } finally {
      await this.#end();
    }
  }

  async #end() {
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), patience);
    await this.#ended;
    clearTimeout(late);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/**
 * Starts `salesos-mock serve` with more arguments, in an empty folder, and waits until it can be called.
 * @param {...string} args
 * @returns {Promise<Mock>}
 */
export async function startMock(...args) {
  const folder = mkdtempSync(join(tmpdir(), 'salesos-mock-'));
  const child = spawn(mockProgram(folder), ['serve', '--port', '0', '--host', '127.0.0.1', '--log', 'off', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => child.kill('SIGKILL')); // a test that fails early must leave nothing behind
  const ended = new Promise((resolve) => child.once('close', resolve));
  try {
    return new Mock(child, folder, ended, await ready(child));
  } catch (problem) {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    throw problem;
  }
}

/**
 * The path of the program under test; a folder to build it in, if it has to be built.
 * @param {string} folder
 */
export function mockProgram(folder) {
  const given = process.env.SALESOS_TESTS_BINARY;
  if (given) return given;
  const program = join(folder, process.platform === 'win32' ? 'program.exe' : 'program');
  execFileSync('go', ['build', '-o', program, '.'], { cwd: project, stdio: ['ignore', 'ignore', 'inherit'] });
  return program;
}

/**
 * The path of the first of these programs that is installed, or undefined.
 * @param {...string} names
 */
export function installed(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

/** What the system's browser may be called. */
export const chromium = installed('chromium', 'chromium-browser', 'google-chrome');

/** The address that the first line names, which is a promise. What else the server says is kept for its error. */
function ready(child) {
  return new Promise((resolve, reject) => {
    let said = '';
    const late = setTimeout(() => reject(new Error(`salesos-mock was not ready after ${patience} ms:\n${said}`)), patience);
    const hear = (text) => {
      said += text;
      const line = /^salesos-mock ready (\S+)$/m.exec(said);
      if (line) {
        clearTimeout(late);
        resolve(line[1]);
      }
    };
    const fail = (problem) => {
      clearTimeout(late);
      reject(problem);
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    child.once('error', fail);
    child.once('close', () => fail(new Error(`salesos-mock ended:\n${said}`)));
  });
}
