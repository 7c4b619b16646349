/**
 * Three projects. A test beside its file (`src/**`), the lives of `tests/scenarios`, the rows of `tests/cases` and the simulated
 * deployments of `tests/simulation` run in plain Node; one under `tests/workerd` runs in workerd with real Durable Objects, D1 and
 * queues; a test under `tests/e2e` is a client of a running server.
 */
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

/** Queues as in wrangler.toml, but without its waits: a retry comes at once, a batch leaves after 50 ms. */
const eager = { maxBatchTimeout: 0.05, maxRetries: 2, retryDelay: 0 };

export default defineConfig({
  test: {
    // More than two cores have: some files only wait, for leases that end. Left alone, Vitest takes one.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'node',
          environment: 'node',
          // A process for each file would load the same modules two hundred times. What they remember, tests pass in.
          isolate: false,
          // On a machine that is busy a property takes as long as it takes.
          testTimeout: 30_000,
          include: ['src/**/*.test.ts', 'tests/{scenarios,cases,simulation}/**/*.test.ts'],
          // The objects themselves run in the simulation: of the platform's module they need its base class.
          alias: { 'cloudflare:workers': '/tests/simulation/harness/cloudflare-workers.ts' },
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              cf: false,
              bindings: {
                ENVIRONMENT: 'development',
                ID_SECRET: 'test-id-secret-0123456789abcdef0123456789abcdef',
                TEST_MIGRATIONS: await readD1Migrations('./migrations'),
              },
              // Under a name of its own: only who binds it as `EXPORTS` writes daily exports.
              r2Buckets: ['TEST_BUCKET'],
              queueConsumers: {
                'reflex-dispatch': { ...eager, maxBatchSize: 10, deadLetterQueue: 'reflex-dispatch-dead' },
                'reflex-facts': { ...eager, maxBatchSize: 100, deadLetterQueue: 'reflex-facts-dead' },
                'reflex-fanout': { ...eager, maxBatchSize: 2, deadLetterQueue: 'reflex-fanout-dead' },
                'reflex-export': { ...eager, maxBatchSize: 10, deadLetterQueue: 'reflex-export-dead' },
                'reflex-dispatch-dead': { ...eager, maxBatchSize: 10 },
                'reflex-facts-dead': { ...eager, maxBatchSize: 10 },
                'reflex-fanout-dead': { ...eager, maxBatchSize: 10 },
                'reflex-export-dead': { ...eager, maxBatchSize: 10 },
              },
            },
          })),
        ],
        test: {
          name: 'workerd',
          include: ['tests/workerd/**/*.test.ts'],
          setupFiles: ['tests/support/apply-migrations.ts'],
        },
      },
      {
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['tests/e2e/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
    // A rejection that crosses RPC is reported a second time as unhandled, even where the caller caught it.
    onUnhandledError: (error) => ('remote' in error && error.remote === true ? false : undefined),
  },
});
