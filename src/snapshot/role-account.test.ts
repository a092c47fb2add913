import { describe, expect, test } from 'vitest';
import { aRole, type RoleBuilder } from '../../test/builders/index.ts';
import { MOST_ROLE_LEVELS } from '../api/schema/names.ts';
import { grantHold, RoleAccounts } from './role-account.ts';
import { readRolePaths } from './role-tree.ts';
import type { Labels } from './reading/selector.ts';
import { roleFacts } from './workload.ts';

const LABELS: Readonly<Record<string, Labels>> = {
  'tenant-a': { team: 'red' },
  'tenant-b': { team: 'blue', tier: 'gold' },
};

const accounts = (...roles: RoleBuilder[]) =>
  new RoleAccounts(
    readRolePaths(roles.map((role) => roleFacts(role.build()))),
    new Map(Object.entries(LABELS)),
  );

/** The path that is charged, and who refused. */
const charged = (role: string, namespace: string, ...roles: RoleBuilder[]) => {
  const { path, refusedBy } = accounts(...roles).of(namespace, role);
  return refusedBy === undefined ? path : `${path}, refused by ${refusedBy}`;
};

describe('a role without an OfferRole', () => {
  test.each([
    ['of the name of the namespace is its own', 'tenant-b', 'tenant-b'],
    ['lies below that of the namespace', 'mine', 'tenant-b/mine'],
    ['of the name of another namespace too', 'tenant-a', 'tenant-b/tenant-a'],
    ['that lies there already stays', 'tenant-b/mine/deep', 'tenant-b/mine/deep'],
    [
      'whose name only begins like that of the namespace lies below as well',
      'tenant-b2',
      'tenant-b/tenant-b2',
    ],
    ['of the name of a member of every object is no other', 'constructor', 'tenant-b/constructor'],
  ])('%s', (_what, role, path) => {
    expect(charged(role, 'tenant-b')).toBe(path);
  });

  test('lies below the OfferRole of the namespace, wherever that stands', () => {
    const roles = [aRole('studio'), aRole('tenant-b').parent('studio').ownedBy()];
    expect(charged('mine', 'tenant-b', ...roles)).toBe('studio/tenant-b/mine');
    expect(charged('tenant-b/mine', 'tenant-b', ...roles)).toBe('studio/tenant-b/mine');
    expect(charged('studio/tenant-b/mine', 'tenant-b', ...roles)).toBe('studio/tenant-b/mine');
  });

  test('lies no deeper than a tree of roles may be', () => {
    const deep = Array.from({ length: MOST_ROLE_LEVELS }, (_, i) => `l${i}`).join('/');
    const { path } = accounts().of('tenant-b', deep);
    expect(path.split('/')).toHaveLength(MOST_ROLE_LEVELS);
    expect(path).toMatch(/^tenant-b\/l0\/.*\/l14$/);
  });
});

