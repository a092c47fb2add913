import { expect, test } from 'vitest';
import {
  aNode,
  aPod,
  aPool,
  aRole,
  aSnapshot,
  NOW,
  type Buildable,
  type RoleBuilder,
} from '../../test/builders/index.ts';
import { roleFacts } from '../snapshot/workload.ts';
import { cycle, told } from './cycle.test-helper.ts';
import { roleStatus } from './role-status.ts';

const node = aNode('n1').cpu('4').memory('8Gi');
const arena = (replicas = 1) => aPool('arena').role('studio').replicas(replicas).cpu('1').memory('1Gi');
const server = aPod('arena-0').ofPool(arena(), 0).on('n1').cpu('1500m').memory('1Gi').ready();

function statusOf(role: RoleBuilder, others: Buildable[], now = NOW) {
  const { snapshot, all } = cycle(aSnapshot().with(role, ...others));
  const account = snapshot.roles.find((r) => r.name === 'studio')!;
  return roleStatus(roleFacts(role.build()), account, snapshot, all, now);
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
  expect(told(status.conditions)).toEqual(['Satisfied=True AsExpected']);
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
  expect(told(status.conditions)).toEqual(['Satisfied=False InsufficientResources']);
  const one = statusOf(aRole('studio'), [node, lost('x')]);
  expect([one.message, ...told(one.conditions)]).toEqual([
    '1 task waits in gsp/games/x',
    'Satisfied=False NoMatchingNode',
  ]);
});

test('nothing is written when nothing changed', () => {
  const first = statusOf(aRole('studio'), [node, arena(), server]);
  const known = aRole('studio');
  const raw = known.build();
  known.build = () => ({ ...raw, status: first });
  expect(statusOf(known, [node, arena(), server], NOW + 60_000)).toEqual(first);
});
