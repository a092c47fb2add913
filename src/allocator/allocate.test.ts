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
  type SnapshotBuilder,
} from '../../test/builders/index.ts';
import type { Allocation } from './allocate.ts';
import { decide } from './decide.test-helper.ts';

const pool = (name: string, cpu: string, memory: string) =>
  aPool(name).namespace(name).replicas(50).cpu(cpu).memory(memory);
const wide = () => pool('a', '1', '4Gi');
const tall = () => pool('b', '3', '1Gi');
/** The cluster of the paper: 9 CPU and 18 GB. */
const paper = () => aNode('n1').cpu('9').memory('18Gi');

function run(builder: SnapshotBuilder): {
  allocation: Allocation;
  counts: Record<string, number>;
  nodes: string[];
} {
  const snapshot = builder.build();
  const allocation = decide(snapshot);
  const counts: Record<string, number> = {};
  const nodes: string[] = [];
  for (const { offer, vacancy, ports } of allocation.launches) {
    const { name } = snapshot.frameworks[offer.framework]!.metadata;
    counts[name] = (counts[name] ?? 0) + 1;
    nodes.push([vacancy.name, snapshot.agents[offer.agent]!.name, ...ports].join(' '));
  }
  return { allocation, counts, nodes };
}
const cluster = (...objects: Buildable[]) => aSnapshot().with(...objects);

describe('dominant resource fairness', () => {
  test("gives the paper's example its 3 and 2 tasks, as two roles", () => {
    expect(run(cluster(paper(), wide(), tall())).counts).toEqual({ a: 3, b: 2 });
  });

  test('and as two frameworks of one role', () => {
    expect(run(cluster(paper(), wide().role('r'), tall().role('r'))).counts).toEqual({ a: 3, b: 2 });
  });

  test('divides shares by weights', () => {
    const eight = (name: string) => pool(name, '1', '1Gi');
    const node = aNode('n1').cpu('8').memory('64Gi');
    expect(run(cluster(node, eight('a'), eight('b'), aRole('b').weight(3))).counts).toEqual({ a: 2, b: 6 });
  });

  test('counts what a role holds already', () => {
    const held = [0, 1, 2].map((slot) =>
      aPod(`a-${slot}`)
        .ofPool(pool('a', '1', '1Gi'), slot)
        .on('n1')
        .cpu('1'),
    );
    const node = aNode('n1').cpu('8').memory('64Gi');
    const { counts } = run(cluster(node, pool('a', '1', '1Gi'), pool('b', '1', '1Gi'), ...held));
    expect(counts).toEqual({ a: 1, b: 4 });
  });

  test('does not charge for the number of Pods, nor for what the cluster has nothing of', () => {
    const many = aPool('many').namespace('many').replicas(9);
    expect(run(cluster(aNode('n1').pods(10), many, wide())).counts).toEqual({ many: 9, a: 1 });
  });

  test('serves priorities first within a role, and not across roles', () => {
    const same = (name: string) => pool(name, '1', '1Gi').replicas(4);
    const node = aNode('n1').cpu('4').memory('64Gi');
    const within = [same('a').role('r'), same('b').role('r').priority(1)];
    expect(run(cluster(node, aRole('r'), ...within)).counts).toEqual({ b: 4 });
    const apart = [same('a'), same('b').priority(1), aRole('b')];
    expect(run(cluster(node, ...apart)).counts).toEqual({ a: 2, b: 2 });
  });

  test('breaks ties by name', () => {
    const node = aNode('n1').cpu('1');
    expect(run(cluster(node, pool('b', '1', '1Mi'), pool('a', '1', '1Mi'))).counts).toEqual({ a: 1 });
  });

  test('serves who waits longer first, where priority and share are equal', () => {
    const job = (name: string, waits: number) => aJob(name).group(aGroup('w').cpu('1')).waiting(waits);
    const { counts } = run(cluster(aNode('n1').cpu('1'), job('a', 10), job('b', 100), job('c', 99)));
    expect(counts).toEqual({ b: 1 });
  });
});

