import { expect, test } from 'vitest';
import {
  aClaim,
  aGroup,
  aJob,
  aNode,
  aPod,
  aPool,
  aRole,
  aSnapshot,
  aStorageClass,
  aVolume,
  type Buildable,
  type SnapshotBuilder,
} from '../../test/builders/index.ts';
import { CUSTOMER_LABEL } from '../api/group.ts';
import { cycle } from './cycle.test-helper.ts';
import { waitingByLayer, type FrameworkOutcome } from './outcome.ts';

const run = (builder: SnapshotBuilder): FrameworkOutcome[] => cycle(builder).all;
const cluster = (...objects: Buildable[]) => aSnapshot().with(...objects);
const summary = ({ launched, waiting, held }: FrameworkOutcome) => [
  launched,
  waiting,
  held?.reason,
  held?.message,
];

test('who got all it wanted waits for nothing', () => {
  expect(run(cluster(aNode('n1'), aPool('a').replicas(2))).map(summary)).toEqual([
    [2, 0, undefined, undefined],
  ]);
});

test('who got a part is told what the rest would need, after what was given away', () => {
  expect(run(cluster(aNode('n1').cpu('4'), aPool('a').replicas(3).cpu('1500m'))).map(summary)).toEqual([
    [
      2,
      1,
      'InsufficientResources',
      '0 of 1 nodes can take it: 1 had insufficient cpu; needs 1500m cpu, most free is 1 on n1',
    ],
  ]);
});

test('a gang is told how many fit, and what the next one lacks beside those', () => {
  const job = aJob('learn').group(aGroup('w').replicas(3).cpu('2'));
  expect(run(cluster(aNode('n1').cpu('5'), aNode('n2').cpu('1'), job)).map(summary)).toEqual([
    [
      0,
      3,
      'GangDoesNotFit',
      '2 of 3 workers fit; for the next one 0 of 2 nodes can take it: 2 had insufficient cpu; ' +
        'needs 2 cpu, most free is 1 on n1',
    ],
  ]);
});

test('a gang for which room is kept is told so, and so are those who have to do without', () => {
  const night = aJob('night').group(aGroup('w').cpu('4'));
  const pod = aPod('night-w-0').ofJob(night, 'w', 0).on('n1').cpu('4');
  const gang = aJob('learn').group(aGroup('w').replicas(2).cpu('4')).waiting(4000);
  const late = aJob('late').role('else').group(aGroup('w').cpu('4'));
  const nodes = ['n1', 'n2', 'n3', 'n4'].map((name) => aNode(name).cpu(name < 'n3' ? '4' : '2'));
  const [without, kept] = run(cluster(...nodes, night, pod, gang, late)).filter(({ waiting }) => waiting > 0);
  expect(kept!.held?.message).toMatch(
    /^1 of 2 workers fit;.*; after its long wait room that frees is kept for it$/,
  );
  expect(without!.held?.message).toMatch(/; room is kept for tj\/training\/learn, after a long wait$/);
});

test('who has room and claims without volumes is told which volumes they get', () => {
  const claims = ['w', 'x', 'y', 'z'].map((name) => aClaim(name, { of: 'made' }));
  const storage = {
    claims: [...claims, aClaim('v', { of: 'local' })],
    classes: [aStorageClass('made', 'disks.example.com'), aStorageClass('local')],
    volumes: [aVolume('disk', { of: 'local', on: ['n1'] })],
  };
  const pool = (name: string, ...names: string[]) =>
    aPool(name)
      .namespace('default')
      .claims(...names);
  const pools = [pool('a', 'v', 'w'), pool('b', 'x', 'y', 'z', 'w')];
  expect(run(cluster(aNode('n1'), ...pools).storage(storage)).map(summary)).toEqual([
    [
      0,
      1,
      'WaitingForVolumes',
      'claim v gets volume disk on n1, claim w gets a volume that disks.example.com makes for n1',
    ],
    [
      0,
      1,
      'WaitingForVolumes',
      expect.stringMatching(/^claim x gets .*, claim y gets .*, claim z gets .*, and 1 more$/),
    ],
  ]);
});

test('who finds no volume is told so, and who cannot find any at all what is wrong', () => {
  const storage = {
    claims: [aClaim('v', { of: 'local' })],
    classes: [aStorageClass('local')],
    volumes: [aVolume('disk', { of: 'local', on: ['n1'] })],
  };
  const pools = ['v', 'none'].map((claim) => aPool(`of-${claim}`).namespace('default').claims(claim));
  expect(run(cluster(aNode('n2'), ...pools).storage(storage)).map(summary)).toEqual([
    [0, 1, 'NoMatchingNode', 'no node can take it: persistentvolumeclaim "none" not found'],
    [0, 1, 'NoMatchingNode', "0 of 1 nodes can take it: 1 didn't find available persistent volumes to bind"],
  ]);
});

