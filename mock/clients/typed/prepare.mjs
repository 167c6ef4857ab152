// Gets the document of the API from the program, holds it to the ruleset, and generates the clients from it. Beside them it puts the
// TypeScript of README.md, for the compiler to see.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { mockProgram } from '../harness/harness.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'salesos-typed-'));
const program = mockProgram(scratch);

/** Runs a program of node_modules as npx would, and shows what it says only if it fails. */
function npx(script, ...args) {
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  try {
    execFileSync(process.execPath, [join('node_modules', script), ...args], { cwd: here, env, stdio: 'pipe' });
  } catch (problem) {
    process.stderr.write(`${script} ${args.join(' ')}\n${problem.stdout}${problem.stderr}`);
    process.exit(1);
  }
}

process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
rmSync(join(here, 'generated'), { recursive: true, force: true });
mkdirSync(join(here, 'generated'));

// The document of the shipped files, and that of files of one's own.
execFileSync(program, ['openapi', '--output', join(here, 'generated/openapi.json')], { cwd: scratch });
execFileSync(program, ['openapi', '--output', join(here, 'generated/own.json'), '--fixtures', join(here, 'own')], { cwd: scratch });

npx('@redocly/cli/bin/cli.js', 'lint', '--config', 'ruleset.yaml', 'generated/openapi.json', 'generated/own.json');
npx('openapi-typescript/bin/cli.js', 'generated/openapi.json', '-o', 'generated/salesos.d.ts');
npx('openapi-typescript/bin/cli.js', 'generated/own.json', '-o', 'generated/own.d.ts');
npx('@hey-api/openapi-ts/bin/run.js', '-i', './generated/openapi.json', '-o', './generated/hey-api');

// As somebody would copy it; only what it leaves to the reader is declared.
const examples = [...readFileSync(join(here, '../../../README.md'), 'utf8').matchAll(/^```ts\n([^]*?)^```$/gm)];
if (examples.length === 0) throw new Error('README.md has no TypeScript');
for (const [number, [, text]] of examples.entries()) {
  writeFileSync(join(here, `generated/readme-${number + 1}.ts`), `${text}\ndeclare function show(text: string): void;\n`);
}
