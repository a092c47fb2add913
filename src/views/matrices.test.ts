import { describe, expect, test } from 'vitest';
import { aGroup, aJob, aNode, aPod, aPool, aRole, aSnapshot } from '../../test/builders/index.ts';
import { NotInSnapshot } from './limit.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { matricesView, type MatricesQuery } from './matrices.ts';

const view = (snapshot: Snapshot, query: MatricesQuery) =>
  matricesView(snapshot, query, () => Promise.resolve());
const all = { limit: 200, classLimit: 20 };

const arena = aPool('arena').replicas(3).cpu('1').memory('1Gi').port('game', 7777).priority(5);
const idle = aPool('aaa-idle').replicas(0).cpu('1');
const learn = aJob('learn').group(aGroup('worker').replicas(2).cpu('3').request('nvidia.com/gpu', '1'));
const cluster = () =>
  aSnapshot()
    .with(
      aNode('n1'),
      aNode('n2').taint('maintenance'),
      aNode('n3').cpu('16').resource('nvidia.com/gpu', '2'),
    )
    .with(aNode('n4'), aRole('games'), arena, idle, learn)
    .with(aPod('other').on('n1').cpu('3500m').memory('1Gi').fixedPort(7000))
    .with(aPod('arena-0').ofPool(arena, 0).on('n3').cpu('1').memory('1Gi').ready())
    .with(aPod('arena-1').ofPool(arena, 1).on('n4').cpu('1').memory('1Gi').exited(1, 1))
    .health('n3', { pressures: ['DiskPressure'] });

