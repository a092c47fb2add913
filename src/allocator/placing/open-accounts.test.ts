import { describe, expect, test } from 'vitest';
import { aNode, aPod, aPool, aRole, aSnapshot, type Buildable } from '../../../test/builders/index.ts';
import type { AgentHealth } from '../../recovery/health.ts';
import { Marks } from '../roles/accounts.ts';
import type { FrameworkBidder } from './framework-bidder.ts';
import { openAccounts } from './open-accounts.ts';

function open(...objects: Buildable[]) {
  return openWith({}, ...objects);
}

/** Accounts of a cluster, with the health of some of its nodes. */
function openWith(health: Readonly<Record<string, Partial<AgentHealth>>>, ...objects: Buildable[]) {
  const builder = aSnapshot().with(...objects);
  for (const [node, state] of Object.entries(health)) builder.health(node, state);
  const snapshot = builder.build();
  const accounts = openAccounts<FrameworkBidder>(snapshot);
  const column = (name: string) => snapshot.columns.get(name)!;
  /** cpu of a list by column. */
  const cpu = (amounts: readonly (number | undefined)[]) => amounts[column('cpu')] ?? 0;
  return { accounts, column, cpu, role: (path: string) => accounts.roles.get(path)! };
}

const node = (name: string, cpu: string) => aNode(name).cpu(cpu).memory('64Gi');
const gold = (name: string, cpu: string) => node(name, cpu).label('tier', 'gold');
const pool = (role: string) => aPool(role).role(role).cpu('1').memory('1Gi');
const server = (role: string, slot: number, on: string, cpu = '1') =>
  aPod(`${role}-${slot}`).ofPool(pool(role), slot).on(on).cpu(cpu).memory('1Gi').ready();

describe('accounts of a snapshot', () => {
  test('have its total, its roles with their weights, and what they hold', () => {
    const { accounts, role, cpu } = open(
      node('n', '8'),
      aRole('red').weight(3),
      aRole('blue'),
      pool('red'),
      pool('blue'),
      server('red', 0, 'n'),
      server('red', 1, 'n'),
      aPod('stranger').on('n').cpu('1'),
    );
    expect(cpu(accounts.totals.amounts)).toBe(8000);
    expect([role('red').weight, role('blue').weight]).toEqual([3, 1]);
    expect(cpu(accounts.held.allocated)).toBe(2000);
    expect(cpu(role('red').plain)).toBe(2000);
    expect(cpu(role('blue').plain)).toBe(0);
  });

  test('order roles by what they hold, divided by their weights, the number of Pods aside', () => {
    const order = (...objects: Buildable[]) => {
      const pools = ['a', 'b', 'c'].map(pool);
      const { accounts } = open(node('n', '20').pods(4), aRole('b'), aRole('c'), ...pools, ...objects);
      for (const path of ['a', 'b', 'c']) {
        const { client } = accounts.open(path);
        accounts.roleSorter.mark(client!, Marks.bidding);
      }
      accounts.roleSorter.start();
      const paths: string[] = [];
      for (
        let next = accounts.roleSorter.next(Marks.bidding);
        next;
        next = accounts.roleSorter.next(Marks.bidding)
      )
        paths.push(next.path);
      return paths;
    };
    expect(order(aRole('a'), server('a', 0, 'n', '2'), server('b', 0, 'n', '1'))).toEqual(['c', 'b', 'a']);
    const twoOfB = [server('b', 0, 'n', '1'), server('b', 1, 'n', '1')];
    expect(order(aRole('a'), server('a', 0, 'n', '3'), ...twoOfB)).toEqual(['c', 'b', 'a']);
    expect(order(server('a', 0, 'n', '3'), ...twoOfB, aRole('a').weight(2))).toEqual(['c', 'a', 'b']);
  });
});

