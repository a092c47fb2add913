import { defineConfig } from 'vitest/config';

/**
 * One project per suite. `unit` needs nothing but Node; `chart` needs Helm; the others start real clusters
 * with hack/cluster, so their files run one at a time (two cores carry one control plane well, not four).
 */
const clusterSuite = (name: string) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    setupFiles: ['test/support/end-waits.ts'],
    // Above the patience of `until` and `expect.poll`, which say what they waited for.
    testTimeout: 900_000,
    expect: { poll: { timeout: 300_000, interval: 100 } },
    hookTimeout: 900_000,
    fileParallelism: false,
  },
});

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles: ['hack/property-seed.ts'],
          include: [
            'src/**/*.test.ts',
            'hack/**/*.test.ts',
            'clients/**/*.test.ts',
            'test/architecture.test.ts',
            'test/builders/**/*.test.ts',
            'test/support/**/*.test.ts',
          ],
          // Against what hangs; a busy machine makes no test fail.
          testTimeout: 60_000,
        },
      },
      { test: { name: 'chart', include: ['test/chart/**/*.test.ts'], testTimeout: 120_000 } },
      clusterSuite('integration'),
      clusterSuite('e2e'),
      clusterSuite('chaos'),
    ],
  },
});
