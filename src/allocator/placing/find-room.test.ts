import { describe, expect, test } from 'vitest';
import { aNode, aPool, aRole, aSnapshot, type Buildable } from '../../../test/builders/index.ts';
import { Allowance } from '../filling/allowance.ts';
import { bundleOf } from '../resources/column-bundle.ts';
import { findRoom } from './find-room.ts';
import { NodeOrder } from './node-order.ts';
import { roomOf } from './orders.test-helper.ts';

const pool = () => aPool('p').role('red').cpu('1').memory('1Gi').replicas(50);
const unlimited = () =>
  new Allowance(null, null, () => {
    throw new RangeError('nothing is refused');
  });

/** Looks for room in a cluster with one pool, quota leaving so many cpu. */
function search(
  tasks: number,
  cpus: number | null,
  objects: readonly Buildable[],
  each = (most: number) => most,
) {
  const { snapshot, matrices, room } = roomOf(
    aSnapshot()
      .with(...objects)
      .hostPorts(7000, 7099),
  );
  const demand = bundleOf(room.demandOf(0));
  const left: number[] = [];
  if (cpus !== null) left[0] = cpus * 1000;
  const allowance =
    cpus === null
      ? unlimited()
      : new Allowance(left, null, (column, spent, needs) => ({
          kind: 'headroom',
          column,
          free: spent,
          kept: 0,
          needs,
        }));
  const order = new NodeOrder(snapshot, matrices, 0, room);
  room.begin();
  const { found, tasks: placed, refusal } = findRoom(room, { row: 0, tasks, demand, order }, allowance, each);
  const at = found.map(({ agent, tasks: here, numbers }) => [snapshot.agents[agent]!.name, here, ...numbers]);
  return { at, placed, refusal, found, room };
}

const two = () => [aNode('a').cpu('4'), aNode('b').cpu('4')];

describe('room for tasks', () => {
  test('is taken agent by agent until all have it or there is none', () => {
    expect(search(6, null, [...two(), pool()])).toMatchObject({
      at: [
        ['a', 4],
        ['b', 2],
      ],
      placed: 6,
      refusal: undefined,
    });
    expect(search(20, null, [...two(), pool()]).placed).toBe(8);
  });

  test('on one agent is one find, however often it was taken there', () => {
    const game = pool().distributed().port('game', 1).fixedPort(80);
    const one = search(3, null, [...two(), pool().distributed().port('game', 1)]);
    expect(one.at).toEqual([
      ['a', 2, 7000, 7002],
      ['b', 1, 7001],
    ]);
    expect(search(9, null, [...two(), game]).at).toEqual([
      ['a', 1, 7000],
      ['b', 1, 7001],
    ]);
  });

  test('goes as far as quota lets it, and says what quota kept back', () => {
    const { at, placed, refusal } = search(8, 5, [...two(), pool()]);
    expect(at).toEqual([
      ['a', 4],
      ['b', 1],
    ]);
    expect(placed).toBe(5);
    expect(refusal).toMatchObject({ kind: 'headroom', free: 5000, needs: 1000 });
    expect(search(5, 5, [...two(), pool()]).refusal).toBeUndefined();
  });

  test('ends where no more tasks have a turn', () => {
    let turns = 3;
    const each = (most: number) => {
      const counted = Math.min(most, turns, 2);
      turns -= counted;
      return counted;
    };
    expect(search(8, null, [...two(), pool()], each)).toMatchObject({ at: [['a', 3]], placed: 3 });
  });
});

describe('room that is reserved', () => {
  const keeps = aRole('red').reserve('tier', 'gold', { cpu: '2', memory: '4Gi' });
  const gold = () => [aNode('a').cpu('4'), aNode('b').cpu('4').label('tier', 'gold')];

  test('can be had where quota leaves nothing elsewhere', () => {
    const { at, placed, refusal } = search(8, 0, [...gold(), keeps, pool()]);
    expect(at).toEqual([['b', 2]]);
    expect(placed).toBe(2);
    expect(refusal).toMatchObject({ free: 0, needs: 1000 });
  });

  test('is put back with the rest of the find', () => {
    const spread = pool().distributed();
    const { found, room } = search(3, null, [gold()[1]!, keeps, spread]);
    expect(found).toHaveLength(1);
    expect(room.reservedAt(0, 0)?.[0]).toBe(0);
    expect(room.fit(0, 0)).toBe(1);
    room.rollBack();
    expect(room.reservedAt(0, 0)?.[0]).toBe(2000);
    expect(room.fit(0, 0)).toBe(4);
  });
});
