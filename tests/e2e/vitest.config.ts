import { defineConfig } from 'vitest/config';
import { PROCESSES } from './processes.ts';

/** The committed bundles and commands as processes of their own, over ports and in a browser. */
// biome-ignore lint/style/noDefaultExport: vitest reads nothing else
export default defineConfig({
  test: {
    include: ['tests/e2e/**/*.test.ts', ...PROCESSES],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    restoreMocks: true,
  },
});