describe('an OfferRole', () => {
  const red = () => aRole('red').field('namespaces', { selector: { matchLabels: { team: 'red' } } });

  test('is for the namespace of its name alone when it says nothing', () => {
    const own = aRole('tenant-a').ownedBy();
    expect(charged('tenant-a', 'tenant-a', own)).toBe('tenant-a');
    expect(charged('tenant-a', 'tenant-b', own)).toBe('tenant-b, refused by tenant-a');
    expect(charged('tenant-a/vip', 'tenant-b', own)).toBe('tenant-b, refused by tenant-a');
  });

  test('is for the namespaces that it names', () => {
    const shared = aRole('shared').ownedBy('tenant-a', 'lab');
    expect(['tenant-a', 'lab'].map((namespace) => charged('shared', namespace, shared))).toEqual([
      'shared',
      'shared',
    ]);
    expect(charged('shared', 'tenant-b', shared)).toBe('tenant-b, refused by shared');
    expect(charged('shared', 'shared', shared)).toBe('namespace:shared, refused by shared');
  });

  test('is for the namespaces that its selector selects', () => {
    expect(charged('red', 'tenant-a', red())).toBe('red');
    expect(charged('red', 'tenant-b', red())).toBe('tenant-b, refused by red');
    const key = 'tier';
    const gold = aRole('gold').field('namespaces', {
      selector: { matchExpressions: [{ key, operator: 'Exists' }] },
    });
    expect(charged('gold', 'tenant-b', gold)).toBe('gold');
    const both = red().field('namespaces', {
      names: ['tenant-b'],
      selector: { matchLabels: { team: 'red' } },
    });
    expect([charged('red', 'tenant-a', both), charged('red', 'tenant-b', both)]).toEqual(['red', 'red']);
  });

  test('is for all with the empty selector; of a namespace that is not known yet no label can be judged', () => {
    const notBlue = aRole('r').field('namespaces', {
      selector: { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['blue'] }] },
    });
    expect(charged('r', 'unknown', notBlue)).toBe('unknown, refused by r');
    expect(charged('r', 'unknown', aRole('r').field('namespaces', { selector: {} }))).toBe('r');
  });

  test('says itself who may draw on it: what is above or below it says nothing', () => {
    const roles = [aRole('studio'), aRole('arena').parent('studio').ownedBy('tenant-a')];
    expect(charged('arena', 'tenant-a', ...roles)).toBe('studio/arena');
    expect(charged('studio/arena', 'tenant-b', ...roles)).toBe('tenant-b, refused by arena');
    expect(charged('studio/arena/deep', 'tenant-b', ...roles)).toBe('tenant-b, refused by arena');
    expect(charged('studio/other', 'tenant-b', ...roles)).toBe('studio/other');
  });

  test('cannot be reached by a text that ends below it in the end', () => {
    const roles = [aRole('tenant-b').ownedBy(), aRole('vip').parent('tenant-b').ownedBy('tenant-a')];
    expect(charged('vip/x', 'tenant-b', ...roles)).toBe('tenant-b, refused by vip');
  });

  test('of the name of a namespace that is for others only leaves it without a role', () => {
    const taken = aRole('tenant-b').ownedBy('tenant-a');
    expect(charged('tenant-b', 'tenant-b', taken)).toBe('namespace:tenant-b, refused by tenant-b');
    expect(charged('mine', 'tenant-b', taken)).toBe('namespace:tenant-b, refused by tenant-b');
  });

  test('whose settings are not in effect is still for the same namespaces', () => {
    const lost = aRole('arena').parent('nobody').ownedBy('tenant-a').field('maxPriority', 9);
    expect(accounts(lost).of('tenant-a', 'arena')).toMatchObject({ path: 'arena', maxPriority: undefined });
    expect(charged('arena', 'tenant-b', lost)).toBe('tenant-b, refused by arena');
  });

  test('bounds priorities on its own path and below it', () => {
    const of = accounts(aRole('tenant-b').ownedBy().field('maxPriority', 9));
    expect(of.of('tenant-b', 'mine')).toMatchObject({ offerRole: 'tenant-b', maxPriority: 9 });
    expect(of.of('tenant-a', 'tenant-a')).toMatchObject({ offerRole: undefined, maxPriority: undefined });
  });
});

test('who may not draw on a role is told so, with the field and what to do', () => {
  const of = accounts(aRole('tenant-a').ownedBy());
  expect(grantHold(true, 'tenant-b', of.of('tenant-b', 'tenant-a'))).toEqual({
    reason: 'RoleNotGranted',
    message:
      'namespace tenant-b may not draw on role tenant-a: let its OfferRole name the namespace in spec.namespaces, or ' +
      'name another role in spec.role',
  });
  expect(grantHold(false, 'tenant-b', of.of('tenant-b', 'tenant-a'))?.message).toContain(
    'in the label proffer.dev/role',
  );
  expect(grantHold(false, 'tenant-a', of.of('tenant-a', 'tenant-a'))).toBeUndefined();
});
