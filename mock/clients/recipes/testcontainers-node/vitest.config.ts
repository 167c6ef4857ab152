import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { hookTimeout: 60_000 }, // an image may have to be fetched
});
