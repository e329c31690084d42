import { defineConfig } from 'vitest/config';
import { MatrixReporter } from './reporter.ts';

// biome-ignore lint/style/noDefaultExport: vitest reads nothing else
export default defineConfig({
  test: {
    include: ['tests/matrix/**/*.matrix.ts'],
    globalSetup: ['tests/matrix/setup.ts'],
    reporters: [new MatrixReporter(), 'minimal'],
    // What runs print is told by the cases that fail.
    silent: true,
    pool: 'forks',
    // Two cores, and a case uses one and a half: a child, and the vendors' Postgres.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