describe('matricesView', () => {
  test('S is what each node can still give', async () => {
    const { S, nodes } = await view(cluster().build(), all);
    expect(nodes).toEqual(['n1', 'n2', 'n3', 'n4']);
    expect(S[0]).toEqual({
      node: 'n1',
      free: { cpu: '500m', memory: '7Gi', 'ephemeral-storage': '100Gi', pods: '109', 'nvidia.com/gpu': '0' },
      allocatable: {
        cpu: '4',
        memory: '8Gi',
        'ephemeral-storage': '100Gi',
        pods: '110',
        'nvidia.com/gpu': '0',
      },
      freeHostPorts: 1000,
    });
  });

  test('the share of a role counts all below it', async () => {
    const [top, below] = [aPool('top').role('studio'), aPool('below').role('arena')];
    const built = aSnapshot().with(
      aNode('n1').cpu('8'),
      aRole('studio'),
      aRole('arena').parent('studio'),
      top,
      below,
      aPod('below-0').ofPool(below, 0).on('n1').cpu('2'),
    );
    const { classes } = await view(built.build(), all);
    expect(classes.find((c) => c.framework === 'gsp/games/top')!.order.roleShare).toBe(0.25);
  });

  test('classes with pending tasks come first, with their order of service and sums over all nodes', async () => {
    const { classes } = await view(cluster().build(), all);
    expect(classes.map((c) => [c.framework, c.group, c.pending])).toEqual([
      ['gsp/games/arena', '', 2],
      ['tj/training/learn', 'worker', 2],
      ['gsp/games/aaa-idle', '', 0],
    ]);
    expect(classes[0]).toMatchObject({
      role: 'games',
      scheduling: 'Packed',
      demand: { cpu: '1', memory: '1Gi', pods: '1' },
      hostPorts: 1,
      order: { priority: 5, roleShare: 1 / 28, frameworkShare: 1 / 28 },
      room: 11,
      nodes: { takes: 2, cpu: 1, taint: 1 },
    });
  });

  test('A says how many more fit, and when none does why', async () => {
    const { A } = await view(cluster().build(), all);
    expect(A.map((row) => row[0])).toEqual([
      { fit: 0, why: 'cpu' },
      { fit: 0, why: 'taint' },
      { fit: 7 },
      { fit: 4 },
    ]);
    expect(A.map((row) => row[1])).toEqual([
      { fit: 0, why: 'cpu' },
      { fit: 0, why: 'taint' },
      { fit: 2 },
      { fit: 0, why: 'nvidia.com/gpu' },
    ]);
  });

  test('what no node has is named, in A and in what a class asks for, and is no part of S', async () => {
    const odd = aPool('odd').cpu('100m').request('x.io/a', '2').request('x.io/b', '1');
    const { A, S, classes } = await view(cluster().with(odd).build(), { ...all, framework: 'gsp/games/odd' });
    expect(A[0]).toEqual([{ fit: 0, why: 'x.io/a' }]);
    expect(classes[0]!.demand).toEqual({ cpu: '100m', pods: '1', 'x.io/a': '2', 'x.io/b': '1' });
    expect(Object.keys(S[0]!.free)).not.toContain('x.io/a');
  });

  test('a clash of host ports is told from a lack of resources', async () => {
    const fixed = aPool('fixed').cpu('100m').fixedPort(7000);
    const { A } = await view(cluster().with(fixed).build(), { ...all, framework: 'gsp/games/fixed' });
    expect(A[0]).toEqual([{ fit: 0, why: 'hostPorts' }]);
  });

  test('B keeps score and penalty apart; C names its cause', async () => {
    const { B, C } = await view(cluster().build(), all);
    expect(B.map((row) => row[0]!.penalty)).toEqual([0, 0, 1200, 1174]);
    expect(B[2]![0]).toMatchObject({ here: 1 });
    expect(B[0]![0]!.score).toBeGreaterThan(B[3]![0]!.score);
    expect(C.map((row) => row[0])).toEqual([
      { grade: 0 },
      { grade: 0 },
      { grade: 0.6, cause: 'DiskPressure' },
      { grade: 0.59, cause: 'avoids node n4 for 29 s more: 1 Pod of this class crashed there (Error)' },
    ]);
  });

  test.each([
    [{ unfitMs: 9400, cause: 'no heartbeat' }, 1, 'no heartbeat for 9 s'],
    [{ deleting: true }, 1, 'is being deleted'],
    [{ backMs: 12_000 }, 0.4, 'came back 12 s ago'],
    [{ unfitMs: 2000, cause: 'NotReady', pressures: ['PIDPressure'] }, 1, 'NotReady for 2 s, PIDPressure'],
  ])('C of a node with %o', async (health, grade, cause) => {
    const { C, classes } = await view(aSnapshot().with(aNode('n1'), idle).health('n1', health).build(), all);
    expect(C).toEqual([[{ grade, cause }]]);
    expect(classes[0]!.nodes).toEqual(grade === 1 ? { unfit: 1 } : { takes: 1 });
    expect(classes[0]!.room).toBe(grade === 1 ? 0 : 4);
  });

  test('limits rows and columns, and says how much it left out; sums still count every node', async () => {
    const shown = await view(cluster().build(), { limit: 1, classLimit: 2 });
    expect(shown.nodeCount).toEqual({ shown: 1, total: 4 });
    expect(shown.classCount).toEqual({ shown: 2, total: 3 });
    expect(shown.A).toEqual([
      [
        { fit: 0, why: 'cpu' },
        { fit: 0, why: 'cpu' },
      ],
    ]);
    expect(shown.classes[0]!.room).toBe(11);
  });

  test('shows fewer nodes the more classes there are, and pauses between classes', async () => {
    const many = aSnapshot().with(...Array.from({ length: 300 }, (_, i) => aNode(`n${i}`)));
    many.with(...Array.from({ length: 100 }, (_, i) => aPool(`p${i}`).cpu('1')));
    let pauses = 0;
    const pause = () => Promise.resolve(pauses++);
    const shown = await matricesView(many.build(), { limit: 300, classLimit: 100 }, pause);
    expect(shown.nodeCount).toEqual({ shown: 200, total: 300 });
    expect(shown.A).toHaveLength(200);
    expect(shown.classes[99]!.nodes).toEqual({ takes: 300 });
    expect(pauses).toBe(100);
  });

  test('can be narrowed to a node and a workload, and refuses those that do not exist', async () => {
    const shown = await view(cluster().build(), { ...all, node: 'n3', framework: 'tj/training/learn' });
    expect(shown).toMatchObject({ nodes: ['n3'], nodeCount: { shown: 1, total: 1 }, A: [[{ fit: 2 }]] });
    const ask = (query: object) => view(cluster().build(), { ...all, ...query });
    await expect(ask({ node: 'n9' })).rejects.toThrow(new NotInSnapshot('there is no node "n9"'));
    await expect(ask({ framework: 'gsp/games/nope' })).rejects.toThrow(
      'there is no workload "gsp/games/nope" (there is: gsp/games/aaa-idle, gsp/games/arena, tj/training/learn)',
    );
  });

  test('an empty cluster has empty matrices', async () => {
    expect(await view(aSnapshot().build(), all)).toMatchObject({
      nodes: [],
      classes: [],
      S: [],
      A: [],
      B: [],
      C: [],
    });
  });
});