test('explaining changes nothing of the allocation', () => {
  const job = aJob('learn').group(aGroup('w').replicas(3).cpu('2'));
  expect([...cycle(cluster(aNode('n1').cpu('5').pods(9), job)).allocation.rest.supply].slice(0, 4)).toEqual([
    5000,
    8 * 2 ** 30,
    100 * 2 ** 30,
    9,
  ]);
});

test('a gang is told of the group that does not fit, not of the first', () => {
  const job = aJob('learn').group(aGroup('ps').cpu('1'), aGroup('w').request('nvidia.com/gpu', '1'));
  expect(run(cluster(aNode('n1'), job))[0]!.held?.message).toBe(
    '1 of 2 workers fit; for the next one 0 of 1 nodes can take it: 1 had insufficient nvidia.com/gpu; ' +
      'needs 1 nvidia.com/gpu, no node has any',
  );
});

test('who is kept back by a limit is told whose, how much is used and what the next one needs', () => {
  const held = aPod('a-0').ofPool(aPool('a').role('arena'), 0).on('n1').cpu('1').ready();
  const objects = [
    aNode('n1').cpu('8'),
    aRole('studio').limit({ cpu: '2500m' }),
    aRole('arena').parent('studio'),
    aPool('a').role('arena').replicas(3).cpu('1'),
    held,
  ];
  expect(run(cluster(...objects)).map(summary)).toEqual([
    [1, 1, 'QuotaExceeded', 'role studio has a limit of 2500m cpu: 2 used or reserved, the next one needs 1'],
  ]);
});

test('a gang that a limit keeps back is told what all of it needs', () => {
  const job = aJob('learn').role('studio').group(aGroup('w').replicas(4).cpu('1'));
  const objects = [aNode('n1').cpu('8'), aRole('studio').limit({ cpu: '3' }), job];
  expect(run(cluster(...objects)).map(({ held }) => held?.message)).toEqual([
    'role studio has a limit of 3 cpu: 0 used or reserved, the whole gang needs 4',
  ]);
});

test('who is kept out of room that guarantees need is told for whom it is kept', () => {
  const objects = [
    aNode('n1').cpu('4'),
    aRole('render').guarantee({ cpu: '3' }),
    aPool('a').role('other').replicas(2).cpu('1'),
  ];
  expect(run(cluster(...objects)).map(summary)).toEqual([
    [
      1,
      1,
      'KeptForGuarantees',
      '3 cpu free, 3 kept for what render lacks of its guarantee; the next one needs 1',
    ],
  ]);
});

test('room is not said to be kept for a role whose reservation meets its guarantee', () => {
  const gold = aNode('gold').cpu('3').label('tier', 'gold');
  const roles = [
    aRole('arena').guarantee({ cpu: '3' }).reserve('tier', 'gold', { cpu: '3' }),
    aRole('render').guarantee({ cpu: '2' }),
    aRole('tools').guarantee({ cpu: '1' }),
  ];
  const wants = aPool('a').role('a').replicas(9).cpu('1').memory('1Mi');
  expect(
    run(cluster(gold, aNode('open').cpu('4'), wants, ...roles)).map(({ held }) => held?.message),
  ).toEqual(['3 cpu free, 3 kept for what render, tools lack of their guarantees; the next one needs 1']);
});

test('a hold is the reason, before any shortage', () => {
  const hold = { reason: 'PodRefused', message: 'exceeded quota' } as const;
  expect(run(cluster(aPool('a').replicas(2)).hold('gsp/games/a', hold)).map(summary)).toEqual([
    [0, 2, 'PodRefused', 'exceeded quota'],
  ]);
});

test('waiting tasks are counted by the layer that holds them, back-offs too', () => {
  const flaky = aPool('flaky').replicas(1);
  const dead = aPod('flaky-0').ofPool(flaky, 0).on('n1').failures(5).exited(1, 1, 1);
  const all = run(
    cluster(
      aNode('n1').cpu('1'),
      flaky,
      dead,
      aPool('large').replicas(4).cpu('2'),
      aPool('lost').replicas(2).nodeSelector('zone', 'mars'),
      aJob('gang').group(aGroup('w').replicas(3).cpu('1')),
      aPool('well'),
    ),
  );
  expect(waitingByLayer(all)).toEqual(
    new Map([
      ['BackOff', 1],
      ['InsufficientResources', 4],
      ['NoMatchingNode', 2],
      ['GangDoesNotFit', 3],
    ]),
  );
});

const inGroup = (name: string) => aPod(name).customer().cpu('1').label(CUSTOMER_LABEL.framework, 'build');
const reasonsIn = (outcome: FrameworkOutcome) =>
  outcome.waits.flatMap(({ demandClass, held }) =>
    Array.from(demandClass.pending, ({ name }) => [name, held.reason, held.message]),
  );

