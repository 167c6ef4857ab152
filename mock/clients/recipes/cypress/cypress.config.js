import { defineConfig } from 'cypress';

export default defineConfig({
  e2e: {
    baseUrl: 'http://localhost:5173',
    specPattern: '*.cy.js',
    supportFile: false,
  },
  env: { admin: 'http://127.0.0.1:4000/__admin' },
});
