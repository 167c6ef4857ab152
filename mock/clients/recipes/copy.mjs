// Runs recipes as their readers would: in a folder of their own, with the program in reach of npx. The ports that a
// recipe names may be taken on this machine, so they are replaced by free ones in the copy.

import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { mockProgram } from '../harness/harness.mjs';

const here = import.meta.dirname;
const textual = /\.(ts|js|html|ya?ml|json)$/;

/** A copy of all recipes. */
export class Copy {
  /** @param {string} folder @param {Map<string, string>} ports what stands in the recipes, and here */
  constructor(folder, ports) {
    this.folder = folder;
    this.ports = ports;
    this.env = {
      ...environment(),
      SALESOS_MOCK_BINARY: mockProgram(folder),
      SALESOS_MOCK_PORT: ports.get('4000'), // where a recipe leaves the port at that
      NO_COLOR: '1',
      FORCE_COLOR: '0',
    };
  }

  static async make() {
    const folder = mkdtempSync(join(tmpdir(), 'salesos-recipes-'));
    cpSync(here, folder, { recursive: true, filter: (path) => !path.includes('node_modules') });
    symlinkSync(join(here, 'node_modules'), join(folder, 'node_modules'));
    const copy = new Copy(folder, new Map([['4000', await freePort()], ['5173', await freePort()]]));
    for (const path of readdirSync(folder, { recursive: true })) copy.#rewrite(join(folder, path));
    return copy;
  }

  #rewrite(path) {
    if (!textual.test(path) || path.includes('node_modules') || !statSync(path).isFile()) return;
    const text = readFileSync(path, 'utf8').replace(/\b(4000|5173)\b/g, (port) => this.ports.get(port));
    writeFileSync(path, text);
  }

  /** The address of the mock in recipes that name a port. */
  get origin() {
    return `http://127.0.0.1:${this.ports.get('4000')}`;
  }

  /**
   * Runs a command in a folder of the copy and gives all that it prints; an exit code other than 0 is an error.
   * @param {string} folder
   * @param {string} command
   * @param {Record<string, string>} [env]
   * @returns {Promise<string>}
   */
  run(folder, command, env = {}) {
    return new Promise((resolve, reject) => {
      const child = spawn('bash', ['-euo', 'pipefail', '-c', command], {
        cwd: join(this.folder, folder),
        env: { ...this.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true, // a group, which is ended as a whole
      });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
      child.once('error', reject);
      child.once('exit', (code) => {
        endGroup(child.pid);
        if (code === 0) resolve(said);
        else reject(new Error(`${folder}: ${command} ends with exit code ${code}:\n${said}`));
      });
    });
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a command leaves running in the background goes with it, as at the end of a job. */
function endGroup(leader) {
  try {
    process.kill(-leader, 'SIGTERM');
  } catch {
    // Nothing is left.
  }
}

/** `npm test` and `node --test` tell their settings to everything that they start. */
function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_TEST|NODE_OPTIONS|SALESOS_(?!TESTS_))/.test(name)));
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}
