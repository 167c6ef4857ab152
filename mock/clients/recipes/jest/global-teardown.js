export default () => globalThis.mock.stop();
