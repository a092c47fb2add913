import { describe, expect, test } from 'vitest';
import {
  aNode,
  aPod,
  aPool,
  aRole,
  aSnapshot,
  type Buildable,
  type RoleBuilder,
} from '../../test/builders/index.ts';
import { roleFacts } from '../snapshot/workload.ts';
import { cycle, told } from './cycle.test-helper.ts';
import { roleStandings } from './role-standing.ts';
import { roleStatus } from './role-status.ts';

const node = aNode('n1').cpu('4').memory('8Gi');
const arena = (replicas = 1) => aPool('arena').role('studio').replicas(replicas).cpu('1').memory('1Gi');
const server = aPod('arena-0').ofPool(arena(), 0).on('n1').cpu('1500m').memory('1Gi').ready();

function statusOf(role: RoleBuilder, others: Buildable[], later = 0) {
  const { snapshot, all, allocation } = cycle(
    aSnapshot()
      .with(role, ...others)
      .later(later),
  );
  const object = roleFacts(role.build());
  const account = snapshot.roles.find((r) => r.name === object.metadata.name)!;
  const standings = roleStandings(snapshot, all, allocation.launches);
  return roleStatus(object, account, standings.get(account.path)!, snapshot);
}

test('a role tells its dominant share, of what, and what it holds', () => {
  const status = statusOf(aRole('studio').weight(4), [node, arena(), server]);
  expect(status).toMatchObject({
    observedGeneration: 1,
    dominantShare: '37.5%',
    dominantResource: 'cpu',
    allocated: { cpu: '1500m', memory: '1Gi', pods: '1' },
    frameworks: 1,
    pending: 0,
    message: '1 framework, nothing waits',
  });
  expect(told(status.conditions)).toEqual(['Valid=True AsExpected', 'Satisfied=True AsExpected']);
});

test('a role that holds nothing has no dominant resource', () => {
  const status = statusOf(aRole('studio'), [node]);
  expect(status).toMatchObject({
    dominantShare: '0.0%',
    allocated: {},
    message: '0 frameworks, nothing waits',
  });
  expect(status).not.toHaveProperty('dominantResource');
});

test('a role names those who wait, and the layer that holds the first', () => {
  const lost = (name: string) => aPool(name).role('studio').nodeSelector('zone', 'mars');
  const status = statusOf(aRole('studio'), [node, arena(5), lost('x'), lost('y'), lost('z')]);
  expect(status).toMatchObject({
    pending: 4,
    message: '4 tasks wait in gsp/games/arena, gsp/games/x, gsp/games/y ...',
  });
  expect(told(status.conditions)).toEqual(['Valid=True AsExpected', 'Satisfied=False InsufficientResources']);
  const one = statusOf(aRole('studio'), [node, lost('x')]);
  expect([one.message, ...told(one.conditions)]).toEqual([
    '1 task waits in gsp/games/x',
    'Valid=True AsExpected',
    'Satisfied=False NoMatchingNode',
  ]);
});

test('nothing is written when nothing changed', () => {
  const first = statusOf(aRole('studio'), [node, arena(), server]);
  const known = aRole('studio');
  const raw = known.build();
  known.build = () => ({ ...raw, status: first });
  expect(statusOf(known, [node, arena(), server], 60)).toEqual(first);
});

describe('of a tree', () => {
  const top = () => aRole('studio').weight(2);
  const below = aRole('arena').parent('studio');
  const pool = aPool('deep').role('arena').replicas(3).cpu('1').memory('1Gi');
  const starting = aPod('deep-0').ofPool(pool, 0).on('n1').cpu('1').memory('1Gi');

  test('a role counts all below it, and shows what has not started or was launched just now', () => {
    const status = statusOf(top(), [node, below, pool, arena(), server, starting]);
    expect(status).toMatchObject({
      path: 'studio',
      dominantShare: '87.5%',
      weightedShare: '43.8%',
      allocated: { cpu: '3500m' },
      offered: { cpu: '2' },
      frameworks: 1,
      pending: 1,
      message: '1 task waits in gsp/games/deep',
    });
  });

  test('a role below shows its own, and its path', () => {
    const status = statusOf(below, [node, top(), pool, arena(), server, starting]);
    expect(status).toMatchObject({ path: 'studio/arena', allocated: { cpu: '2' }, offered: { cpu: '2' } });
  });
});

