// The packages as people meet them: made, published into a registry on the loopback, installed into an empty folder and
// run. The program for this machine is the real one; those of other machines are stand-ins, since nobody runs them here.

import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { journalProblems } from '../harness/contract.mjs';
import { mockProgram } from '../harness/harness.mjs';
import { build, fromDist, withGo } from './build.mjs';
import { packageName, platforms, programName } from './platforms.mjs';
import { startRegistry } from './registry.mjs';

const version = '1.2.3-rc.1';
const here = import.meta.dirname;
const own = platforms.find(({ os, cpu }) => os === process.platform && cpu === process.arch);

let scratch, program, packages, registry, env, project;

before(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'salesos-npm-'));
  program = mockProgram(scratch);
  packages = join(scratch, 'packages');
  build(version, packages, fromDist(dist(), version));
  registry = await startRegistry();
  env = {
    ...withoutNpm(process.env),
    ...registry.settings,
    npm_config_cache: join(scratch, 'cache'),
    npm_config_userconfig: join(scratch, 'npmrc'),
    npm_config_update_notifier: 'false',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
  };
  await publish();
  project = await installed();
});

after(() => {
  registry?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

/** `npm test` tells its settings to everything that it starts. */
function withoutNpm(variables) {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !/^(npm_|SALESOS_MOCK_)/i.test(name)));
}

/** A folder as goreleaser leaves it. */
function dist() {
  const folder = join(scratch, 'dist');
  const artifacts = platforms.map((platform) => {
    const path = join('dist', `salesos-mock_${platform.goos}_${platform.goarch}`, programName(platform));
    mkdirSync(join(scratch, path, '..'), { recursive: true });
    if (platform === own) copyFileSync(program, join(scratch, path));
    else writeFileSync(join(scratch, path), `a program for ${platform.goos}`);
    return { name: programName(platform), type: 'Binary', goos: platform.goos, goarch: platform.goarch, path };
  });
  writeFileSync(join(folder, 'artifacts.json'), JSON.stringify([...artifacts, { type: 'Archive', name: 'x.tar.gz', path: 'dist/x.tar.gz' }]));
  writeFileSync(join(folder, 'metadata.json'), JSON.stringify({ project_name: 'salesos-mock', version }));
  return folder;
}

const publish = () => run(here, process.execPath, 'publish.mjs', packages);

/** Runs a command, and gives what it printed and its exit code. It must not block: the registry is in this process. */
async function run(cwd, command, ...args) {
  const { stdout, stderr } = await promisify(execFile)(command, args, { cwd, env });
  return stdout + stderr;
}

/** An empty folder with the package installed. */
async function installed(...options) {
  const folder = mkdtempSync(join(scratch, 'project-'));
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  await run(folder, 'npm', 'install', `salesos-mock@${version}`, ...options);
  return folder;
}

