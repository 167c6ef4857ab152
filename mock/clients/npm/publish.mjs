// Publishes the packages that build.mjs made. What follows the folder is handed to npm publish.
//
//   node publish.mjs packages --provenance
//
// The package that people install goes last: whoever gets it can get what it needs. A run that was cut short can be
// repeated, since what is published already is left out. A version such as 1.2.3-rc.1 does not become "latest".

import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const main = 'salesos-mock';
const npm = (args, options) => promisify(execFile)('npm', args, options);

async function publish(folder, options) {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (await isPublished(name, version)) return console.log(`${name} ${version} is published already`);
  const tag = version.includes('-') ? 'next' : 'latest';
  await npm(['publish', '--access', 'public', '--tag', tag, ...options], { cwd: folder });
  console.log(`${name} ${version} is published as ${tag}`);
}

/** npm view fails for an unknown package, and prints nothing for an unknown version. */
async function isPublished(name, version) {
  try {
    const { stdout } = await npm(['view', `${name}@${version}`, 'version', '--prefer-online']);
    return stdout.trim() === version;
  } catch (problem) {
    if (problem.stderr.includes('E404')) return false;
    throw problem;
  }
}

async function run([out, ...options]) {
  if (!out) throw new Error('usage: node publish.mjs FOLDER [OPTIONS OF NPM PUBLISH]');
  const platforms = readdirSync(out).filter((folder) => folder !== main);
  await Promise.all(platforms.map((folder) => publish(join(out, folder), options)));
  await publish(join(out, main), options);
}

try {
  await run(process.argv.slice(2));
} catch (problem) {
  console.error(`publish.mjs: ${problem.stderr ?? problem.message}`);
  process.exitCode = 1;
}
