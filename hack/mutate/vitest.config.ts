import { defineConfig } from 'vitest/config';

/**
 * The tests that mutants of the allocator are tried against: those beside its source. Those that play thousands of
 * random clusters against a second, slow allocator are left out: they would find more, but take seconds each. What
 * counts here is found by the tests that say what should happen.
 */
export default defineConfig({
  test: {
    include: ['src/allocator/**/*.test.ts'],
    exclude: ['**/*.property.test.ts', 'src/allocator/fairness.test.ts'],
    isolate: false,
    pool: 'threads',
  },
});
