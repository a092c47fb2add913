import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { avoidCause, avoidGrade, Avoidance, type Failure } from './avoidance.ts';

const MINUTE = 60_000;
const failure = (at: number, fields: Partial<Failure> = {}): Failure => ({
  ofClass: 'arena',
  revision: 'r1',
  node: 'h2',
  kind: 'refused',
  reason: 'OutOfcpu',
  ports: [],
  at,
  ...fields,
});
const after = (...failures: readonly Failure[]): Avoidance => {
  const avoidance = new Avoidance();
  for (const each of failures) avoidance.failed(each);
  return avoidance;
};
const nodes = (avoidance: Avoidance, now: number, revision = 'r1') =>
  avoidance.nodesOf('arena', revision, now);
const grade = (avoidance: Avoidance, now: number, node = 'h2'): number => {
  const avoided = nodes(avoidance, now).get(node);
  return avoided ? avoidGrade(avoided, now) : 0;
};

describe('a node that refused a Pod of a class', () => {
  test('is closed to it for a second, avoided for half a minute, then as good as any', () => {
    const avoidance = after(failure(0));
    expect([grade(avoidance, 0), grade(avoidance, 999)]).toEqual([1, 1]);
    const fresh = grade(avoidance, 1000);
    expect(fresh).toBeLessThan(0.6);
    expect(grade(avoidance, 20_000)).toBeLessThan(fresh);
    expect(grade(avoidance, 29_999)).toBeGreaterThanOrEqual(0.5);
    expect(grade(avoidance, 30_000)).toBe(0);
  });

  test('is tried more and more seldom, once a minute at the least', () => {
    const avoidance = new Avoidance();
    let now = 0;
    const waits = Array.from({ length: 9 }, () => {
      avoidance.failed(failure(now));
      const { closedUntil } = nodes(avoidance, now).get('h2')!;
      const waited = closedUntil - now;
      now = closedUntil;
      return waited / 1000;
    });
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(nodes(avoidance, now).get('h2')!.until - now, 'ten minutes are the longest memory').toBe(
      9 * MINUTE,
    );
  });

  test('counts Pods that it refuses together as one step, and tells of all', () => {
    const avoidance = after(failure(0), failure(300), failure(900));
    expect(nodes(avoidance, 900).get('h2')).toMatchObject({
      setbacks: { steps: 1, times: 3 },
      until: 30_900,
    });
    expect(avoidCause(nodes(avoidance, 900).get('h2')!)).toBe('it refused 3 Pods of this class (OutOfcpu)');
  });

  test('is nothing to other classes, nor to another template of the same', () => {
    const avoidance = after(failure(0));
    expect(avoidance.nodesOf('lobby', 'r1', 0).size).toBe(0);
    expect(nodes(avoidance, 0, 'r2').size).toBe(0);
    avoidance.failed(failure(10, { revision: 'r2' }));
    expect(nodes(avoidance, 10, 'r2').get('h2')).toMatchObject({ setbacks: { steps: 1, times: 1 } });
  });
});

test('a node on which a class crashed is avoided, and never closed', () => {
  const avoidance = after(failure(0, { kind: 'crashed', reason: 'OOMKilled' }));
  expect(grade(avoidance, 0)).toBeCloseTo(0.59);
  expect(avoidCause(nodes(avoidance, 0).get('h2')!)).toBe('1 Pod of this class crashed there (OOMKilled)');
});

test('of nodes that failed equally often the grade tells who did so last; who failed more often comes after both', () => {
  const avoidance = after(
    failure(0, { node: 'h1', kind: 'crashed' }),
    failure(5000, { node: 'h2', kind: 'crashed' }),
    failure(0, { node: 'h3', kind: 'crashed' }),
    failure(2000, { node: 'h3', kind: 'crashed' }),
  );
  const [h1, h2, h3] = ['h1', 'h2', 'h3'].map((node) => grade(avoidance, 6000, node));
  expect(h1).toBeLessThan(h2!);
  expect(h2).toBeLessThan(h3!);
});

