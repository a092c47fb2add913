import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aNode, aPod, aPool, aRole, aSnapshot } from '../../../test/builders/index.ts';
import { decide } from '../decide.test-helper.ts';
import { fairLevel, type Sharer } from './fair-level.ts';

const sharer = (weight: number, held: number, wanted = held, least = 0): Sharer => ({
  weight,
  held,
  least,
  wanted,
});

/** Progressive filling: the level rises from one bend of the curve to the next until all is given out. */
function slowLevel(sharers: readonly Sharer[]): number {
  const all = sharers.reduce((sum, { held }) => sum + held, 0);
  const given = (level: number) =>
    sharers
      .map(({ weight, least, wanted }) => Math.min(wanted, Math.max(least, level * weight)))
      .reduce((sum, part) => sum + part, 0);
  const bends = sharers.flatMap(({ weight, least, wanted }) => [least / weight, wanted / weight]);
  let level = 0;
  for (const bend of bends.sort((a, b) => a - b)) {
    if (given(bend) < all) level = bend;
    else {
      const rest = all - given(level);
      return rest <= 0 ? level : level + ((bend - level) * rest) / (given(bend) - given(level));
    }
  }
  return level;
}

describe('the fair level', () => {
  test('is the same share by weight for all who want more', () => {
    expect(fairLevel([sharer(1, 0.6, 1), sharer(1, 0, 1), sharer(2, 0.4, 1)])).toBeCloseTo(0.25);
  });

  test('leaves to those who want little what they have, and guarantees before all', () => {
    // 0.1 for the modest one, 0.5 for the guarantee; 0.3 for the one of weight 2.
    const due = sharer(1, 0.3, 1, 0.5);
    expect(fairLevel([sharer(1, 0.1), due, sharer(2, 0.5, 1)])).toBeCloseTo(0.15);
  });

  test('is nothing where guarantees take all', () => {
    expect(fairLevel([sharer(1, 0.25, 1, 0.75), sharer(1, 0.5)])).toBe(0);
  });

  test('is what progressive filling comes to', () => {
    const part = fc.integer({ min: 0, max: 100 }).map((n) => n / 100);
    const anySharer = fc
      .tuple(fc.integer({ min: 1, max: 5 }), part, part, part)
      .map(([weight, held, more, least]) => sharer(weight, held, held + more, Math.min(held + more, least)));
    fc.assert(
      fc.property(fc.array(anySharer, { minLength: 1, maxLength: 6 }), (sharers) => {
        expect(fairLevel(sharers)).toBeCloseTo(slowLevel(sharers), 9);
      }),
    );
  });
});

describe('what a guarantee takes from other roles', () => {
  const anyRole = fc.record({
    weight: fc.integer({ min: 1, max: 4 }),
    runs: fc.integer({ min: 0, max: 8 }),
    waits: fc.integer({ min: 0, max: 4 }),
    guarantee: fc.constantFrom(0, 0, 1, 3),
  });

  test('comes from those who hold most by weight, from none below the fair level, and keeps guarantees', () => {
    let taken = 0;
    fc.assert(
      fc.property(
        fc.array(anyRole, { minLength: 2, maxLength: 5 }),
        fc.integer({ min: 1, max: 8 }),
        (roles, due) => {
          const builder = aSnapshot().with(aRole('due').guarantee({ cpu: `${due}` }));
          builder.with(aPool('due').role('due').replicas(due).cpu('1'));
          let running = 0;
          roles.forEach(({ weight, runs, waits, guarantee }, i) => {
            const pool = aPool(`p${i}`)
              .role(`r${i}`)
              .replicas(runs + waits)
              .cpu('1');
            const role = aRole(`r${i}`).weight(weight);
            builder.with(pool, guarantee > 0 ? role.guarantee({ cpu: `${guarantee}` }) : role);
            for (let slot = 0; slot < runs; slot++)
              builder.with(aPod(`p${i}-${slot}`).ofPool(pool, slot).on('n').cpu('1').ready());
            running += runs;
          });
          builder.with(aNode('n').cpu(`${running}`));
          fc.pre(running > 0);
          const snapshot = builder.build();
          const lost = roles.map(() => 0);
          for (const { framework } of decide(snapshot).evictions)
            lost[Number(snapshot.frameworks[framework]!.metadata.name.slice(1))]!++;
          taken += lost.reduce((sum, tasks) => sum + tasks, 0);
          const least = roles.map(({ guarantee, runs, waits }) => Math.min(guarantee, runs + waits));
          const level = slowLevel([
            { weight: 1, held: 0, least: due, wanted: due },
            ...roles.map(({ weight, runs, waits }, i) => sharer(weight, runs, runs + waits, least[i])),
          ]);
          const left = roles.map(({ runs }, i) => runs - lost[i]!);
          const gives = (i: number, after: number): boolean =>
            left[i]! > 0 &&
            left[i]! - 1 >= roles[i]!.guarantee &&
            (left[i]! - after) / roles[i]!.weight >= level - 1e-9;
          roles.forEach(({ weight, guarantee, runs }, i) => {
            if (lost[i] === 0) return;
            expect(left[i]).toBeGreaterThanOrEqual(Math.min(runs, guarantee));
            // With the last that it gave it was not below.
            const before = (left[i]! + 1) / weight;
            expect(before).toBeGreaterThanOrEqual(level - 1e-9);
            // Nobody who could have given as well is richer now than it was then.
            roles.forEach((other, o) => {
              if (gives(o, 1)) expect(left[o]! / other.weight).toBeLessThanOrEqual(before + 1e-9);
            });
          });
          const got = lost.reduce((sum, tasks) => sum + tasks, 0);
          if (got < due) expect(roles.some((_, i) => gives(i, 0))).toBe(false);
        },
      ),
      { numRuns: 200 },
    );
    expect(taken).toBeGreaterThan(200);
  }, 60_000);
});
