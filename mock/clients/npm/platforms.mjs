// The machines for which there is a program: as Go names them, and as npm does. A test compares them with what
// .goreleaser.yaml builds.

/** @typedef {{ goos: string, goarch: string, os: string, cpu: string }} Platform */

const systems = { linux: 'linux', darwin: 'darwin', windows: 'win32' };
const processors = { amd64: 'x64', arm64: 'arm64' };

/** @type {Platform[]} */
export const platforms = Object.entries(systems).flatMap(([goos, os]) =>
  Object.entries(processors).map(([goarch, cpu]) => ({ goos, goarch, os, cpu })),
);

/** @param {Platform} platform */
export const packageName = ({ os, cpu }) => `@salesos/mock-${os}-${cpu}`;

/** @param {Platform} platform */
export const programName = ({ os }) => (os === 'win32' ? 'salesos-mock.exe' : 'salesos-mock');
