import { describe, expect, test } from 'vitest';
import {
  aNode,
  aPod,
  aPool,
  aSnapshot,
  preferred,
  term,
  zoned,
  type Buildable,
  type PoolBuilder,
} from '../../../test/builders/index.ts';
import { buildMatrices } from '../matrices.ts';
import { blend } from './wishes.ts';

/** The agents in the order in which the pool takes them, those that tie together. */
function order(wanted: PoolBuilder, ...objects: Buildable[]): string[] {
  const snapshot = aSnapshot()
    .with(wanted, ...objects)
    .build();
  const { b } = buildMatrices(snapshot, snapshot.classes);
  const scores = [...new Set(b)].sort((x, y) => y - x);
  return scores.map((score) =>
    snapshot.agents
      .filter((_, i) => b[i] === score)
      .map(({ name }) => name)
      .join(' '),
  );
}

const inZone = (zone: string, weight: number) => ({
  weight,
  preference: { matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] },
});
const pod = (name: string, node: string, label: string) =>
  aPod(name).namespace('games').on(node).label('app', label);
const wish = (kind: 'podAffinity' | 'podAntiAffinity', ...terms: [weight: number, app: string][]) => ({
  [kind]: preferred(...terms.map(([weight, name]) => [weight, term('zone', name)] as const)),
});
const three = () => [zoned('a', 'a'), zoned('b', 'b'), zoned('c', 'c')];

describe('a class takes first', () => {
  test('nodes with the greatest sum of preferred terms', () => {
    const terms = [inZone('a', 10), inZone('b', 30), { weight: 100, preference: {} }];
    const pool = aPool('p').specField('affinity', {
      nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: terms },
    });
    expect(order(pool, ...three())).toEqual(['b', 'a', 'c']);
  });

  test('nodes with the fewest taints PreferNoSchedule that it does not tolerate', () => {
    const nodes = [
      aNode('two').taint('s', 'PreferNoSchedule').taint('t', 'PreferNoSchedule'),
      aNode('one').taint('s', 'PreferNoSchedule'),
      aNode('none').taint('u', 'PreferNoSchedule'),
    ];
    expect(order(aPool('p').tolerate('u', 'PreferNoSchedule'), ...nodes)).toEqual(['none', 'one', 'two']);
  });

  test('nodes near the Pods that it wants near, and far from those that it does not', () => {
    const there = [...three(), pod('x', 'a', 'web'), pod('y', 'b', 'web'), pod('z', 'b', 'noisy')];
    const affinity = { ...wish('podAffinity', [10, 'web']), ...wish('podAntiAffinity', [4, 'noisy']) };
    expect(order(aPool('p').specField('affinity', affinity), ...there)).toEqual(['a', 'b', 'c']);
  });

  test('nodes near Pods that want it near', () => {
    const host = pod('x', 'b', 'web').specField('affinity', wish('podAffinity', [1, 'game']));
    const shy = pod('y', 'c', 'web').specField('affinity', wish('podAntiAffinity', [1, 'game']));
    expect(order(aPool('p').podLabel('app', 'game'), ...three(), host, shy)).toEqual(['b', 'a', 'c']);
  });

  test('nodes where fewest Pods are that it is to be spread with, and those without the label last', () => {
    const spread = { maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway', ...term('zone', 'g') };
    const pool = aPool('p').podLabel('app', 'g').specField('topologySpreadConstraints', [spread]);
    const there = [...three(), aNode('out'), pod('x', 'a', 'g'), pod('y', 'a', 'g'), pod('z', 'b', 'g')];
    expect(order(pool, ...there)).toEqual(['c', 'b', 'a out']);
  });

  test('nodes as before, when it wishes nothing', () => {
    expect(order(aPool('p'), ...three(), pod('x', 'a', 'web'))).toEqual(['a b c']);
  });
});

test('the parts of B are weighed into one number of 0 to 1000', () => {
  expect(blend(700, [], 0)).toBe(700);
  const wishes = [
    { values: Float64Array.of(1000, 0), weight: 2 },
    { values: Float64Array.of(500, 1000), weight: 3 },
  ];
  expect([blend(700, wishes, 0), blend(700, wishes, 1)]).toEqual([700, 617]);
});
