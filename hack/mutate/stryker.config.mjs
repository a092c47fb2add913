/** How mutation testing is done; `mutate.ts` names the files. */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'hack/mutate/vitest.config.ts', related: false },
  // All of Stryker's operators, texts of messages included. Only those tests run that reach the mutant.
  coverageAnalysis: 'perTest',
  // Code that runs once, when its module is loaded, cannot be switched between tests: constants and tables.
  ignoreStatic: true,
  // What tests of clusters need stays out of the copy that is mutated.
  ignorePatterns: [
    'charts',
    'crds',
    'dist',
    'docs',
    'examples/dumps',
    'test/{integration,e2e,chaos}',
    '*.log',
  ],
  // There is none of this name: Stryker cannot read a tsconfig with this version of TypeScript, and need not, since
  // Node runs the source as it is.
  tsconfigFile: 'none.json',
  incremental: true,
  incrementalFile: '.cache/mutate/incremental.json',
  tempDirName: '.cache/mutate/sandbox',
  reporters: ['progress-append-only', 'json'],
  jsonReporter: { fileName: '.cache/mutate/report.json' },
  // Mutants that loop forever cost this much each, besides twice the time that their tests take.
  timeoutMS: 5000,
  timeoutFactor: 2,
  concurrency: 2,
};
