import { describe, expect, test } from 'vitest';
import { aNode, aPod, aPool, aSnapshot, type Buildable } from '../../../test/builders/index.ts';
import { buildMatrices } from '../../matrix/matrices.ts';
import { keyOf } from '../room/agent-key.ts';
import { NodeOrder } from './node-order.ts';
import { Room } from '../room/room.ts';

const pool = () => aPool('p').replicas(20).cpu('1');
const nodes = ['n1', 'n2', 'n3'].map((name) => aNode(name).cpu('4'));

/** The order of the only class of a cluster, and the room that it goes by. */
function orderOf(...objects: Buildable[]) {
  const snapshot = aSnapshot()
    .with(...objects)
    .build();
  const matrices = buildMatrices(snapshot, snapshot.classes);
  const room = new Room(snapshot, matrices);
  const order = new NodeOrder(snapshot, matrices, 0, room);
  const name = (agent: number) => snapshot.agents[agent]!.name;
  /** Takes room for so many tasks, agent by agent. */
  const take = (tasks: number): string[] => {
    const taken: string[] = [];
    for (let left = tasks; left > 0;) {
      const next = order.next(left);
      if (next === undefined) return [...taken, 'none'];
      room.take(next.agent, 0, next.tasks);
      order.took(next.agent);
      left -= next.tasks;
      taken.push(`${name(next.agent)} ${next.tasks}`);
    }
    return taken;
  };
  return { snapshot, matrices, room, order, name, take };
}

describe('nodes for a pool that packs', () => {
  test('are filled one after the other, of equals by name', () => {
    const { take } = orderOf(...nodes, pool());
    expect(take(6)).toEqual(['n1 4', 'n2 2']);
    expect(take(3)).toEqual(['n2 2', 'n3 1']);
    expect(take(9)).toEqual(['n3 3', 'none']);
  });

  test('are asked for no more than is wanted, and give no more than fits', () => {
    const { order } = orderOf(...nodes, pool());
    expect(order.next(2)).toEqual({ agent: 0, tasks: 2 });
    expect(order.next(9)).toEqual({ agent: 0, tasks: 4 });
  });

  test('are skipped for good when the class may not take them', () => {
    const { order, take } = orderOf(...nodes, pool());
    order.next(1);
    order.skip();
    expect(take(8)).toEqual(['n2 4', 'n3 4']);
  });

  test('leave out the full and the unfit', () => {
    const full = aPod('x').on('n1').cpu('3500m');
    const { take } = orderOf(...nodes.slice(0, 2), full, aNode('n3').cpu('4').cordoned(), pool());
    expect(take(5)).toEqual(['n2 4', 'none']);
  });

  test('leave out what others filled before', () => {
    const { snapshot, matrices, room } = orderOf(...nodes, pool());
    room.take(0, 0, 4);
    room.take(1, 0, 3);
    const later = new NodeOrder(snapshot, matrices, 0, room);
    expect(later.next(9)).toEqual({ agent: 1, tasks: 1 });
  });
});

describe('nodes for a pool that spreads', () => {
  test('are taken in turn, one task each', () => {
    const { take } = orderOf(...nodes, pool().distributed());
    expect(take(5)).toEqual(['n1 1', 'n2 1', 'n3 1', 'n1 1', 'n2 1']);
  });

  test('come first where the fewest of its tasks are already', () => {
    const spread = pool().distributed();
    const there = [0, 1].map((slot) => aPod(`p-${slot}`).ofPool(spread, slot).on('n1').cpu('1').ready());
    const { take } = orderOf(...nodes, spread, ...there);
    expect(take(5)).toEqual(['n2 1', 'n3 1', 'n2 1', 'n3 1', 'n2 1']);
  });

  test('come from the zone with the fewest of its tasks, of those that have equally many themselves', () => {
    const zone = 'topology.kubernetes.io/zone';
    const made = ['a1', 'a2', 'a3', 'b1', 'c1'].map((name) => aNode(name).cpu('4').label(zone, name[0]!));
    const spread = pool().distributed();
    const there = aPod('p-0').ofPool(spread, 0).on('c1').cpu('1').ready();
    const { take } = orderOf(...made, spread, there);
    expect(take(7)).toEqual(['a1 1', 'b1 1', 'a2 1', 'a3 1', 'b1 1', 'c1 1', 'a1 1']);
  });

  test('fall out when they are full', () => {
    const { take } = orderOf(aNode('n1').cpu('1'), aNode('n2').cpu('3'), pool().distributed());
    expect(take(5)).toEqual(['n2 1', 'n1 1', 'n2 1', 'n2 1', 'none']);
  });
});

test('agents a point apart have different keys, however faulty and crowded they are', () => {
  for (const fault of [0, 0.3, 0.6, 0.9, 0.99])
    for (const crowd of [0, 110, 2 ** 16 - 1])
      expect(keyOf(crowd, fault, 400) - keyOf(crowd, fault, 401)).toBe(1);
  expect(keyOf(0, 0.1, 0)).toBeGreaterThan(keyOf(2 ** 16 - 1, 0.09, 0));
});
