import { describe, expect, test } from 'vitest';
import { aNode, aPod, aPool, aRole, aSnapshot, type Buildable } from '../../test/builders/index.ts';

const rolesOf = (...objects: Buildable[]) =>
  aSnapshot()
    .with(...objects)
    .build().roles;
const roleAt = (path: string, ...objects: Buildable[]) =>
  rolesOf(...objects).find((role) => role.path === path)!;

describe('the tree of roles', () => {
  test('parents make paths, whatever the order; a path has all the roles above it', () => {
    const roles = rolesOf(
      aRole('arena').parent('studio').weight(2),
      aRole('ranked').parent('arena'),
      aRole('studio').weight(3),
      aPool('batch').role('other/deep'),
    );
    expect(roles.map(({ name, path, weight }) => [name, path, weight])).toEqual([
      ['games', 'games', 1],
      ['games/other', 'games/other', 1],
      ['games/other/deep', 'games/other/deep', 1],
      ['studio', 'studio', 3],
      ['arena', 'studio/arena', 2],
      ['ranked', 'studio/arena/ranked', 1],
    ]);
  });

  test('a workload names its role by the name of the OfferRole or by the path; Pods keep to the name they were made with', () => {
    const byName = aPool('by-name').role('arena').cpu('1');
    const arena = roleAt(
      'studio/arena',
      aNode('n1').cpu('4'),
      aRole('studio'),
      aRole('arena').parent('studio'),
      byName,
      aPool('by-path').role('studio/arena'),
      aPod('by-name-0').ofPool(byName, 0).on('n1').cpu('1').ready(),
    );
    expect([arena.frameworks, arena.held[0]]).toEqual([[0, 1], 1000]);
  });

  test('a role whose parent is missing stands at the top without any of its settings', () => {
    const role = roleAt('arena', aRole('arena').parent('studioo').weight(5).limit({ cpu: '1' }));
    expect([role.weight, role.limit, role.problem]).toEqual([
      1,
      undefined,
      {
        reason: 'UnknownParent',
        message:
          'nothing of the spec is in effect: there is no OfferRole "studioo", create it or correct parent',
      },
    ]);
  });

  test('roles in a circle stand at the top, one below the circle stays below', () => {
    const roles = rolesOf(
      aRole('a').parent('c'),
      aRole('b').parent('a'),
      aRole('c').parent('b').weight(2),
      aRole('d').parent('c').weight(7),
    );
    expect(roles.map(({ path, weight, problem }) => [path, weight, problem?.reason])).toEqual([
      ['a', 1, 'ParentCycle'],
      ['b', 1, 'ParentCycle'],
      ['c', 1, 'ParentCycle'],
      ['c/d', 7, undefined],
    ]);
    expect(roles[0]!.problem!.message).toContain('a -> c -> b -> a');
  });

  test('16 levels are the deepest: roles below stand at the top without their settings, however long the chain', () => {
    const chain = Array.from({ length: 12_000 }, (_, i) => {
      const role = aRole(`r${i + 1}`).weight(2);
      return i === 0 ? role : role.parent(`r${i}`);
    });
    const roles = rolesOf(...chain.toReversed());
    expect(roles).toHaveLength(12_000);
    const at = (name: string) => roles.find((role) => role.name === name)!;
    expect(at('r16').path.split('/')).toHaveLength(16);
    expect([at('r16').weight, at('r16').problem]).toEqual([2, undefined]);
    for (const name of ['r17', 'r18', 'r12000']) {
      expect([at(name).path, at(name).weight, at(name).problem?.reason]).toEqual([name, 1, 'TooDeep']);
    }
    expect(at('r17').problem!.message).toBe(
      'nothing of the spec is in effect: it lies on level 17, 16 is the deepest: name a parent that lies higher',
    );
  });

  test('of a long circle a message lists a few', () => {
    const circle = Array.from({ length: 9 }, (_, i) => aRole(`r${i}`).parent(`r${(i + 1) % 9}`));
    expect(roleAt('r5', ...circle).problem!.message).toContain(
      'r5 -> r6 -> r7 -> r8 -> r0 -> r1 -> r2 -> r3 -> ... -> r5',
    );
  });
});

describe('quota', () => {
  test('guarantees round up and limits down, in the columns of the snapshot; what no limit names is unlimited', () => {
    const { guarantee, limit } = roleAt(
      'studio',
      aNode('n1').cpu('4').memory('8Gi'),
      aRole('studio').guarantee({ cpu: '1', memory: '0.5' }).limit({ memory: '1.5', 'nvidia.com/gpu': '0' }),
    );
    expect([...guarantee!]).toEqual([1000, 1, 0, 0, 0]);
    expect([...limit!]).toEqual([Infinity, 1, Infinity, Infinity, 0]);
  });

  test('a role without quota has none', () => {
    const { guarantee, limit } = roleAt('studio', aRole('studio'));
    expect([guarantee, limit]).toEqual([undefined, undefined]);
  });
});

