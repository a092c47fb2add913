import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { atOnce } from '../lib/steps.ts';
import { Quarantine, type Attempt, type Suspect } from './quarantine.ts';

const suspects = (...ids: string[]): Suspect[] => ids.map((id) => ({ id, namespace: id.split('/')[0]! }));

/** A cycle that fails with any of some frameworks, and counts its runs. */
function cycle(bad: readonly string[], all: readonly Suspect[]) {
  const counted = { runs: 0 };
  const attempt: Attempt<string[]> = function* (leftOut) {
    yield;
    counted.runs++;
    const taken = all.map(({ id }) => id).filter((id) => !leftOut.has(id));
    const culprit = taken.find((id) => bad.includes(id));
    if (culprit !== undefined) throw new Error(`fault with ${culprit}`);
    return taken;
  };
  return { attempt, counted };
}

const run = <T>(quarantine: Quarantine, ...args: Parameters<typeof quarantine.run<T>>): T =>
  atOnce(quarantine.run<T>(...args));

describe('a cycle that fails', () => {
  test('is run without those who make it fail, who are told once', () => {
    const told: string[] = [];
    const quarantine = new Quarantine(({ id }) => told.push(id));
    const all = suspects('a/1', 'b/1', 'b/2', 'c/1');
    const { attempt } = cycle(['b/2'], all);
    expect(run(quarantine, attempt, () => all, 0)).toEqual(['a/1', 'b/1', 'c/1']);
    expect(run(quarantine, attempt, () => all, 1000)).toEqual(['a/1', 'b/1', 'c/1']);
    expect(told).toEqual(['b/2']);
    expect(quarantine.holds(1000).get('b/2')).toMatchObject({
      reason: 'Quarantined',
      message: expect.stringContaining('fault with b/2') as string,
      freezes: true,
    });
  });

  test('without anybody to blame fails', () => {
    const quarantine = new Quarantine(() => {});
    const attempt: Attempt<void> = function* () {
      yield;
      throw new Error('rotten');
    };
    expect(() => run(quarantine, attempt, () => suspects('a/1'), 0)).toThrow('rotten');
    expect(() => run(quarantine, attempt, () => [], 0)).toThrow('rotten');
    expect(quarantine.holds(0).size).toBe(0);
  });

  test('ends for all others, whoever and however many are bad', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(20)).map(([ns, n]) => `${ns}/${n}`)),
        fc.func(fc.boolean()),
        (ids, isBad) => {
          const all = suspects(...ids);
          const bad = ids.filter((id) => isBad(id));
          const { attempt } = cycle(bad, all);
          const good = run(new Quarantine(() => {}), attempt, () => all, 0);
          expect(good.some((id) => bad.includes(id))).toBe(false);
          const innocent = ids.filter((id) => !bad.some((other) => other.split('/')[0] === id.split('/')[0]));
          expect(good).toEqual(expect.arrayContaining(innocent));
        },
      ),
    );
  });

  test('costs few runs, even when a namespace has nothing but bad ones', () => {
    const all = suspects('good/1', ...Array.from({ length: 1000 }, (_, i) => `bad/${i}`));
    const { attempt, counted } = cycle(
      all.slice(1).map(({ id }) => id),
      all,
    );
    expect(run(new Quarantine(() => {}), attempt, () => all, 0)).toEqual(['good/1']);
    expect(counted.runs).toBeLessThan(80);
  });
});

test('who is left out is tried again after a while, or when its spec changed', () => {
  const all = suspects('a/1');
  const quarantine = new Quarantine(() => {});
  const bad = cycle(['a/1'], all).attempt;
  const left = (now: number) => quarantine.holds(now).size;
  run(quarantine, bad, () => all, 0);
  expect([left(59_999), left(60_000)]).toEqual([1, 0]);
  run(quarantine, bad, () => all, 60_000);
  expect([left(179_999), left(180_000)]).toEqual([1, 0]);
  run(quarantine, bad, () => all, 180_000);
  quarantine.cleared('a/1');
  expect(left(180_000)).toBe(0);
});
