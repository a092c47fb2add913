/**
 * The thread of a lane: runs tests of the bundle with one mutant switched on. For each job all modules are made afresh,
 * so that what a mutant left in a cache or a table harms no other.
 */
import * as fc from 'fast-check';
import { compileFunction } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { collect, type CollectedTest } from './collect.ts';
import type { TrialVerdict } from './verdict.ts';

/** How often each mutant's place was passed. */
export type Hits = Readonly<Record<string, number>>;

/** A run of all tests with no mutant on. */
export interface DryRun {
  /** On the processor, in milliseconds, by the number of the test. */
  readonly times: readonly number[];
  /** What the tests that failed said. */
  readonly failures: readonly string[];
  /** While the modules were loaded. */
  readonly atLoad: Hits;
  /** By the number of the test. */
  readonly inTest: readonly Hits[];
}

/** The tests to try a mutant against, by their numbers, and how often they may pass it before they count as endless. */
export interface Trial {
  readonly mutant: string;
  readonly tests: readonly number[];
  readonly hitLimit: number;
}

/** What a lane asks its thread for. */
export type Job = 'dry run' | Trial;

/** The names that instrumented code looks for. */
interface Switches {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  readonly mutantCoverage: { static: Hits; perTest: Record<string, Hits> };
}

const switches: Switches = { mutantCoverage: { static: {}, perTest: {} } };
(globalThis as { __stryker__?: Switches }).__stryker__ = switches;

// Random cases are the same in every run; the first one that fails is enough.
fc.configureGlobal({ seed: 1, endOnFailure: true });

const loadBundle = compileFunction(workerData as string, ['require']) as (
  require: (name: string) => object,
) => void;

/** The tests of fresh modules, which were loaded without any mutant. */
function freshTests(): CollectedTest[] {
  switches.activeMutant = undefined;
  switches.currentTestId = undefined;
  return collect((vitest) => loadBundle((name) => (name === 'vitest' ? vitest : fc)));
}

async function dryRun(): Promise<DryRun> {
  const tests = freshTests();
  const times: number[] = [];
  const failures: string[] = [];
  for (const [number, { name, run }] of tests.entries()) {
    const start = process.threadCpuUsage();
    switches.currentTestId = `test ${number}`;
    await run().catch((error: unknown) => failures.push(`${name}: ${String(error)}`));
    const { user, system } = process.threadCpuUsage(start);
    times.push((user + system) / 1000);
  }
  const { static: atLoad, perTest } = switches.mutantCoverage;
  return { times, failures, atLoad, inTest: tests.map((_, number) => perTest[`test ${number}`] ?? {}) };
}

async function tryMutant(trial: Trial): Promise<TrialVerdict> {
  const tests = freshTests();
  Object.assign(switches, { activeMutant: trial.mutant, hitCount: 0, hitLimit: trial.hitLimit });
  for (const number of trial.tests) {
    const failed = await tests[number]!.run().then(
      () => false,
      () => true,
    );
    // A test may pass in spite of the error by which an endless loop is ended: it expected some error.
    if (switches.hitCount! > trial.hitLimit) return 'timeout';
    if (failed) return 'killed';
  }
  return 'survived';
}

const port = parentPort!;

async function answer(job: Job): Promise<void> {
  const result = job === 'dry run' ? await dryRun() : await tryMutant(job);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  port.postMessage(result);
}

port.on('message', (job: Job) => void answer(job));
