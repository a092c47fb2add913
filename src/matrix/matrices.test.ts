import { expect, test } from 'vitest';
import { aGroup, aJob, aNode, aPod, aPool, aRole, aSnapshot } from '../../test/builders/index.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { buildMatrices, type Matrices } from './matrices.ts';

const rows = ({ n }: Matrices, cells: ArrayLike<number>): number[][] =>
  Array.from({ length: cells.length / n }, (_, j) =>
    Array.from({ length: n }, (_, i) => Number(cells[j * n + i]!.toFixed(3))),
  );
const all = (snapshot: Snapshot) => buildMatrices(snapshot, snapshot.classes);

const spread = aPool('spread').distributed().cpu('1').memory('1Gi').port('game', 1);
const packed = aPool('packed').cpu('2').memory('1Gi').nodeSelector('disk', 'ssd');
const job = aJob('learn').group(aGroup('worker').request('nvidia.com/gpu', '2').cpu('1'));

test('A, B and C of a small cluster', () => {
  const snapshot = aSnapshot()
    .with(aNode('n1').cpu('4').memory('8Gi').label('disk', 'ssd'))
    .with(aNode('n2').cpu('8').memory('8Gi').resource('nvidia.com/gpu', '5'))
    .with(aNode('n3').cpu('4').memory('8Gi').label('disk', 'ssd').cordoned())
    .with(spread, packed, job, aPod('other').on('n1').cpu('2').memory('2Gi'))
    .hostPorts(7000, 7002)
    .health('n2', { pressures: ['DiskPressure'] })
    .health('n3', { unfitMs: 1 })
    .build();
  const matrices = all(snapshot);
  expect(matrices.classes.map((c) => snapshot.frameworks[c.framework]!.key)).toEqual([
    'games/packed',
    'games/spread',
    'training/learn',
  ]);
  expect(rows(matrices, matrices.a)).toEqual([
    [1, 0, 0],
    [2, 3, 0],
    [0, 2, 0],
  ]);
  expect(rows(matrices, matrices.allowed)).toEqual([
    [1, 0, 0],
    [1, 1, 0],
    [1, 1, 0],
  ]);
  // n1 with a packed task: cpu (2 + 2) / 4, memory (2 + 1) / 8; their mean in thousandths.
  expect(rows(matrices, matrices.b)).toEqual([
    [688, 188, 313],
    [1000 - 563, 1000 - 125, 1000 - 188],
    [500, 63, 125],
  ]);
  expect(rows(matrices, matrices.c)).toEqual([
    [0, 0.6, 1],
    [0, 0.6, 1],
    [0, 0.6, 1],
  ]);
  const gpu = snapshot.columns.get('nvidia.com/gpu')!;
  expect(matrices.demand[2 * snapshot.columns.count + gpu]).toBe(2);
});

test('recent failures of a class on a node count for that class alone', () => {
  const crashed = (slot: number, secondsAgo: number) =>
    aPod(`spread-${slot}`).ofPool(spread, slot).on('n1').exited(1, secondsAgo, 1);
  const snapshot = aSnapshot()
    .with(aNode('n1').label('disk', 'ssd'), aNode('n2'), packed, spread)
    .with(crashed(0, 0), crashed(1, 29), crashed(2, 31))
    .build();
  const matrices = all(snapshot);
  expect(rows(matrices, matrices.c)).toEqual([
    [0, 0],
    [0.79, 0],
  ]);
  expect(matrices.classes[1]!.avoids.get('n1')).toMatchObject({ kind: 'crashed', setbacks: { times: 3 } });
});

test('a loss of the node itself does not speak against the class there; the rows are those asked for', () => {
  const lost = aPod('spread-0').ofPool(spread, 0).on('n1').ready();
  const snapshot = aSnapshot()
    .with(aNode('n1'), packed, spread, lost)
    .health('n1', { unfitMs: 50_000 })
    .build();
  expect(snapshot.classes[1]!.avoids.size).toBe(0);
  const one = buildMatrices(snapshot, [snapshot.classes[1]!]);
  expect([one.a.length, one.classes[0]]).toEqual([1, snapshot.classes[1]]);
});

test('A leaves out what is reserved for other roles and not in use; what is reserved above counts for a role below', () => {
  const pool = (name: string, role: string) => aPool(name).role(role).cpu('1');
  const inUse = aPod('b-0').ofPool(pool('b', 'elite'), 0).on('n1').cpu('1').ready();
  const snapshot = aSnapshot()
    .with(aNode('n1').cpu('8').label('tier', 'gold'), aNode('n2').cpu('8'))
    .with(aRole('elite').reserve('tier', 'gold', { cpu: '5' }), aRole('below').parent('elite'))
    .with(pool('a', 'below'), pool('b', 'elite'), pool('c', 'other'), inUse)
    .build();
  const matrices = all(snapshot);
  expect(rows(matrices, matrices.a)).toEqual([
    [7, 8],
    [7, 8],
    [3, 8],
  ]);
});

test('B prefers agents with unused room that is reserved for the role, however full the others are', () => {
  const snapshot = aSnapshot()
    .with(aNode('n1').cpu('8'), aNode('n2').cpu('8').label('tier', 'gold'), aNode('n3').cpu('8'))
    .with(aRole('elite').reserve('tier', 'gold', { cpu: '5' }), aRole('below').parent('elite'))
    .with(aPool('a').role('below').cpu('1').memory('1Gi'), aPool('c').role('other').cpu('1').memory('1Gi'))
    .with(aPod('busy').on('n1').cpu('6').memory('6Gi'))
    .build();
  const [below, other] = rows(all(snapshot), all(snapshot).b);
  expect(below!.indexOf(Math.max(...below!))).toBe(1);
  expect(other!.indexOf(Math.max(...other!))).toBe(0);
});

test('classes that differ in the range of their ports alone have rows of their own', () => {
  const port = (range: string) => [{ name: 'game', containerPort: 1, protocol: 'UDP', range }];
  const snapshot = aSnapshot()
    .with(aNode('n1'), aPool('a').field('ports', port('default')), aPool('b').field('ports', port('query')))
    .hostPorts(7000, 7004)
    .hostPorts(7004, 7005, 'query')
    .build();
  const matrices = all(snapshot);
  expect(rows(matrices, matrices.a)).toEqual([[5], [2]]);
});

test('a node takes one task with a Static port, and none out of a range that does not exist', () => {
  const port = { name: 'game', containerPort: 1, protocol: 'UDP' };
  const taken = aPod('other').on('n2').fixedPort(27_015);
  const snapshot = aSnapshot()
    .with(aNode('n1'), aNode('n2'), taken)
    .with(aPool('a').field('ports', [{ ...port, policy: 'Static', hostPort: 27_015 }]))
    .with(aPool('b').field('ports', [{ ...port, range: 'else' }]))
    .build();
  const matrices = all(snapshot);
  expect(rows(matrices, matrices.a)).toEqual([
    [1, 0],
    [0, 0],
  ]);
});
