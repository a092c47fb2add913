import { Lane } from './lane.ts';
import type { Mutant } from './instrument.ts';
import type { TriedMutant, Verdict } from './verdict.ts';
import type { DryRun } from './worker.ts';

/** How many mutants are tried at once. */
const LANES = 2;
/** A mutant that is passed this many times as often as its place is without it (and so much more) never ends. */
const HIT_FACTOR = 100;
const HIT_FLOOR = 1000;
/** An endless loop need not pass the mutant: what its tests may take, in milliseconds, and in times what they took. */
const TIME_FLOOR = 5_000;
const TIME_FACTOR = 5;

/** The tests that pass a mutant, the fastest first, and how often they do. */
function reachOf({ inTest, times }: DryRun, mutant: string): { tests: number[]; hits: number; time: number } {
  const tests = [...inTest.keys()].filter((number) => mutant in inTest[number]!);
  return {
    tests: tests.sort((a, b) => times[a]! - times[b]!),
    hits: tests.reduce((sum, number) => sum + inTest[number]![mutant]!, 0),
    time: tests.reduce((sum, number) => sum + times[number]!, 0),
  };
}

async function verdictOn(lane: Lane, dry: DryRun, mutant: string): Promise<Verdict> {
  const { tests, hits, time } = reachOf(dry, mutant);
  if (tests.length === 0) return mutant in dry.atLoad ? 'static' : 'uncovered';
  const hitLimit = HIT_FACTOR * hits + HIT_FLOOR;
  return await lane.try({ mutant, tests, hitLimit }, TIME_FLOOR + TIME_FACTOR * time);
}

/**
 * Tries every mutant against the tests that pass it, until one fails.
 * @param bundle of the tests and the instrumented source.
 * @param expected how many tests there are.
 * @throws if the tests differ from those, or fail without any mutant.
 */
export async function tryAll(
  bundle: string,
  mutants: readonly Mutant[],
  expected: number,
  progress: (done: number) => void,
): Promise<TriedMutant[]> {
  const lanes = Array.from({ length: LANES }, () => new Lane(bundle));
  const dry = await lanes[0]!.dryRun();
  if (dry.failures.length > 0) throw new Error(`tests fail without any mutant:\n${dry.failures.join('\n')}`);
  if (dry.times.length !== expected)
    throw new Error(`${expected} tests pass in vitest, but ${dry.times.length} ran here: see collect.ts`);

  const verdicts: Verdict[] = [];
  let next = 0;
  let done = 0;
  await Promise.all(
    lanes.map(async (lane) => {
      while (next < mutants.length) {
        const number = next++;
        verdicts[number] = await verdictOn(lane, dry, mutants[number]!.id);
        progress(++done);
      }
      await lane.close();
    }),
  );
  return mutants.map(({ fileName, location: { start }, mutatorName, replacement }, number) => ({
    file: fileName,
    line: start.line + 1,
    column: start.column + 1,
    operator: mutatorName,
    replacement,
    verdict: verdicts[number]!,
  }));
}
