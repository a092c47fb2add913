import { expect, test } from 'vitest';
import {
  aNode,
  aPod,
  aPool,
  aRole,
  aSnapshot,
  HOST,
  required,
  term,
  type Buildable,
} from '../../test/builders/index.ts';
import { explainShortage } from './explain.ts';
import { buildMatrices } from './matrices.ts';

const game = () => aPool('arena').cpu('2').memory('1Gi');
const small = (name: string) => aNode(name).cpu('1').memory('8Gi');

function explain(objects: Buildable[], health: Record<string, object> = {}) {
  const builder = aSnapshot()
    .with(...objects)
    .hostPorts(7000, 7000);
  for (const node in health) builder.health(node, health[node]!);
  const snapshot = builder.build();
  const matrices = buildMatrices(snapshot, snapshot.classes);
  return explainShortage(snapshot, matrices, 0, { ...matrices, supply: snapshot.supply });
}

/** Asks for so many resources that nobody has. */
const inventive = (count: number) =>
  Array.from({ length: count }, (_, i) => `x.io/r${i}`).reduce(
    (pool, name) => pool.request(name, '2'),
    game(),
  );

test.each<[reason: string, message: string, objects: Buildable[], health?: Record<string, object>]>([
  ['NoMatchingNode', 'there are no nodes', [game()]],
  [
    'InsufficientResources',
    '0 of 1 nodes can take it: 1 had insufficient memory; needs 8Pi or more memory, no node is that large (largest 8Pi)',
    [game().memory('9Pi'), small('n1').cpu('4').memory('16Pi')],
  ],
  [
    'InsufficientResources',
    '0 of 1 nodes can take it: 1 had insufficient memory; needs 1073741825 memory, no node is that large (largest 1Gi)',
    [game().memory('1073741825'), small('n1').cpu('4').memory('1Gi')],
  ],
  [
    'InsufficientResources',
    '0 of 2 nodes can take it: 2 had insufficient cpu; needs 2 cpu, no node is that large (largest 1500m)',
    [game(), small('n1'), small('n2').cpu('1500m')],
  ],
  [
    'InsufficientResources',
    '0 of 1 nodes can take it: 1 had insufficient cpu; needs 2 cpu, no node is that large (largest 1); ' +
      'needs 1Gi memory, no node is that large (largest 512Mi)',
    [game(), small('n1').memory('512Mi')],
  ],
  [
    'InsufficientResources',
    '0 of 1 nodes can take it: 1 had insufficient x.io/r0; needs 2 x.io/r0, no node has any; ' +
      'needs 2 x.io/r1, no node has any',
    [inventive(2).request('x.io/none', '0'), aNode('n1').cpu('8').memory('8Gi')],
  ],
  [
    'NoMatchingNode',
    "0 of 4 nodes can take it: 1 was unschedulable, 1 had an untolerated taint, 1 didn't match the node selector, " +
      "1 didn't match the node affinity",
    [
      game().nodeSelector('zone', 'a').affinity('arch', 'arm64'),
      aNode('n1').cordoned(),
      aNode('n2').taint('gpu'),
      aNode('n3'),
      aNode('n4').label('zone', 'a'),
    ],
  ],
  [
    'InsufficientResources',
    '0 of 3 nodes can take it: 2 had an untolerated taint, 1 had insufficient cpu; needs 2 cpu, ' +
      'no node is that large (largest 1500m)',
    [game(), small('n1'), aNode('n2').cpu('1500m').taint('a'), aNode('n3').cpu('1').taint('b')],
  ],
  [
    'InsufficientResources',
    '0 of 5 nodes can take it: 4 had an untolerated taint, 1 had insufficient nvidia.com/gpu; needs 1 nvidia.com/gpu, ' +
      'no node that it may use has any; 2 nodes have nvidia.com/gpu but a taint gpu:NoSchedule that the Pod does not ' +
      'tolerate; 1 node has nvidia.com/gpu but a taint night:NoSchedule that the Pod does not tolerate',
    [
      game().request('nvidia.com/gpu', '1').nodeSelector('zone', 'a'),
      aNode('plain').label('zone', 'a'),
      aNode('gpu-1').resource('nvidia.com/gpu', '8').label('zone', 'a').taint('gpu'),
      aNode('gpu-2').resource('nvidia.com/gpu', '1').label('zone', 'a').taint('gpu'),
      aNode('gpu-3').resource('nvidia.com/gpu', '1').label('zone', 'a').taint('night'),
      aNode('gpu-4').resource('nvidia.com/gpu', '1').taint('far'),
    ],
  ],
  [
    'InsufficientResources',
    '0 of 2 nodes can take it: 2 had insufficient cpu; needs 2 cpu, most free is 1500m on n2',
    [game(), small('n1'), aNode('n2'), aPod('p').on('n2').cpu('2500m')],
  ],
  [
    'NodesUnhealthy',
    '0 of 3 nodes can take it: 1 was unfit (no heartbeat), 1 was unfit (leaving), 1 had insufficient cpu; ' +
      'needs 2 cpu, most free is 1 on n3',
    [game(), aNode('n1'), aNode('n2'), small('n3')],
    { n1: { unfitMs: 5000, cause: 'no heartbeat' }, n2: { deleting: true } },
  ],
  [
    'NoMatchingNode',
    "0 of 1 nodes can take it: 1 didn't have free host ports",
    [game().port('game', 1), aNode('n1'), aPod('p').on('n1').fixedPort(7000)],
  ],
  [
    'NoMatchingNode',
    "0 of 4 nodes can take it: 2 didn't match pod topology spread constraints, " +
      "1 didn't match pod topology spread constraints (missing required label), 1 had insufficient cpu; needs 2 cpu, most free is 1 on n4",
    [
      game()
        .podLabel('app', 'game')
        .specField('topologySpreadConstraints', [
          { maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', ...term('zone', 'game') },
        ]),
      ...['n1', 'n2'].map((name) => aNode(name).label('zone', 'a')),
      aNode('n3'),
      small('n4').label('zone', 'b'),
      aPod('p').namespace('games').label('app', 'game').on('n1'),
    ],
  ],
  [
    'NoMatchingNode',
    "0 of 3 nodes can take it: 1 didn't satisfy existing pods anti-affinity rules, 1 didn't match pod anti-affinity rules, " +
      "1 didn't match pod affinity rules",
    [
      game()
        .podLabel('app', 'game')
        .specField('affinity', {
          podAffinity: required(term('zone', 'web')),
          podAntiAffinity: required(term(HOST, 'noisy')),
        }),
      ...['n1', 'n2'].map((name) => aNode(name).label('zone', 'a')),
      aNode('n3').label('zone', 'b'),
      aPod('web')
        .namespace('games')
        .label('app', 'web')
        .on('n1')
        .specField('affinity', {
          podAntiAffinity: required(term(HOST, 'game')),
        }),
      aPod('noisy').namespace('games').label('app', 'noisy').on('n2'),
    ],
  ],
])('%s: %s', (reason, message, objects, health) => {
  expect(explain(objects, health)).toEqual({ reason, message });
});

test('room that others took in this cycle is gone', () => {
  const snapshot = aSnapshot().with(aNode('n1').cpu('4'), game()).build();
  const matrices = buildMatrices(snapshot, snapshot.classes);
  const supply = snapshot.supply.slice();
  supply[0] = 1000;
  expect(explainShortage(snapshot, matrices, 0, { ...matrices, supply }).message).toContain(
    'most free is 1 on n1',
  );
});

test('what a task does not ask for is never what it lacks, be there less than nothing of it beside reservations', () => {
  const gold = aNode('n1').cpu('4').label('tier', 'gold');
  const keeps = aRole('red').reserve('tier', 'gold', { cpu: '1' });
  const snapshot = aSnapshot().with(gold, keeps, aPool('p').role('blue').cpu('4')).build();
  const matrices = buildMatrices(snapshot, snapshot.classes);
  const supply = snapshot.supply.slice();
  supply[1] = -1;
  matrices.demand[1] = 0;
  expect(explainShortage(snapshot, matrices, 0, { ...matrices, supply }).message).toContain(
    '1 had cpu that is reserved for other roles',
  );
});

test('of many resources that nobody has the first ones are named', () => {
  const { message } = explain([inventive(512), aNode('n1').cpu('8').memory('8Gi')]);
  expect(message.split('; ').slice(-1)).toEqual(['needs 2 x.io/r7, no node has any and 504 more']);
});
