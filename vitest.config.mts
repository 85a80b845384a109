import { defineConfig } from 'vitest/config';

/** Tiers of the tests, each runnable alone: `vitest run --project unit`. */
export default defineConfig({
  test: {
    // vitest leaves one core free, which on two cores is every second one
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/**/*.test.{ts,tsx}'],
          exclude: ['tests/integration/**', 'tests/integration-slow/**', 'tests/cluster/**', 'tests/extended/**'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        // a real API server, built from source on its first run where there is Go
        test: {
          name: 'cluster',
          globalSetup: ['tests/cluster/build-control-plane.ts'],
          include: ['tests/cluster/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        // a real engine, built from source on its first run; on busy cores its threads wait for each other and answers take minutes
        test: {
          name: 'engine',
          include: ['tests/integration-slow/**/*.test.ts'],
          testTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        // tools that are installed or built for it: not part of `npm test`
        test: {
          name: 'extended',
          include: ['tests/extended/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
