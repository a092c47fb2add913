import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aPool,
  aRole,
  aSnapshot,
  HOST,
  preferred,
  required,
  term,
  zoned,
  type Buildable,
  type PoolBuilder,
} from '../../test/builders/index.ts';
import { buildMatrices } from '../matrix/matrices.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { decide, tasksByNode } from './decide.test-helper.ts';
import type { Launch } from './placing/offer.ts';

const spread = (topologyKey: string, name: string, whenUnsatisfiable = 'DoNotSchedule', maxSkew = 1) => [
  { maxSkew, whenUnsatisfiable, ...term(topologyKey, name) },
];
const pool = (name: string, replicas: number) =>
  aPool(name).podLabel('app', name).cpu('1').replicas(replicas);

/** Tasks of each pool or job by node: `pool node` -> number. */
function placed(...objects: Buildable[]): Record<string, number> {
  const snapshot = aSnapshot()
    .with(...objects)
    .build();
  return tasksByNode(snapshot, decide(snapshot));
}

/** With a role in which priorities count. */
const nodes = () => [zoned('a1', 'a'), zoned('a2', 'a'), zoned('b1', 'b'), aRole('games')];

describe('tasks that are placed in one cycle', () => {
  test('keep off each other by anti-affinity', () => {
    const alone = pool('p', 5).specField('affinity', { podAntiAffinity: required(term(HOST, 'p')) });
    expect(placed(...nodes(), alone)).toEqual({ 'p a1': 1, 'p a2': 1, 'p b1': 1 });
  });

  test('keep those off that come later, of other pools', () => {
    const first = pool('first', 1).specField('affinity', { podAntiAffinity: required(term('zone', 'last')) });
    expect(placed(...nodes(), first.priority(1), pool('last', 9))).toEqual({ 'first a1': 1, 'last b1': 4 });
  });

  test('follow the first of their group, and one of another', () => {
    const group = pool('g', 6).specField('affinity', { podAffinity: required(term('zone', 'g')) });
    expect(placed(...nodes(), group)).toEqual({ 'g a1': 4, 'g a2': 2 });
    const after = pool('after', 2).specField('affinity', { podAffinity: required(term(HOST, 'lead')) });
    expect(placed(...nodes(), pool('lead', 1).priority(1), after)).toEqual({ 'lead a1': 1, 'after a1': 2 });
  });

  test('are spread over domains as far as the fullest allows', () => {
    const even = pool('p', 12).specField('topologySpreadConstraints', spread('zone', 'p'));
    // b1 is full after 4, so that zone a ends with 5.
    expect(placed(...nodes(), even)).toEqual({ 'p a1': 4, 'p a2': 1, 'p b1': 4 });
  });

  test('are spread where it is possible, and placed all the same', () => {
    const soft = pool('p', 12).specField('topologySpreadConstraints', spread('zone', 'p', 'ScheduleAnyway'));
    expect(placed(...nodes(), soft)).toEqual({ 'p a1': 4, 'p a2': 4, 'p b1': 4 });
    const four = pool('p', 4).specField('topologySpreadConstraints', spread('zone', 'p', 'ScheduleAnyway'));
    expect(placed(...nodes(), four)).toEqual({ 'p a1': 2, 'p b1': 2 });
  });

  test('go first where they would like to be', () => {
    const stays = aPod('w').namespace('games').on('b1').label('app', 'web');
    const near = pool('p', 2).specField('affinity', { podAffinity: preferred([10, term('zone', 'web')]) });
    expect(placed(...nodes(), stays, near)).toEqual({ 'p b1': 2 });
    const far = pool('p', 2).specField('affinity', { podAntiAffinity: preferred([10, term(HOST, 'p')]) });
    expect(placed(...nodes(), far)).toEqual({ 'p a1': 1, 'p a2': 1 });
    const liked = pool('p', 2).specField('affinity', {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 1, preference: { matchExpressions: [{ key: 'zone', operator: 'In', values: ['b'] }] } },
        ],
      },
    });
    expect(placed(...nodes(), liked)).toEqual({ 'p b1': 2 });
    const clean = [zoned('a1', 'a').taint('t', 'PreferNoSchedule'), zoned('b1', 'b')];
    expect(placed(...clean, pool('p', 5))).toEqual({ 'p b1': 4, 'p a1': 1 });
  });

  test('of a gang that finds too little leave no trace', () => {
    const same = { matchLabels: { 'proffer.dev/job': 'gang' } };
    const off = {
      podAntiAffinity: required({ topologyKey: HOST, labelSelector: same, namespaceSelector: {} }),
    };
    const group = aGroup('w').replicas(4).cpu('1').specField('affinity', off);
    const later = pool('later', 3).specField('affinity', off).priority(-1);
    expect(placed(...nodes(), aJob('gang').priority(1).group(group), later)).toEqual({ 'later a1': 3 });
  });
});

