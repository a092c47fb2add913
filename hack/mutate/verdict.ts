/**
 * What became of a mutant. `killed`: a test failed. `timeout`: a test did not end. `survived`: all tests that reach it passed.
 * `uncovered`: no test reaches it. `static`: it only runs when its module is loaded, before any test, so it is not tried.
 */
export type Verdict = 'killed' | 'timeout' | 'survived' | 'uncovered' | 'static';

/** What trying a mutant against tests can end with. */
export type TrialVerdict = Extract<Verdict, 'killed' | 'timeout' | 'survived'>;

/** One small change of the source, and what became of it. */
export interface TriedMutant {
  /** Path below the root of the repository. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Which of Stryker's operators made it. */
  readonly operator: string;
  /** What stands there instead. */
  readonly replacement: string;
  readonly verdict: Verdict;
}
