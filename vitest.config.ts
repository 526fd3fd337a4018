import { defineConfig } from 'vitest/config'

/** Where `npm test` wants the counts. */
const report = process.env.PORTHOLE_VITEST_REPORT

export default defineConfig({
  test: {
    include: ['{shared,server,client,bench,scripts}/**/*.test.{ts,mjs}'],
    environment: 'node',
    pool: 'forks',
    // One fewer than processors, the default, leaves one idle: many tests wait for other processes.
    maxWorkers: 2,
    testTimeout: 10_000,
    hookTimeout: 20_000,
    teardownTimeout: 10_000,
    restoreMocks: true,
    // A second, the default, is little on a machine that does something else too.
    expect: { poll: { timeout: 5000 } },
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
})