test('a host port that failed is remembered for its node, whatever the class', () => {
  const avoidance = after(
    failure(1000, { ports: [7000] }),
    failure(2000, { ofClass: 'lobby', ports: [7001] }),
  );
  expect([...avoidance.portsOn('h2', 3000)]).toEqual([
    [7000, 1000],
    [7001, 2000],
  ]);
  expect(avoidance.portsOn('h1', 3000).size).toBe(0);
  expect([...avoidance.portsOn('h2', 1000 + 10 * MINUTE).keys()]).toEqual([7001]);
});

describe('whatever fails', () => {
  const failures = fc
    .array(
      fc.record({
        ofClass: fc.constantFrom('arena', 'lobby'),
        revision: fc.constantFrom('r1', 'r2'),
        node: fc.constantFrom('h1', 'h2'),
        kind: fc.constantFrom('refused' as const, 'evicted' as const, 'crashed' as const),
        reason: fc.constant(''),
        ports: fc.array(fc.integer({ min: 7000, max: 7100 }), { maxLength: 3 }),
        at: fc.integer({ min: 0, max: 20 * MINUTE }),
      }),
      { maxLength: 60 },
    )
    .map((all) => all.sort((a, b) => a.at - b.at));

  test('a node is closed for a minute at most, and forgotten ten minutes after its last failure', () => {
    fc.assert(
      fc.property(failures, fc.integer({ min: 0, max: 10 * MINUTE }), (all, later) => {
        const avoidance = after(...all);
        const last = all.at(-1)?.at ?? 0;
        const now = last + later;
        for (const avoided of nodes(avoidance, now).values()) {
          expect(avoided.closedUntil).toBeLessThanOrEqual(last + MINUTE);
          expect(avoidGrade(avoided, Math.max(now, avoided.closedUntil))).toBeLessThan(1);
        }
        expect(nodes(avoidance, last + 10 * MINUTE).size).toBe(0);
      }),
    );
  });

  test('the grade falls with time', () => {
    fc.assert(
      fc.property(failures, fc.nat(MINUTE), fc.nat(MINUTE), (all, a, b) => {
        const avoidance = after(...all);
        const last = all.at(-1)?.at ?? 0;
        expect(grade(avoidance, last + a + b)).toBeLessThanOrEqual(grade(avoidance, last + a));
      }),
    );
  });

  test('after a restart, with some Pods cleared away and told in any order, nothing is held more against a node', () => {
    const lost = failures.chain((all) =>
      fc.record({ all: fc.constant(all), left: fc.shuffledSubarray(all, { minLength: 0 }) }),
    );
    fc.assert(
      fc.property(lost, ({ all, left }) => {
        const before = after(...all);
        const restarted = after(...left);
        const now = all.at(-1)?.at ?? 0;
        for (const [node, avoided] of nodes(restarted, now)) {
          const mine = left.filter((each) => each.node === node && each.ofClass === 'arena');
          expect(avoided.setbacks.times).toBeLessThanOrEqual(mine.length);
          expect(avoided.closedUntil).toBeLessThanOrEqual(now + MINUTE);
        }
        const told = after(...left.toSorted((a, b) => a.at - b.at));
        if (left.length === all.length) expect([...nodes(told, now)]).toEqual([...nodes(before, now)]);
      }),
    );
  });

  test('the memory stays small: of too many classes, nodes and ports the last that failed are kept', () => {
    const avoidance = new Avoidance();
    for (let i = 0; i < 2000; i++) {
      avoidance.failed(failure(i, { ofClass: `c${i}` }));
      avoidance.failed(failure(i, { node: `n${i}`, ports: [i] }));
      avoidance.failed(failure(i, { ports: [i] }));
    }
    expect(nodes(avoidance, 2000).size).toBe(50);
    expect(nodes(avoidance, 2000).has('h2')).toBe(true);
    expect(avoidance.portsOn('h2', 2000).size).toBe(50);
    const kept = Array.from({ length: 2000 }, (_, i) => avoidance.nodesOf(`c${i}`, 'r1', 2000).size);
    expect(kept.reduce((sum, size) => sum + size)).toBe(499);
    expect(kept.at(-1)).toBe(1);
  });
});
