import { describe, expect, test } from 'vitest';
import {
  aNode,
  aPod,
  aPool,
  aRole,
  aSnapshot,
  HOST,
  required,
  term,
  type SnapshotBuilder,
} from '../../../test/builders/index.ts';
import { buildMatrices } from '../../matrix/matrices.ts';
import { Room } from './room.ts';

/** Room of a cluster, all classes with a row of their own; `row` finds that of a pool. */
function roomOf(builder: SnapshotBuilder) {
  const snapshot = builder.build();
  const matrices = buildMatrices(snapshot, snapshot.classes);
  const row = (pool: string) =>
    matrices.classes.findIndex(({ framework }) => snapshot.frameworks[framework]!.metadata.name === pool);
  return { snapshot, room: new Room(snapshot, matrices), row };
}

const small = () => aPool('small').cpu('1').memory('1Gi').replicas(9);

describe('room for tasks', () => {
  test('is what resources and constraints allow', () => {
    const picky = aPool('picky').cpu('1').nodeSelector('disk', 'ssd');
    const nodes = [aNode('a').cpu('4'), aNode('b').cpu('3').label('disk', 'ssd')];
    const { room, row } = roomOf(aSnapshot().with(...nodes, small(), picky));
    expect([room.fit(0, row('small')), room.fit(1, row('small'))]).toEqual([4, 3]);
    expect([room.fit(0, row('picky')), room.fit(1, row('picky'))]).toEqual([0, 3]);
  });

  test('is less for everybody once it is taken, on that agent alone, and as before when it is given back', () => {
    const big = aPool('big').cpu('2').memory('1Gi');
    const { snapshot, room, row } = roomOf(
      aSnapshot().with(aNode('a').cpu('4'), aNode('b').cpu('4'), small(), big),
    );
    const before = room.supply.slice();
    room.begin();
    expect(room.take(1, row('small'), 3)).toEqual({ agent: 1, row: row('small'), tasks: 3, numbers: [] });
    expect([room.fit(1, row('small')), room.fit(1, row('big')), room.fit(0, row('big'))]).toEqual([1, 0, 2]);
    expect([room.wasTouched(0), room.wasTouched(1)]).toEqual([false, true]);
    room.rollBack();
    expect(room.supply).toEqual(before);
    expect(room.fit(1, row('big'))).toBe(2);
    expect(snapshot.supply).toEqual(before);
  });

  test('is none where the agent is over-committed', () => {
    const { room, row } = roomOf(aSnapshot().with(aNode('a').cpu('2'), aPod('x').on('a').cpu('3'), small()));
    expect(room.fit(0, row('small'))).toBe(0);
  });
});

describe('host ports', () => {
  test('come lowest first, none twice, and go back with the tasks', () => {
    const game = aPool('game').cpu('1').replicas(9).port('game', 1).port('query', 2);
    const { snapshot, room, row } = roomOf(aSnapshot().with(aNode('a').cpu('9'), game).hostPorts(7000, 7006));
    expect(room.fit(0, row('game'))).toBe(3);
    room.begin();
    expect(room.take(0, row('game'), 1).numbers).toEqual([7000, 7001]);
    room.begin();
    expect(room.take(0, row('game'), 2).numbers).toEqual([7002, 7003, 7004, 7005]);
    expect(room.fit(0, row('game'))).toBe(0);
    room.rollBack();
    expect(room.fit(0, row('game'))).toBe(2);
    room.rollBack();
    expect(room.fit(0, row('game'))).toBe(3);
    expect(room.take(0, row('game'), 1).numbers).toEqual([7000, 7001]);
    expect(snapshot.ports[0]!.held).toEqual([]);
  });

  test('that tasks fix are not handed out, be it to those tasks', () => {
    const both = aPool('both').cpu('1').replicas(2).fixedPort(7000).port('game', 1);
    const { room, row } = roomOf(aSnapshot().with(aNode('a'), both).hostPorts(7000, 7005));
    expect(room.fit(0, row('both'))).toBe(1);
    room.begin();
    expect(room.take(0, row('both'), 1).numbers).toEqual([7001]);
    expect(room.fit(0, row('both'))).toBe(0);
    room.rollBack();
    expect(room.fit(0, row('both'))).toBe(1);
  });

  test('that are handed out are used for every protocol', () => {
    const game = aPool('game').cpu('1').port('game', 1);
    const udp = aPool('udp').cpu('1').fixedPort(7000);
    const tcp = aPool('tcp').cpu('1').fixedPort(7000, 'TCP');
    const { room, row } = roomOf(aSnapshot().with(aNode('a'), game, udp, tcp).hostPorts(7000, 7005));
    room.take(0, row('game'), 1);
    expect([room.fit(0, row('udp')), room.fit(0, row('tcp'))]).toEqual([0, 0]);
  });
});

describe('what is reserved', () => {
  /** Of 10 cpu on a, 4 are for red; b has no reservation. */
  const keeps = () => {
    const pool = (name: string) => aPool(name).role(name).cpu('1').replicas(20);
    return roomOf(
      aSnapshot()
        .with(aNode('a').cpu('10').label('tier', 'gold'), aNode('b').cpu('10'))
        .with(aRole('red').reserve('tier', 'gold', { cpu: '4' }), aRole('blue'), pool('red'), pool('blue')),
    );
  };

  test('is room for its role alone', () => {
    const { room, row } = keeps();
    expect([room.fit(0, row('red')), room.fit(0, row('blue'))]).toEqual([10, 6]);
    expect([room.hasReserved(row('red')), room.hasReserved(row('blue'))]).toEqual([true, false]);
    expect([room.reservedAt(0, row('red'))?.[0], room.reservedAt(0, row('blue'))]).toEqual([4000, null]);
    expect(room.reservedAt(1, row('red'))).toBeNull();
  });

  test('is used up first, and put back', () => {
    const { room, row } = keeps();
    room.begin();
    room.take(0, row('red'), 3);
    expect([room.reservedAt(0, row('red'))?.[0], room.fit(0, row('blue'))]).toEqual([1000, 6]);
    room.rollBack();
    expect([room.reservedAt(0, row('red'))?.[0], room.fit(0, row('blue'))]).toEqual([4000, 6]);
    room.take(0, row('blue'), 6);
    expect([room.fit(0, row('red')), room.fit(0, row('blue'))]).toEqual([4, 0]);
  });
});

test('rules about other Pods count what was taken and what was given back', () => {
  const alone = aPool('alone')
    .podLabel('app', 'alone')
    .cpu('1')
    .replicas(3)
    .specField('affinity', { podAntiAffinity: required(term(HOST, 'alone')) });
  const { room, row } = roomOf(aSnapshot().with(aNode('a'), aNode('b'), alone));
  expect(room.fit(0, row('alone'))).toBe(1);
  room.begin();
  room.take(0, row('alone'), 1);
  expect([room.fit(0, row('alone')), room.fit(1, row('alone'))]).toEqual([0, 1]);
  room.rollBack();
  expect(room.fit(0, row('alone'))).toBe(1);
});
