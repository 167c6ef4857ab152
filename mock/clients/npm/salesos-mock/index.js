// Starts a mock from a test: a server of its own on a free port.
'use strict';

const { spawn } = require('node:child_process');
const { programPath } = require('./program.js');

/** Starts `salesos-mock serve` with more flags, and waits until it can be called. */
async function start(...flags) {
  const child = spawn(programPath(), ['serve', '--port', '0', '--log', 'off', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = () => child.kill();
  process.once('exit', kill); // whoever forgets to stop it leaves nothing behind
  const ended = new Promise((resolve) => child.once('close', resolve));
  const url = await ready(child);
  return {
    url,
    admin: new URL('/__admin', url).href,
    async stop() {
      process.off('exit', kill);
      kill();
      await ended;
    },
  };
}

/** The address that the first line names, which is a promise. */
function ready(child) {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
      const line = /^salesos-mock ready (\S+)$/m.exec(said);
      if (line) resolve(line[1]);
    });
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`salesos-mock ended with exit code ${code} before it was ready; why stands above`)));
  });
}

module.exports = { start, programPath };