/** Starts a server in a folder by a command, and gives its process, its end and its address. */
async function serve(folder, command, ...args) {
  const child = spawn(command, [...args, 'serve', '--port', '0', '--port-file', 'port', '--log', 'off'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  return { child, ended, url: /^salesos-mock ready (\S+)$/m.exec(line)[1] };
}

async function until(condition) {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `waited in vain for ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('one package for each platform, and one that names them all in the same version', () => {
  const manifest = (folder) => JSON.parse(readFileSync(join(packages, folder, 'package.json'), 'utf8'));
  const main = manifest('salesos-mock');
  assert.deepEqual(main.optionalDependencies, Object.fromEntries(platforms.map((p) => [packageName(p), version])));
  for (const folder of readdirSync(packages)) assert.equal(manifest(folder).version, version);
  assert.deepEqual([manifest('mock-win32-arm64').os, manifest('mock-win32-arm64').cpu], [['win32'], ['arm64']]);
});

test('there is a package for what a release builds', () => {
  const config = readFileSync(join(here, '../../../.goreleaser.yaml'), 'utf8');
  const listed = (key) => new RegExp(`^    ${key}: \\[(.*)\\]$`, 'm').exec(config)[1].split(', ');
  const built = listed('goos').flatMap((goos) => listed('goarch').map((goarch) => `${goos} ${goarch}`));
  assert.deepEqual(platforms.map(({ goos, goarch }) => `${goos} ${goarch}`).sort(), built.sort());
});

test('the package with the choice is published last, a second run publishes nothing, and a release candidate is not the latest', async () => {
  assert.equal(registry.names().at(-1), 'salesos-mock');
  assert.equal(registry.names().length, platforms.length + 1);
  assert.equal((await publish()).match(/ is published already/g).length, platforms.length + 1);
  assert.deepEqual(registry.tags('salesos-mock'), { next: version });
});

test('it is installed with the program of this machine alone, and runs by npx', async () => {
  const folder = project;
  assert.deepEqual(readdirSync(join(folder, 'node_modules', '@salesos')), [packageName(own).split('/')[1]]);
  const told = await run(folder, 'npx', 'salesos-mock', '--version');
  assert.equal(told, execFileSync(program, ['--version'], { encoding: 'utf8' }));
  await assert.rejects(run(folder, 'npx', 'salesos-mock', 'serve', '--prot', '1'), (e) => e.code === 2 && /did you mean "--port"/.test(e.stderr));
});

test('without an installation, npx fetches and runs it', async () => {
  const folder = mkdtempSync(join(scratch, 'empty-'));
  assert.match(await run(folder, 'npx', '--yes', `salesos-mock@${version}`, 'version'), /^salesos-mock /);
});

test('a signal reaches the server, which ends well', async () => {
  const folder = project;
  const bin = join(folder, 'node_modules', '.bin', 'salesos-mock');
  for (const signal of ['SIGTERM', 'SIGINT']) {
    const { child, ended, url } = await serve(folder, bin);
    assert.equal((await fetch(`${url}/leads`)).status, 401);
    assert.deepEqual(await journalProblems(new URL(url).origin), []);
    assert.ok(existsSync(join(folder, 'port')));
    child.kill(signal);
    assert.deepEqual(await ended, [0, null]);
    assert.ok(!existsSync(join(folder, 'port')), 'the port file is left behind: the server was not told to end');
  }
});

test('a signal to npx reaches the server too, although npx does not wait for it', async () => {
  const folder = project;
  const { child, ended, url } = await serve(folder, 'npx', 'salesos-mock');
  child.kill('SIGTERM');
  await ended;
  await until(() => !existsSync(join(folder, 'port')));
  await assert.rejects(fetch(url));
});

test('the end that a signal makes is told as such', async () => {
  const folder = project;
  writeFileSync(join(folder, 'dies'), '#!/bin/sh\nkill -9 $$\n', { mode: 0o755 });
  const child = spawn(join(folder, 'node_modules', '.bin', 'salesos-mock'), { env: { ...env, SALESOS_MOCK_BINARY: join(folder, 'dies') } });
  assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL']);
});

test('a test starts and stops it', async () => {
  const folder = project;
  writeFileSync(
    join(folder, 'use.mjs'),
    `import { start } from 'salesos-mock';
     const mock = await start('--scenario', 'maintenance');
     console.log(new URL('/__admin', mock.url).href === mock.admin, (await fetch(mock.admin + '/health')).status);
     await mock.stop();
     console.log(await fetch(mock.url).catch(() => 'gone'));
     await start('--scenario', 'maintenence').catch((e) => console.log(e.message));`,
  );
  const told = await run(folder, process.execPath, 'use.mjs');
  assert.match(told, /^true 200\ngone\nsalesos-mock ended with exit code [12] before it was ready/);
  assert.match(told, /maintenance/);
});

test('without optional dependencies it says what is missing and what helps', async () => {
  const folder = await installed('--omit=optional');
  await assert.rejects(run(folder, 'npx', 'salesos-mock', '--version'), (e) => {
    assert.equal(e.code, 1);
    assert.match(e.stderr, new RegExp(`the package ${packageName(own)} is not installed[^]*npm install --include=optional\n`));
    return true;
  });
  env.SALESOS_MOCK_BINARY = program;
  assert.match(await run(folder, 'npx', 'salesos-mock', '--version').finally(() => delete env.SALESOS_MOCK_BINARY), /^salesos-mock /);
});

test('on a machine without a program it says which there are', async () => {
  const folder = project;
  const other = "Object.defineProperty(process, 'platform', { value: 'sunos' }); require('salesos-mock').programPath()";
  await assert.rejects(run(folder, process.execPath, '-e', other), /no program for sunos-\w+; there are: .*linux-x64[^]*SALESOS_MOCK_BINARY/);
});

test('programs of another version are refused', () => {
  assert.throws(() => fromDist(join(scratch, 'dist'), '1.2.4'), /has version 1\.2\.3-rc\.1, not 1\.2\.4/);
  assert.throws(() => build('v1.2.3', join(scratch, 'x'), () => {}), /"v1\.2\.3" is no version/);
});

test('without goreleaser, Go builds the programs', () => {
  const path = join(scratch, programName(own));
  withGo(own, path);
  assert.match(execFileSync(path, ['--version'], { encoding: 'utf8' }), /^salesos-mock /);
});
