import { describe, expect, test } from 'vitest';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aPool,
  aRole,
  aSnapshot,
  type Buildable,
} from '../../test/builders/index.ts';
import { decide, tasksByNode } from './decide.test-helper.ts';

const pool = (name: string, cpu = '1') => aPool(name).role(name).replicas(50).cpu(cpu).memory('1Gi');
const node = (name: string, cpu: string) => aNode(name).cpu(cpu).memory('64Gi');
const CPU = 0;

/** Tasks by pool or job and node, and what quota kept whom from. */
function run(...objects: Buildable[]) {
  const snapshot = aSnapshot()
    .with(...objects)
    .build();
  const allocation = decide(snapshot);
  const { refused, declined } = allocation;
  const nameOf = (framework: number) => snapshot.frameworks[framework]!.metadata.name;
  const named = <T>(map: ReadonlyMap<number, T>): Record<string, T> =>
    Object.fromEntries([...map].map(([framework, value]) => [nameOf(framework), value]));
  return {
    counts: tasksByNode(snapshot, allocation),
    refused: Object.fromEntries(
      Array.from(refused, ([id, why]) => [nameOf(snapshot.classes[id]!.framework), why]),
    ),
    declined: named(declined),
  };
}

describe('guarantees', () => {
  test('come before shares, and the rest is shared', () => {
    const { counts } = run(node('n', '10'), pool('a'), pool('b'), aRole('b').guarantee({ cpu: '6' }));
    // From two on, a would be due; b goes on to six.
    expect(counts).toEqual({ 'a n': 4, 'b n': 6 });
  });

  test('are for the whole subtree', () => {
    const below = aPool('arena').role('arena').replicas(50).cpu('1').memory('1Gi');
    const roles = [aRole('studio').guarantee({ cpu: '7' }), aRole('arena').parent('studio')];
    expect(run(node('n', '10'), pool('a'), below, ...roles).counts).toEqual({ 'a n': 3, 'arena n': 7 });
  });

  test('that nobody uses are kept free, and who wants that room is told so', () => {
    const { counts, refused } = run(node('n', '10'), pool('a'), aRole('b').guarantee({ cpu: '6' }));
    expect(counts).toEqual({ 'a n': 4 });
    expect(refused).toEqual({
      a: { kind: 'headroom', column: CPU, free: 6000, kept: 6000, needs: 1000 },
    });
  });

  test('keep nobody from a cordoned node who tolerates the cordon', () => {
    const cordoned = node('c', '3').cordoned();
    const tolerant = pool('a').tolerate('node.kubernetes.io/unschedulable');
    const keep = (amounts: Record<string, string>) =>
      run(node('n', '4'), cordoned, tolerant, aRole('b').guarantee(amounts));
    expect(keep({ memory: '64Gi' }).counts).toEqual({ 'a c': 3 });
    const { counts, refused } = keep({ cpu: '3' });
    expect(counts).toEqual({ 'a c': 3, 'a n': 1 });
    expect(refused).toEqual({ a: { kind: 'headroom', column: CPU, free: 3000, kept: 3000, needs: 1000 } });
  });

  test('are not kept on nodes that take no new tasks, nor in what others use', () => {
    const stranger = aPod('stranger').on('n').cpu('2');
    const cordoned = node('c', '8').cordoned();
    const { counts } = run(
      node('n', '10'),
      cordoned,
      stranger,
      pool('a'),
      aRole('b').guarantee({ cpu: '6' }),
    );
    expect(counts).toEqual({ 'a n': 2 });
  });
});

describe('limits', () => {
  test('hold for a role and those below it, with what they have already', () => {
    const roles = [
      aRole('studio').limit({ cpu: '5' }),
      aRole('a').parent('studio'),
      aRole('b').parent('studio'),
    ];
    const here = aPod('a-0').ofPool(pool('a'), 0).on('n').cpu('2').memory('1Gi').ready();
    const { counts, refused } = run(node('n', '20'), pool('a'), pool('b'), here, ...roles);
    expect(counts).toEqual({ 'a n': 1, 'b n': 2 });
    expect(refused['b']).toEqual({
      kind: 'limit',
      role: 'studio',
      column: CPU,
      limit: 5000,
      used: 5000,
      needs: 1000,
    });
  });

  test('a gang over a limit waits as a whole, and is told of all that it needs', () => {
    const gang = aJob('gang').role('a').group(aGroup('w').replicas(4).cpu('1'));
    const { counts, refused, declined } = run(node('n', '20'), gang, aRole('a').limit({ cpu: '3' }));
    expect(counts).toEqual({});
    expect(declined).toEqual({ gang: '3 of 4 workers fit' });
    expect(refused['gang']).toMatchObject({ kind: 'limit', role: 'a', limit: 3000, used: 0, needs: 4000 });
  });

  test('nobody is refused by quota who has no room', () => {
    const { refused } = run(node('n', '2'), pool('a'), aRole('a').limit({ cpu: '2' }));
    expect(refused).toEqual({});
  });
});

describe('reservations', () => {
  const kept = () => node('kept', '4').label('tier', 'gold');
  const gold = (cpu: string) => aRole('b').reserve('tier', 'gold', { cpu });

  test('are room for nobody else', () => {
    expect(run(kept(), pool('a'), gold('3')).counts).toEqual({ 'a kept': 1 });
    expect(run(kept(), pool('a'), pool('b').replicas(2), gold('3')).counts).toEqual({
      'a kept': 1,
      'b kept': 2,
    });
  });

  test('count towards the limit, so that what lies in them is not counted again', () => {
    const { counts, refused } = run(kept(), node('open', '9'), pool('b'), gold('3').limit({ cpu: '5' }));
    expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(5);
    expect(counts['b kept']).toBeGreaterThanOrEqual(3);
    expect(refused['b']).toMatchObject({ kind: 'limit', used: 5000 });
  });

  test('are no headroom for others, and meet the guarantee of the role', () => {
    const { counts } = run(kept(), node('open', '4'), pool('a'), gold('3').guarantee({ cpu: '3' }));
    expect(counts).toEqual({ 'a kept': 1, 'a open': 4 });
  });

  test('are used below the role too, the own ones before those of the role above', () => {
    const roles = [
      aRole('top').reserve('tier', 'gold', { cpu: '2' }),
      aRole('b').parent('top').reserve('tier', 'gold', { cpu: '1' }),
    ];
    const { counts } = run(
      kept(),
      ...roles,
      pool('b').replicas(1),
      aPool('t').role('top').replicas(9).cpu('1'),
      pool('a'),
    );
    // b takes the one kept for it, so that top finds its two; the fourth is for whoever is due.
    expect(counts['b kept']).toBe(1);
    expect((counts['t kept'] ?? 0) + (counts['a kept'] ?? 0)).toBe(3);
    expect(counts['t kept']).toBeGreaterThanOrEqual(2);
  });

  test('what a gang took of them and gave back is there again', () => {
    const gang = aJob('gang').role('b').group(aGroup('w').replicas(5).cpu('1'));
    const { counts } = run(kept(), gang, aPool('zz').role('b').replicas(9).cpu('1'), pool('a'), gold('3'));
    expect(counts['zz kept']).toBeGreaterThanOrEqual(3);
    expect(counts['gang kept']).toBeUndefined();
  });
});