describe('reservations', () => {
  const gold = (name: string, cpu: string) => aNode(name).cpu(cpu).memory('8Gi').label('tier', 'gold');
  const keep = (name: string, cpu: string) => aRole(name).reserve('tier', 'gold', { cpu });
  const inShort = (role: ReturnType<typeof roleAt>) =>
    role.reservations.map(({ agent, amounts, used }) => [agent, amounts[0], used[0]]);

  test('lie on every node that bears the labels and has the room', () => {
    const role = roleAt('studio', gold('a', '4'), aNode('b').cpu('4'), gold('c', '1'), keep('studio', '2'));
    expect([inShort(role), role.misfits]).toEqual([[[0, 2000, 0]], ['c']]);
  });

  test('do not fit where another role has reserved: the first by path keeps it, the later has nothing there', () => {
    const later = aRole('zed').reserve('tier', 'gold', { cpu: '2', memory: '1Gi' });
    const objects = [gold('a', '3'), keep('studio', '2'), later];
    expect(inShort(roleAt('studio', ...objects))).toEqual([[0, 2000, 0]]);
    const zed = roleAt('zed', ...objects);
    expect([zed.reservations, zed.misfits]).toEqual([[], ['a']]);
  });

  test('two of one role on one node add up', () => {
    const twice = keep('studio', '2').reserve('tier', 'gold', { cpu: '1' });
    expect(inShort(roleAt('studio', gold('a', '4'), twice))).toEqual([[0, 3000, 0]]);
  });

  test('are used by the tasks of the role and of those below it, its own before those above', () => {
    const pool = aPool('p').role('arena').cpu('3');
    const other = aPool('q').role('studio').cpu('1');
    const objects = [
      gold('a', '16'),
      keep('studio', '2'),
      keep('arena', '2').parent('studio'),
      pool,
      other,
      aPod('p-0').ofPool(pool, 0).on('a').cpu('3').ready(),
      aPod('q-0').ofPool(other, 0).on('a').cpu('500m').ready(),
    ];
    expect(inShort(roleAt('studio/arena', ...objects))).toEqual([[0, 2000, 2000]]);
    expect(inShort(roleAt('studio', ...objects))).toEqual([[0, 2000, 1500]]);
    expect(roleAt('studio/arena', ...objects).heldReserved[0]).toBe(3000);
    expect(roleAt('studio', ...objects).heldReserved[0]).toBe(500);
  });

  test('are not used by tasks on other nodes, nor by other roles', () => {
    const pool = aPool('p').role('studio');
    const stranger = aPool('s').role('other');
    const role = roleAt(
      'studio',
      gold('a', '4'),
      aNode('b').cpu('4'),
      keep('studio', '2'),
      pool,
      stranger,
      aPod('p-0').ofPool(pool, 0).on('b').cpu('1').ready(),
      aPod('s-0').ofPool(stranger, 0).on('a').cpu('1').ready(),
    );
    expect([inShort(role), role.held[0], role.heldReserved[0]]).toEqual([[[0, 2000, 0]], 1000, 0]);
  });

  test('are used by the same tasks, whatever the order of the Pods', () => {
    const [x, y] = ['x', 'y'].map((name) => aPool(name).role(name).cpu('2'));
    const pods = [
      aPod('x-0').ofPool(x!, 0).on('a').cpu('2').ready(),
      aPod('y-0').ofPool(y!, 0).on('a').cpu('2').ready(),
    ];
    const objects = [gold('a', '8'), keep('top', '3'), aRole('x').parent('top'), aRole('y').parent('top')];
    const inOrder = (order: readonly (typeof pods)[number][]) =>
      rolesOf(...objects, x!, y!, ...order).map(({ path, heldReserved }) => [path, heldReserved[0]]);
    const expected = [
      ['top', 0],
      ['top/x', 2000],
      ['top/y', 1000],
    ];
    expect(inOrder(pods)).toEqual(expected);
    expect(inOrder(pods.toReversed())).toEqual(expected);
  });

  test('that do not fit on a node, two of one role, name it once', () => {
    const twice = keep('studio', '4').reserve('tier', 'gold', { cpu: '3' });
    expect(roleAt('studio', gold('a', '2'), twice).misfits).toEqual(['a']);
  });

  test('of a role that is not in effect are not kept', () => {
    const role = roleAt('studio', gold('a', '4'), keep('studio', '2').parent('missing'));
    expect([role.reservations, role.misfits]).toEqual([[], []]);
  });
});
