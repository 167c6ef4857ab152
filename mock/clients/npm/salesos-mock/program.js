// Finds the program that belongs to this machine. npm installs it as an optional dependency, chosen by its os and cpu.
'use strict';

const { optionalDependencies = {} } = require('./package.json');

const prefix = '@salesos/mock-';

/** The path of the program. */
function programPath() {
  const given = process.env.SALESOS_MOCK_BINARY;
  if (given) return given;
  const machine = `${process.platform}-${process.arch}`;
  try {
    return require.resolve(`${prefix}${machine}/bin/salesos-mock${process.platform === 'win32' ? '.exe' : ''}`);
  } catch {
    throw new Error(advice(machine));
  }
}

/** What may have gone wrong, and what helps. */
function advice(machine) {
  const own = 'Or set SALESOS_MOCK_BINARY to the path of a program that you built (go build, in a checkout of the project).';
  const machines = Object.keys(optionalDependencies).map((name) => name.slice(prefix.length));
  if (!machines.includes(machine)) {
    return `salesos-mock: there is no program for ${machine}; there are: ${machines.join(', ')}.\n${own}`;
  }
  return [
    `salesos-mock: the package ${prefix}${machine} is not installed, and the program for this machine is in it.`,
    'Either optional dependencies were left out (--omit=optional, --no-optional), or node_modules was made on another',
    'system and copied. Install again here: npm install --include=optional',
    own,
  ].join('\n');
}

module.exports = { programPath };
