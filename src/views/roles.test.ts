import { describe, expect, test } from 'vitest';
import { aNode, aPod, aPool, aRole, aSnapshot } from '../../test/builders/index.ts';
import { rolesView } from './roles.ts';

const big = aPool('big').namespace('big').replicas(2).cpu('1').memory('1Gi');
const small = aPool('small').namespace('small').replicas(4).cpu('500m').priority(-3);
const cluster = () =>
  aSnapshot()
    .with(aNode('n1').cpu('10').memory('10Gi'), big, small, aRole('big').weight(4), aRole('unused'))
    .with(aPod('big-0').ofPool(big, 0).on('n1').cpu('2').memory('1Gi').ready())
    .with(aPod('small-0').ofPool(small, 0).on('n1').cpu('1').starting())
    .hold('gsp/small/small', { reason: 'PodRefused', message: 'exceeded quota' });

describe('rolesView', () => {
  test('lists roles in the order in which they are served: by share over weight', () => {
    const { roles, total } = rolesView(cluster().build(), { limit: 10 });
    expect(total).toMatchObject({ cpu: '10', memory: '10Gi' });
    expect(
      roles.map((r) => [r.name, r.weight, r.share, r.weightedShare, r.dominantResource, r.pending]),
    ).toEqual([
      ['unused', 1, 0, 0, undefined, 0],
      ['big', 4, 0.2, 0.05, 'cpu', 1],
      ['small', 1, 0.1, 0.1, 'cpu', 3],
    ]);
    expect(roles[1]!.held).toEqual({ cpu: '2', memory: '1Gi', pods: '1' });
  });

  test('shows the frameworks of each role and why one takes no offers', () => {
    const { roles } = rolesView(cluster().build(), { limit: 10 });
    expect(roles[2]!.frameworks).toEqual([
      {
        id: 'gsp/small/small',
        priority: -3,
        share: 0.1,
        live: 1,
        ready: 0,
        pending: 3,
        backingOff: 0,
        hold: 'PodRefused: exceeded quota',
      },
    ]);
  });

  test('limits the roles and says how many there are', () => {
    const { roles, count } = rolesView(cluster().build(), { limit: 1 });
    expect(roles).toHaveLength(1);
    expect(count).toEqual({ shown: 1, total: 3 });
  });
});

test('a tree: each role with what all below it hold, followed by those; with quota and what is not in effect', () => {
  const deep = aPool('deep').role('arena').replicas(2).cpu('1');
  const snapshot = aSnapshot()
    .with(aNode('n1').cpu('10').memory('10Gi').label('tier', 'gold'), deep)
    .with(aRole('studio').guarantee({ cpu: '4' }).limit({ cpu: '8', memory: '0' }))
    .with(aRole('arena').parent('studio').reserve('tier', 'gold', { cpu: '2' }), aRole('lost').parent('x'))
    .with(aPod('deep-0').ofPool(deep, 0).on('n1').cpu('1').ready())
    .build();
  const { roles } = rolesView(snapshot, { limit: 10 });
  expect(roles.map((r) => [r.path, r.share, r.pending])).toEqual([
    ['lost', 0, 0],
    ['studio', 0.1, 1],
    ['studio/arena', 0.1, 1],
  ]);
  expect(roles[0]!.problem).toMatch(/^UnknownParent: nothing of the spec/);
  expect(roles[1]).toMatchObject({
    guarantee: { cpu: '4' },
    limit: { cpu: '8', memory: '0' },
    reserved: { cpu: '2' },
  });
  expect(roles[2]).toMatchObject({
    guarantee: {},
    limit: {},
    reserved: { cpu: '2' },
    frameworks: [{ pending: 1 }],
  });
});
