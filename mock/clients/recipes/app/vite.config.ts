import { defineConfig } from 'vite';

export default defineConfig({
  server: {
    // The page calls /api on its own origin: no CORS, and the cookie mock_session travels with each call.
    proxy: { '/api': 'http://127.0.0.1:4000' },
  },
});