describe('quota', () => {
  test('is that of the role; what is not named is not limited', () => {
    const { role, column } = open(
      node('n', '8'),
      aRole('both').guarantee({ cpu: '2' }).limit({ memory: '4Gi' }),
      aRole('none'),
    );
    const { guarantee, limit, hasGuarantee, hasLimit } = role('both').quota!;
    expect(guarantee[column('cpu')]).toBe(2000);
    expect(guarantee[column('memory')]).toBeUndefined();
    expect(limit[column('cpu')]).toBeUndefined();
    expect(limit[column('memory')]).toBeGreaterThan(0);
    expect([hasGuarantee, hasLimit]).toEqual([true, true]);
    expect(role('none').quota).toBeNull();
  });

  test('of one half only says which', () => {
    const { role } = open(node('n', '8'), aRole('g').guarantee({ cpu: '1' }), aRole('l').limit({ cpu: '0' }));
    expect(role('g').quota).toMatchObject({ hasGuarantee: true, hasLimit: false, limit: [] });
    expect(role('l').quota).toMatchObject({ hasGuarantee: false, hasLimit: true, guarantee: [] });
  });
});

describe('reservations', () => {
  test('count for the role and those above it; what lies in them is no plain holding', () => {
    const { accounts, role, cpu } = open(
      gold('n', '8'),
      aRole('top'),
      aRole('red').parent('top').reserve('tier', 'gold', { cpu: '3' }),
      pool('red'),
      server('red', 0, 'n', '4'),
    );
    expect(cpu(accounts.roles.reserved)).toBe(3000);
    expect(cpu(accounts.held.allocated)).toBe(4000);
    expect(cpu(accounts.heldReserved.allocated)).toBe(3000);
    expect([cpu(role('top/red').plain), cpu(role('top').plain)]).toEqual([1000, 1000]);
    expect(cpu(role('top/red').reserved)).toBe(3000);
  });
});

describe('headroom', () => {
  /** cpu that nobody holds and that guarantees cannot be met from. */
  const uncounted = (...objects: Buildable[]) => uncountedWith({}, ...objects);
  const uncountedWith = (health: Readonly<Record<string, Partial<AgentHealth>>>, ...objects: Buildable[]) => {
    const { accounts, cpu } = openWith(health, aRole('g').guarantee({ cpu: '1' }), ...objects);
    return cpu(accounts.uncounted);
  };

  test('is not what others use, nor what is free on nodes that take no tasks', () => {
    expect(uncounted(node('n', '8'))).toBe(0);
    expect(uncounted(node('n', '8'), aPod('stranger').on('n').cpu('3'))).toBe(3000);
    expect(uncounted(node('n', '8'), node('c', '4').cordoned())).toBe(4000);
    expect(uncountedWith({ d: { deleting: true } }, node('n', '8'), node('d', '4'))).toBe(4000);
    expect(uncountedWith({ u: { unfitMs: 1 } }, node('n', '8'), node('u', '4'))).toBe(4000);
    expect(uncounted(node('n', '8'), pool('red'), server('red', 0, 'n', '2'))).toBe(0);
  });

  test('is not what is left of reservations, which is in no other count', () => {
    const red = () => [aRole('red').reserve('tier', 'gold', { cpu: '3' }), pool('red')];
    expect(uncounted(gold('n', '8'), node('m', '8'), ...red())).toBe(0);
    expect(uncounted(gold('n', '8'), ...red(), server('red', 0, 'n', '2'))).toBe(0);
    // A stranger sits in what is reserved: one is free there, less than is left of the reservation.
    expect(uncounted(gold('n', '8'), node('m', '8'), ...red(), aPod('x').on('n').cpu('7'))).toBe(5000);
    const two = aRole('blue').reserve('tier', 'gold', { cpu: '4' });
    expect(uncounted(gold('n', '8'), ...red(), two, aPod('x').on('n').cpu('1'))).toBe(1000);
  });

  test('is not looked at without a guarantee', () => {
    const { accounts, cpu } = open(
      node('n', '8'),
      aRole('l').limit({ cpu: '1' }),
      aPod('x').on('n').cpu('3'),
    );
    expect(cpu(accounts.uncounted)).toBe(0);
  });
});
