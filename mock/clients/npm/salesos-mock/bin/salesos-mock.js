#!/usr/bin/env node
// Runs the program as if it had been called itself: arguments, streams, signals and the exit code pass through.
'use strict';

const { spawn } = require('node:child_process');
const { programPath } = require('../program.js');

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function run(program) {
  const child = spawn(program, process.argv.slice(2), { stdio: 'inherit' });
  const passOn = (signal) => {
    // On Windows the console tells the program by itself, and kill would be the end without a good-bye.
    if (process.platform !== 'win32') child.kill(signal);
  };
  for (const signal of signals) process.on(signal, passOn);
  if (process.env.npm_lifecycle_event === 'npx') outliveNoShell(() => passOn('SIGTERM'));
  child.once('error', (problem) => fail(`salesos-mock: ${program} cannot be run: ${problem.message}`));
  child.once('exit', (code, signal) => {
    for (const name of signals) process.off(name, passOn);
    if (signal) process.kill(process.pid, signal); // so that the caller sees how it ended
    else process.exitCode = code;
  });
}

/** npx hands a signal to the shell between it and this process, which dies of it and tells nobody. */
function outliveNoShell(end) {
  const shell = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(look);
    end();
  }, 100);
  look.unref();
}

function fail(message) {
  console.error(message);
  process.exitCode = 1;
}

try {
  run(programPath());
} catch (problem) {
  fail(problem.message);
}