describe('the guarantee', () => {
  const guaranteed = (amount: string) => aRole('studio').guarantee({ cpu: amount });

  test('is met when the role has it', () => {
    const { conditions } = statusOf(guaranteed('1500m'), [node, arena(), server]);
    expect(told(conditions)).toContain('GuaranteeMet=True AsExpected');
  });

  test('is met when nothing waits for the rest', () => {
    const { conditions, message } = statusOf(guaranteed('3'), [node, arena(), server]);
    expect(told(conditions)).toContain('GuaranteeMet=True NotNeeded');
    expect(conditions!.find((c) => c.type === 'GuaranteeMet')!.message).toBe(
      'lacks 1500m cpu, and nothing waits for it',
    );
    expect(message).toBe('1 framework, nothing waits');
  });

  test('is not met while tasks wait for it; the condition says what holds them', () => {
    const big = aPool('big').role('studio').cpu('6');
    const { conditions, message } = statusOf(guaranteed('3'), [node, arena(), server, big]);
    const told = conditions!.find((c) => c.type === 'GuaranteeMet')!;
    expect([told.status, told.reason]).toEqual(['False', 'InsufficientResources']);
    expect(told.message).toMatch(/^lacks 1500m cpu; gsp\/games\/big: 0 of 1 nodes can take it/);
    expect(message).toBe('lacks 1500m cpu of its guarantee; 1 task waits in gsp/games/big');
  });

  test('is met while only tasks wait that ask for nothing of what is lacking', () => {
    const lost = aPool('lost').role('studio').cpu('1').nodeSelector('zone', 'mars');
    const gpu = aRole('studio').guarantee({ 'nvidia.com/gpu': '1' });
    const roomy = aNode('gpus').cpu('4').resource('nvidia.com/gpu', '2');
    const { conditions, message } = statusOf(gpu, [roomy, lost]);
    expect(told(conditions)).toContain('GuaranteeMet=True NotNeeded');
    expect(message).toBe('1 task waits in gsp/games/lost');
    const wants = aPool('wants').role('studio').request('nvidia.com/gpu', '1').nodeSelector('zone', 'mars');
    const asked = statusOf(gpu, [roomy, lost, wants]);
    expect(asked.conditions!.find((c) => c.type === 'GuaranteeMet')!.message).toMatch(
      /^lacks 1 nvidia.com\/gpu; gsp\/games\/wants: /,
    );
  });

  test('is met in the cycle that launches what was lacking', () => {
    const status = statusOf(guaranteed('3'), [node, arena(6)]);
    expect(status).toMatchObject({ allocated: { cpu: '4' }, offered: { cpu: '4' }, pending: 2 });
    expect(told(status.conditions)).toContain('GuaranteeMet=True AsExpected');
  });

  test('counts what a launch takes beside a reservation, and not again what it takes out of it', () => {
    const gold = aNode('gold').cpu('4').label('tier', 'gold');
    const role = guaranteed('4').reserve('tier', 'gold', { cpu: '2' });
    const status = statusOf(role, [gold, arena(3)]);
    expect(status).toMatchObject({ allocated: { cpu: '3' }, reserved: { cpu: '2' }, pending: 0 });
    expect(status.unused).toEqual({});
    const { message } = status.conditions!.find((c) => c.type === 'GuaranteeMet')!;
    expect(message).toBe('lacks 1 cpu, and nothing waits for it');
  });

  test('has no condition once it is taken back', () => {
    const raw = aRole('studio').build();
    const known = aRole('studio');
    known.build = () => ({ ...raw, status: statusOf(guaranteed('1'), [node]) });
    expect(told(statusOf(known, [node]).conditions)).toEqual([
      'Valid=True AsExpected',
      'Satisfied=True AsExpected',
    ]);
  });
});

describe('a role is not valid', () => {
  const valid = (role: RoleBuilder, ...others: Buildable[]) => {
    const status = statusOf(role, others);
    const { reason, message } = status.conditions!.find((c) => c.type === 'Valid')!;
    return { reason, message, line: status.message };
  };

  test('whose parent is unknown', () => {
    const what = 'nothing of the spec is in effect: there is no OfferRole "x", create it or correct parent';
    expect(valid(aRole('studio').parent('x'), node)).toEqual({
      reason: 'UnknownParent',
      message: what,
      line: `${what}; 0 frameworks, nothing waits`,
    });
  });

  test('when all guarantees are more than the cluster has', () => {
    const other = aRole('other').guarantee({ cpu: '2' });
    expect(valid(aRole('studio').guarantee({ cpu: '3' }), node, other)).toMatchObject({
      reason: 'GuaranteesExceedCluster',
      message:
        'all guarantees of cpu sum to 5, the cluster has 4: each is met as far as possible, lower some',
    });
    expect(valid(aRole('studio').guarantee({ memory: '3Gi' }), node, other)).toMatchObject({
      reason: 'AsExpected',
    });
  });

  test('that holds more than its limit', () => {
    expect(valid(aRole('studio').limit({ cpu: '1' }), node, arena(), server)).toMatchObject({
      reason: 'OverLimit',
      message: '1500m cpu used or reserved, the limit is 1: nothing more is given, nothing is taken away',
    });
  });

  test('whose reservations do not fit, or match nothing', () => {
    const gold = (name: string, cpu: string) => aNode(name).cpu(cpu).label('tier', 'gold');
    const keeps = aRole('studio').reserve('tier', 'gold', { cpu: '2' });
    expect(valid(keeps, gold('a', '4'), gold('b', '1'))).toMatchObject({
      reason: 'ReservationDoesNotFit',
      message: 'a reservation is not in effect where there is no room for it: on b; in effect on 1 node',
    });
    expect(valid(keeps, node)).toMatchObject({
      reason: 'ReservationDoesNotFit',
      message: 'no node bears the labels that a reservation asks for: tier=gold',
    });
    const two = aRole('studio').reserve('tier', 'gold', { cpu: '2' }).reserve('tier', 'silver', { cpu: '1' });
    expect(valid(two, gold('a', '4'))).toMatchObject({
      reason: 'ReservationDoesNotFit',
      message: 'no node bears the labels that a reservation asks for: tier=silver',
    });
    expect(statusOf(keeps, [gold('a', '4')])).toMatchObject({ reserved: { cpu: '2' }, unused: { cpu: '2' } });
  });
});

test('a limit of a resource that no node has is told, though such nodes may be to come', () => {
  const status = statusOf(aRole('studio').limit({ cpu: '1', 'nvidia.com/gpus': '2' }), [node]);
  const told =
    'the limit names nvidia.com/gpus, of which no node has any: correct the name unless such nodes are to come';
  expect(status.conditions!.find((c) => c.type === 'Valid')).toMatchObject({
    status: 'True',
    message: `every setting is in effect; ${told}`,
  });
  expect(status.message).toBe(`0 frameworks, nothing waits; ${told}`);
});