describe('gangs', () => {
  const job = (name: string, workers: number) => aJob(name).group(aGroup('w').replicas(workers).cpu('1'));

  test('get all their workers or none, and give back what they cannot use', () => {
    const { counts, allocation } = run(cluster(aNode('n1').cpu('3'), job('big', 4), job('small', 2)));
    expect(counts).toEqual({ small: 2 });
    expect([...allocation.declined]).toEqual([[0, '3 of 4 workers fit']]);
    expect(allocation.givenBack.get(0)).toMatchObject([{ agent: 0, tasks: 3 }]);
    expect(allocation.rest.supply[0]).toBe(1000);
    expect(allocation.offers.map((o) => [o.answer, o.reason, o.offer.tasks])).toEqual([
      ['declined', '3 of 4 workers fit', 3],
      ['accepted', '', 2],
    ]);
  });

  test('need room for every group at once', () => {
    const both = aJob('both').group(
      aGroup('ps').cpu('1'),
      aGroup('w').replicas(2).request('nvidia.com/gpu', '1'),
    );
    const gpus = (n: number) => aNode('n1').resource('nvidia.com/gpu', String(n));
    expect(run(cluster(gpus(1), both)).allocation.declined.get(0)).toBe('2 of 3 workers fit');
    expect(run(cluster(gpus(2), both)).nodes).toEqual(['both-ps-0 n1', 'both-w-0 n1', 'both-w-1 n1']);
  });

  test('give host ports back too', () => {
    const fixed = aJob('fixed').group(aGroup('w').replicas(2).fixedPort(7000, 'TCP'));
    const server = aPool('late').namespace('zz').port('game', 1);
    const { nodes, allocation } = run(cluster(aNode('n1'), fixed, server).hostPorts(7000, 7000));
    expect([...allocation.declined.values()]).toEqual(['1 of 2 workers fit']);
    expect(nodes).toEqual(['late-0 n1 7000']);
  });
});

describe('nodes', () => {
  const four = () => pool('a', '1', '1Gi').replicas(4);
  const used = (node: string) => aPod(`on-${node}`).on(node).cpu('1').memory('1Gi');

  test('packing fills the fullest, then the next', () => {
    expect(run(cluster(aNode('n1').cpu('4'), aNode('n2').cpu('4'), used('n2'), four())).nodes).toEqual([
      'a-0 n2',
      'a-1 n2',
      'a-2 n2',
      'a-3 n1',
    ]);
  });

  test('spreading goes where the fewest of the pool are, then where most is free', () => {
    const spread = four().replicas(5).distributed();
    const there = aPod('a-0').ofPool(spread, 0).on('n1').cpu('1').memory('1Gi').ready();
    const { allocation } = run(cluster(aNode('n1'), aNode('n2'), aNode('n3'), used('n2'), there, spread));
    const tasks = allocation.offers.map(({ offer }) => [offer.agent, offer.tasks]);
    expect(tasks).toEqual([
      [2, 2],
      [1, 1],
      [0, 1],
    ]);
  });

  test('that are unfit get nothing; that are avoided get what is left', () => {
    const two = four().replicas(3);
    const { nodes } = run(
      cluster(aNode('n1').cpu('2'), aNode('n2').cpu('2'), aNode('n3').cpu('2'), two)
        .health('n1', { unfitMs: 1 })
        .health('n2', { pressures: ['DiskPressure'] }),
    );
    expect(nodes).toEqual(['a-0 n3', 'a-1 n3', 'a-2 n2']);
  });

  test('give each server ports of its own, and none that a fixed port of any protocol uses', () => {
    const fixed = aPool('fixed').namespace('a').fixedPort(7001, 'TCP');
    const game = aPool('game').namespace('b').replicas(3).port('game', 1).port('query', 2, 'TCP');
    const { nodes, counts } = run(cluster(aNode('n1'), fixed, game).hostPorts(7000, 7005));
    expect(nodes).toEqual(['fixed-0 n1', 'game-0 n1 7000 7002', 'game-1 n1 7003 7004']);
    expect(counts).toEqual({ fixed: 1, game: 2 });
  });

  test('do not give a fixed port that was just given away', () => {
    const game = aPool('game').namespace('a').port('game', 1);
    const fixed = aPool('fixed').namespace('b').fixedPort(7000, 'UDP');
    expect(run(cluster(aNode('n1'), game, fixed).hostPorts(7000, 7005)).counts).toEqual({ game: 1 });
  });
});

test('who is held, or wants nothing, gets no offer', () => {
  const held = pool('a', '1', '1Gi');
  const builder = cluster(aNode('n1'), held, pool('b', '1', '1Gi').replicas(0));
  builder.hold('gsp/a/a', { reason: 'PodRefused', message: 'quota' });
  expect(run(builder).allocation.offers).toEqual([]);
});
