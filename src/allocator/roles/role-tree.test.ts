import { describe, expect, test } from 'vitest';
import { byColumn, parseQuantities } from '../resources/quantities.ts';
import { bundle, byName } from './books.test-helper.ts';
import { quotaOf, RoleTree, type RoleState } from './role-tree.ts';

const quota = (guarantee: string, limit: string) =>
  quotaOf(byColumn(parseQuantities(guarantee, 'test')), byColumn(parseQuantities(limit, 'test')));
const paths = (roles: Iterable<RoleState<string>>) => [...roles].map(({ path }) => path);

describe('a quota', () => {
  test('has a guarantee when it guarantees something, and a limit when it names one, be it 0', () => {
    expect(quota('cpus:1', '')).toMatchObject({ hasGuarantee: true, hasLimit: false });
    expect(quota('cpus:0', '')).toMatchObject({ hasGuarantee: false, hasLimit: false });
    expect(quota('cpus:0;mem:1', 'cpus:0')).toMatchObject({ hasGuarantee: true, hasLimit: true });
    expect(byName(quota('cpus:1;mem:2', '').guarantee)).toEqual({ cpus: 1000, mem: 2000 });
    expect(byName(quota('', 'gpus:3').limit)).toEqual({ gpus: 3000 });
  });
});

describe('a role', () => {
  test('comes into being with all above it', () => {
    const tree = new RoleTree<string>();
    const role = tree.obtain('a/b/c');
    expect(paths(tree.all())).toEqual(['a', 'a/b', 'a/b/c']);
    expect(tree.obtain('a/b/c')).toBe(role);
    expect(tree.get('a/b')).toBe(role.parent);
    expect(paths(tree.get('a')!.children)).toEqual(['a/b']);
    expect(tree.get('a')!.parent).toBeNull();
    expect(role).toMatchObject({
      weight: 1,
      quota: null,
      offeredMembers: 0,
      freshMembers: 0,
      biddingMembers: 0,
    });
    expect(role.word).not.toBe(tree.get('a')!.word);
  });

  test('goes when nothing keeps it, with those above it that nothing keeps', () => {
    const tree = new RoleTree<string>();
    tree.obtain('a/b');
    const role = tree.obtain('a/b/c');
    tree.prune(role);
    expect(paths(tree.all())).toEqual([]);
  });

  test.each([
    ['a weight', (role: RoleState<string>) => void (role.weight = 2)],
    ['a framework', (role: RoleState<string>) => void role.members.set('F', 'F')],
    ['a reservation', (role: RoleState<string>) => void role.reserved.push(0, 1)],
  ])('stays for %s', (_, keep) => {
    const tree = new RoleTree<string>();
    keep(tree.obtain('a/b'));
    tree.prune(tree.obtain('a/b/c'));
    expect(paths(tree.all())).toEqual(['a', 'a/b']);
  });

  test('stays for one below it', () => {
    const tree = new RoleTree<string>();
    tree.obtain('a/b');
    tree.prune(tree.obtain('a/c'));
    expect(paths(tree.all())).toEqual(['a', 'a/b']);
    expect(paths(tree.get('a')!.children)).toEqual(['a/b']);
  });

  test('stays for its quota until that is removed', () => {
    const tree = new RoleTree<string>();
    tree.setQuota('b', quota('cpus:1', ''));
    tree.setQuota('a/x', quota('', 'cpus:1'));
    expect(paths(tree.withQuota)).toEqual(['a/x', 'b']);
    tree.setQuota('b', null);
    expect([paths(tree.withQuota), paths(tree.all())]).toEqual([['a/x'], ['a', 'a/x']]);
  });
});

describe('roles whose quota must be looked at', () => {
  test('are told once', () => {
    const tree = new RoleTree<string>();
    expect(paths(tree.takeChangedQuotas())).toEqual([]);
    tree.setQuota('a', quota('cpus:1', ''));
    expect(paths(tree.takeChangedQuotas())).toEqual(['a']);
    expect(paths(tree.takeChangedQuotas())).toEqual([]);
    tree.setQuota('a', null);
    expect(paths(tree.takeChangedQuotas())).toEqual(['a']);
  });

  test('are those touched that have one, also by what happens below them', () => {
    const tree = new RoleTree<string>();
    tree.setQuota('a', quota('cpus:1', ''));
    tree.takeChangedQuotas();
    tree.touch(tree.obtain('b'));
    expect(paths(tree.takeChangedQuotas())).toEqual([]);
    tree.touch(tree.get('a')!);
    expect(paths(tree.takeChangedQuotas())).toEqual(['a']);
    tree.countPlain(tree.obtain('a/x'), bundle('cpus:1'), 1);
    expect(paths(tree.takeChangedQuotas())).toEqual(['a']);
    tree.countReservations(bundle('cpus(a/y):1'), 1);
    expect(paths(tree.takeChangedQuotas())).toEqual(['a']);
  });

  test('a changed quota forgets what was used up', () => {
    const tree = new RoleTree<string>();
    tree.obtain('a').consumed.push(5);
    expect(tree.setQuota('a', quota('cpus:1', '')).consumed).toEqual([]);
  });
});

describe('sums of a subtree', () => {
  test('hold what is reserved for the role and those below it', () => {
    const tree = new RoleTree<string>();
    tree.countReservations(bundle('cpus(a/b):2;cpus(c):3;cpus:9;ports(a/b):[1-5]'), 1);
    tree.countReservations(bundle('cpus(a):1;mem(a|a/b):4'), 1);
    expect(byName(tree.get('a')!.reserved)).toEqual({ cpus: 3000, mem: 4000 });
    expect(byName(tree.get('a/b')!.reserved)).toEqual({ cpus: 2000, mem: 4000 });
    expect(byName(tree.reserved)).toEqual({ cpus: 6000, mem: 4000 });
    tree.countReservations(bundle('cpus(c):3'), -1);
    expect(byName(tree.reserved)).toEqual({ cpus: 3000, mem: 4000 });
    expect(tree.get('c')).toBeUndefined();
    expect(tree.get('a/b')).toBeDefined();
  });

  test('hold the plain scalars that it has', () => {
    const tree = new RoleTree<string>();
    const role = tree.obtain('a/b');
    tree.countPlain(role, bundle('cpus:2;cpus(a):1;cpus{REV}:1;mem:5;ports:[1-2]'), 1);
    tree.countPlain(tree.get('a')!, bundle('cpus:1'), 1);
    expect(byName(role.plain)).toEqual({ cpus: 2000, mem: 5000 });
    expect(byName(tree.get('a')!.plain)).toEqual({ cpus: 3000, mem: 5000 });
    tree.countPlain(role, bundle('cpus:2'), -1);
    expect(byName(role.plain)).toEqual({ mem: 5000 });
  });
});