describe('whatever the rules', () => {
  const key = fc.constantFrom(HOST, 'zone');
  const name = fc.constantFrom('p0', 'p1', 'p2');
  const anyPool = fc.record({
    replicas: fc.integer({ min: 0, max: 6 }),
    affinity: fc.option(fc.tuple(key, name), { freq: 2 }),
    anti: fc.option(fc.tuple(key, name), { freq: 2 }),
    spread: fc.option(
      fc.tuple(key, name, fc.constantFrom('DoNotSchedule', 'ScheduleAnyway'), fc.constantFrom(1, 2)),
      {
        freq: 2,
      },
    ),
    distributed: fc.boolean(),
  });
  const build = (some: typeof anyPool extends fc.Arbitrary<infer T> ? T : never, i: number): PoolBuilder => {
    const made = pool(`p${i}`, some.replicas);
    if (some.distributed) made.distributed();
    if (some.spread) made.specField('topologySpreadConstraints', spread(...some.spread));
    return made.specField('affinity', {
      ...(some.affinity ? { podAffinity: required(term(...some.affinity)) } : {}),
      ...(some.anti ? { podAntiAffinity: required(term(...some.anti)) } : {}),
    });
  };
  const cluster = () => [zoned('a1', 'a'), zoned('a2', 'a'), zoned('b1', 'b'), aNode('out')];

  test('the tasks can be placed one by one, each where the Pods before it let it go, counted anew', () => {
    let placedTasks = 0;
    fc.assert(
      fc.property(fc.array(anyPool, { minLength: 1, maxLength: 3 }), (some) => {
        const objects: Buildable[] = [...cluster(), ...some.map(build)];
        const snapshot = aSnapshot()
          .with(...objects)
          .build();
        const left = decide(snapshot).launches.slice();
        placedTasks += left.length;
        while (left.length > 0) {
          const fits = whereTasksFit(objects);
          // Launches stand agent by agent, not in the order in which they were found.
          const next = left.findIndex(({ offer }) => fits(offer, snapshot));
          expect(next).toBeGreaterThanOrEqual(0);
          const [{ offer, vacancy }] = left.splice(next, 1) as [Launch];
          objects.push(podOf(offer, vacancy.name, snapshot));
        }
      }),
      { numRuns: 200 },
    );
    expect(placedTasks).toBeGreaterThan(400);
  });
});

/** The Pod that an offer becomes. */
function podOf({ demandClass, agent }: Launch['offer'], name: string, snapshot: Snapshot) {
  const { labels, template } = demandClass.shape;
  const pod = aPod(name).namespace('games').on(snapshot.agents[agent]!.name).cpu('1');
  for (const label in labels) pod.label(label, labels[label]!);
  return pod.specField('affinity', template!.spec['affinity']);
}

/** Says whether an offer could be made with these objects about. */
function whereTasksFit(objects: readonly Buildable[]) {
  const snapshot = aSnapshot()
    .with(...objects)
    .build();
  const { classes, numbers } = snapshot;
  const { a, n } = buildMatrices(snapshot, classes);
  const rowOf = new Map(classes.map(({ shape }, row) => [shape.labels['app'], row]));
  return ({ demandClass, agent }: Launch['offer'], before: Snapshot) =>
    a[rowOf.get(demandClass.shape.labels['app'])! * n + numbers.get(before.agents[agent]!.name)!]! > 0;
}
