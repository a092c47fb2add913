import { expect, test } from 'vitest';
import { aNode, aPod, aPool, aSnapshot, type Buildable } from '../../../test/builders/index.ts';
import { NodeOrder } from './node-order.ts';
import { roomOf, takeAll } from './orders.test-helper.ts';

const pool = () => aPool('p').cpu('1').memory('1Gi').replicas(9);
const node = (name: string) => aNode(name).cpu('4').memory('16Gi');
const used = (name: string) => aPod(`on-${name}`).on(name).cpu('1').memory('1Gi');

function play(tasks: number, ...objects: Buildable[]): string[] {
  const cluster = roomOf(aSnapshot().with(...objects));
  return takeAll(cluster, new NodeOrder(cluster.snapshot, cluster.matrices, 0, cluster.room), tasks);
}

test('packing takes the fullest agent first, as much of it as there is, and those that tie by number', () => {
  const nodes = [node('a'), node('b'), node('c')];
  expect(play(9, ...nodes, used('c'), pool())).toEqual(['c 3', 'a 4', 'b 2']);
});

test('spreading takes one task at a time, where the fewest of the class are, then where most is free', () => {
  const spread = pool().distributed();
  const there = aPod('p-0').ofPool(spread, 0).on('a').cpu('1').memory('1Gi').ready();
  // One each, then by what is free in the snapshot: of a and b, which tie, the first.
  expect(play(5, node('a'), node('b'), node('c'), used('b'), there, spread)).toEqual([
    'c 1',
    'b 1',
    'c 1',
    'a 1',
    'b 1',
  ]);
});

test('agents without room, and those that must not be used, are not in it; those to avoid come last', () => {
  const full = [aNode('a').cpu('0'), node('b'), node('c'), node('d')];
  const cluster = roomOf(
    aSnapshot()
      .with(...full, pool())
      .health('b', { pressures: ['DiskPressure'] })
      .health('c', { unfitMs: 1 }),
  );
  const order = new NodeOrder(cluster.snapshot, cluster.matrices, 0, cluster.room);
  expect(takeAll(cluster, order, 9)).toEqual(['d 4', 'b 4']);
});

test('an agent that others filled is passed over, before the order is made and after', () => {
  const cluster = roomOf(aSnapshot().with(node('a'), node('b'), node('c'), pool()));
  const { snapshot, matrices, room } = cluster;
  room.take(0, 0, 4);
  const order = new NodeOrder(snapshot, matrices, 0, room);
  room.take(1, 0, 4);
  expect(order.next(2)).toEqual({ agent: 2, tasks: 2 });
});

test('an agent that is skipped does not come again', () => {
  const cluster = roomOf(aSnapshot().with(node('a'), node('b'), pool()));
  const order = new NodeOrder(cluster.snapshot, cluster.matrices, 0, cluster.room);
  expect(order.next(9)).toEqual({ agent: 0, tasks: 4 });
  order.skip();
  expect(order.next(9)).toEqual({ agent: 1, tasks: 4 });
  order.skip();
  expect(order.next(9)).toBeUndefined();
});