test('each Pod of a group is told its own trouble, and holds nobody else', () => {
  const storage = { claims: [], classes: [], volumes: [] };
  const pods = [
    inGroup('a-big').cpu('100'),
    inGroup('b-selector').nodeSelector('disk', 'ssd'),
    inGroup('c-claim').claims('none'),
    inGroup('d-bad').specField('oddity', 1),
    inGroup('e-fine'),
  ];
  const [outcome] = run(cluster(aNode('n1'), ...pods).storage(storage));
  expect(outcome!.launched).toBe(1);
  expect(reasonsIn(outcome!)).toEqual([
    [
      'a-big',
      'InsufficientResources',
      '0 of 1 nodes can take it: 1 had insufficient cpu; needs 100 cpu, no node is that large (largest 4)',
    ],
    ['b-selector', 'NoMatchingNode', "0 of 1 nodes can take it: 1 didn't match the node selector"],
    ['c-claim', 'NoMatchingNode', 'no node can take it: persistentvolumeclaim "none" not found'],
    ['d-bad', 'UnsupportedField', 'not supported, remove it: spec.oddity'],
  ]);
  expect(waitingByLayer([outcome!])).toEqual(
    new Map([
      ['InsufficientResources', 1],
      ['NoMatchingNode', 2],
      ['UnsupportedField', 1],
    ]),
  );
});

test('replicas of a set whose volumes lie on different nodes are told of their own node', () => {
  const storage = {
    claims: ['v-0', 'v-1', 'v-2'].map((name, i) => aClaim(name, { of: 'local', boundTo: `disk-${i}` })),
    classes: [aStorageClass('local')],
    volumes: [0, 1, 2].map((i) =>
      aVolume(`disk-${i}`, { of: 'local', on: [`n${i}`], claim: { name: `v-${i}` } }),
    ),
  };
  const replicas = [0, 1, 2].map((i) =>
    aPod(`db-${i}`).customer().ownedBy('StatefulSet', 'db').cpu('2').claims(`v-${i}`),
  );
  const nodes = [aNode('n0').cpu('1'), aNode('n1').cpu('4'), aNode('n2').cpu('3')];
  const [outcome] = run(cluster(...nodes, aPod('full').on('n2').cpu('2'), ...replicas).storage(storage));
  expect(outcome!.launched).toBe(1);
  expect(reasonsIn(outcome!).map(([name, , message]) => [name, message!.split('; ').at(-1)])).toEqual([
    ['db-0', 'needs 2 cpu, no node that it may use is that large (largest 1)'],
    ['db-2', 'needs 2 cpu, most free is 1 on n2'],
  ]);
});

test('each Pod of a group that quota keeps back is told so, and not those that no node takes', () => {
  const objects = [aNode('n1').cpu('8'), aRole('default').limit({ cpu: '1' })];
  const [outcome] = run(
    cluster(...objects, inGroup('a-big').cpu('100'), inGroup('b'), inGroup('c').memory('1Gi')),
  );
  expect(reasonsIn(outcome!).map(([name, reason]) => [name, reason])).toEqual([
    ['a-big', 'InsufficientResources'],
    ['c', 'QuotaExceeded'],
  ]);
});

test('members of a gang are told which of them can go nowhere, and why', () => {
  const member = (name: string) => aPod(name).gang('g', 3).cpu('3');
  const [outcome] = run(cluster(aNode('n1'), member('a'), member('b'), member('c').cpu('9')));
  const message =
    '1 of 3 Pods of the gang fit; for the next one (c) 0 of 1 nodes can take it: 1 had insufficient cpu; ' +
    'needs 9 cpu, no node is that large (largest 4)';
  expect(reasonsIn(outcome!)).toEqual(['a', 'b', 'c'].map((name) => [name, 'GangDoesNotFit', message]));
});

test('only who could go in their turn is told of turns, and counts as one before others', () => {
  const pool = (name: string, cpu: string) => aPool(name).role(name).cpu(cpu).memory('1Mi');
  const full = aPod('full').on('n1').cpu('4');
  const messages = (...pools: Buildable[]) =>
    run(cluster(aNode('n1'), full, ...pools)).map(({ held }) => held!.message.split('; ').slice(2));
  expect(messages(pool('a', '2'), pool('b', '9'))).toEqual([[], []]);
  expect(messages(pool('a', '2'), pool('b', '9'), pool('c', '1'))).toEqual([
    ['its turn comes first of 2 that wait: role games/a holds 0.0% by weight'],
    [],
    ['its turn comes after gsp/games/a: role games/c holds 0.0% by weight'],
  ]);
});

test('what fits no node as a whole is not said to wait for room', () => {
  const nodes = [aNode('n1').cpu('8').memory('1Gi'), aNode('n2').cpu('1').memory('8Gi')];
  const [outcome] = run(
    cluster(...nodes, aPool('a').cpu('4').memory('4Gi'), aPool('b').cpu('8').memory('8Gi')),
  );
  expect(outcome!.held!.message).toMatch(/; no node has all of that$/);
});
