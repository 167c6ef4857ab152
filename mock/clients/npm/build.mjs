// Makes the npm packages of a release: one with the program for each platform, and one that chooses among them.
//
//   node build.mjs --version 1.2.3 --dist ../../../dist --out packages   # with the programs that goreleaser built
//   node build.mjs --version 1.2.3 --out packages                        # builds them with Go
//
// Each folder in packages can be published (publish.mjs), or packed and installed.

import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { packageName, platforms, programName } from './platforms.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const project = resolve(here, '../../..');

/**
 * Makes all packages.
 * @param {string} version
 * @param {string} out a folder
 * @param {(platform: import('./platforms.mjs').Platform, path: string) => void} putProgram puts a platform's program at a path
 */
export function build(version, out, putProgram) {
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version)) throw new Error(`"${version}" is no version such as 1.2.3 or 1.2.3-rc.1`);
  const names = platforms.map((platform) => buildPlatform(platform, version, out, putProgram));
  const main = join(out, 'salesos-mock');
  cpSync(join(here, 'salesos-mock'), main, { recursive: true });
  const manifest = { ...template(), version, optionalDependencies: Object.fromEntries(names.map((name) => [name, version])) };
  write(join(main, 'package.json'), manifest);
}

function buildPlatform(platform, version, out, putProgram) {
  const name = packageName(platform);
  const folder = join(out, name.slice(name.indexOf('/') + 1));
  const program = join(folder, 'bin', programName(platform));
  mkdirSync(dirname(program), { recursive: true });
  putProgram(platform, program);
  chmodSync(program, 0o755);
  const description = `salesos-mock for ${platform.os} ${platform.cpu}; install salesos-mock, which takes the one that fits`;
  const { repository, engines } = template();
  write(join(folder, 'package.json'), {
    name,
    version,
    description,
    repository,
    files: ['bin'],
    engines,
    os: [platform.os],
    cpu: [platform.cpu],
    preferUnplugged: true, // a program cannot be run from within an archive, where Yarn would leave it
  });
  return name;
}

const template = () => JSON.parse(readFileSync(join(here, 'salesos-mock', 'package.json'), 'utf8'));

const write = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);

/**
 * Takes programs from the folder in which goreleaser left them. What was built for another version is refused.
 * @param {string} dist
 * @param {string} version
 */
export function fromDist(dist, version) {
  const read = (name) => JSON.parse(readFileSync(join(dist, name), 'utf8'));
  const built = read('metadata.json').version;
  if (built !== version) throw new Error(`${dist} has version ${built}, not ${version}`);
  const programs = read('artifacts.json').filter((artifact) => artifact.type === 'Binary');
  return (platform, path) => {
    const found = programs.find(({ goos, goarch }) => goos === platform.goos && goarch === platform.goarch);
    if (!found) throw new Error(`${dist} has no program for ${platform.goos} ${platform.goarch}`);
    // Its paths begin with the name of the folder, wherever that is now.
    copyFileSync(join(dist, ...found.path.split(/[\\/]/).slice(1)), path);
  };
}

/** Builds a program as goreleaser does. */
export function withGo({ goos, goarch }, path) {
  execFileSync('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', path, '.'], {
    cwd: project,
    env: { ...process.env, CGO_ENABLED: '0', GOOS: goos, GOARCH: goarch },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

function main() {
  const { values } = parseArgs({ options: { version: { type: 'string' }, dist: { type: 'string' }, out: { type: 'string' } } });
  const { version, dist, out } = values;
  if (!version || !out) throw new Error('usage: node build.mjs --version 1.2.3 [--dist FOLDER] --out FOLDER');
  if (existsSync(out)) throw new Error(`${out} exists already: what is published comes from a new folder`);
  build(version, resolve(out), dist ? fromDist(dist, version) : withGo);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main();
  } catch (problem) {
    console.error(`build.mjs: ${problem.message}`);
    process.exitCode = 1;
  }
}
