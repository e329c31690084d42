import { defineConfig } from 'vitest/config';
import { PROCESSES } from './tests/e2e/processes.ts';

export default defineConfig({
  test: {
    include: ['action/src/**/*.test.ts', 'local-cloud/**/*.test.ts', 'scripts/**/*.test.ts', 'tests/**/*.test.ts'],
    // `npm run e2e` has the processes and the browser.
    exclude: ['**/node_modules/**', 'tests/e2e/**', ...PROCESSES],
    // Two cores: more workers only take memory from the Postgres instances that tests run.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    restoreMocks: true,
  },
});
