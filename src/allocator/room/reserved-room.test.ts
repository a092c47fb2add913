import { expect, test } from 'vitest';
import { aNode, aPod, aPool, aRole, aSnapshot } from '../../../test/builders/index.ts';
import { ReservedRoom } from './reserved-room.ts';

/** Node a has 2 cpu for top and 3 for top/sub below it, of which a server of sub uses 1; node b has nothing. */
const snapshot = (() => {
  const keeps = (name: string, cpu: string) => aRole(name).reserve('tier', 'gold', { cpu });
  const pool = aPool('p').role('sub');
  return aSnapshot()
    .with(aNode('a').cpu('10').label('tier', 'gold'), aNode('b').cpu('10'))
    .with(keeps('top', '2'), keeps('sub', '3').parent('top'), aRole('other'), pool)
    .with(aPod('p-0').ofPool(pool, 0).on('a').cpu('1').ready())
    .build();
})();
const R = snapshot.columns.count;
const cpus = (amounts: ArrayLike<number> | null) => amounts && amounts[0];
const cpu = (amount: number) => Float64Array.from({ length: R }, (_, r) => (r === 0 ? amount : 0));

test('is there for the role and those below it, and for nobody else', () => {
  const room = new ReservedRoom(snapshot);
  const free = (role: string) => cpus(room.freeFor(role, 0, snapshot.supply));
  expect([free('other'), free('top'), free('top/sub'), free('top/sub/x')]).toEqual([5000, 7000, 9000, 9000]);
  expect(['other', 'top', 'top/sub'].map((role) => cpus(room.leftFor(role, 0)))).toEqual([null, 2000, 4000]);
  expect([room.isAt(0), room.isAt(1), room.isFor('top/x'), room.isFor('topper')]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect(cpus(room.freeFor('other', 1, snapshot.supply))).toBe(10_000);
});

test('leaves nothing to others where there is less than is reserved', () => {
  const room = new ReservedRoom(snapshot);
  expect(cpus(room.freeFor('other', 0, cpu(3000)))).toBe(0);
});

test('is taken from the own reservation first, then from the one above, and put back', () => {
  const room = new ReservedRoom(snapshot);
  const left = () => ['top', 'top/sub'].map((role) => cpus(room.leftFor(role, 0)));
  const drawn = room.draw('top/sub', 0, cpu(1500), 0, 2);
  expect(left()).toEqual([1000, 1000]);
  room.putBack(drawn);
  expect(left()).toEqual([2000, 4000]);
  room.draw('top', 0, cpu(5000), 0, 1);
  expect(left()).toEqual([0, 2000]);
  expect(room.draw('top', 1, cpu(5000), 0, 1)).toEqual([]);
});
