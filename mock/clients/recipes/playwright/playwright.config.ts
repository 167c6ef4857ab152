import { defineConfig } from '@playwright/test';

export default defineConfig({
  fullyParallel: true,
  use: { baseURL: 'http://localhost:5173' },
  webServer: [
    {
      command: 'npx salesos-mock serve',
      url: 'http://127.0.0.1:4000/__admin/health',
      reuseExistingServer: !process.env.CI,
    },
    {
      command: 'npx vite ../app --port 5173 --strictPort',
      url: 'http://localhost:5173',
      reuseExistingServer: !process.env.CI,
    },
  ],
});
