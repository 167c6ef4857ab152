export default {
  globalSetup: './global-setup.js',
  globalTeardown: './global-teardown.js',
  transform: {}, // ECMAScript modules as they are: NODE_OPTIONS=--experimental-vm-modules npx jest
};
