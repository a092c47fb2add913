import { expect, test } from 'vitest';
import {
  aClaim,
  aGroup,
  aJob,
  aNode,
  aPod,
  aPool,
  aRole,
  aStorageClass,
  aVolume,
  NOW,
  type JobBuilder,
} from '../../test/builders/index.ts';
import type { Clock } from '../lib/clock.ts';
import { clusterOf, storageDocuments } from './cluster.test-helper.ts';
import { addDocuments } from './objects.ts';
import { poolFacts } from '../frameworks/pool/facts.ts';
import { replay } from './replay.ts';

const clock: Clock = { now: () => NOW, monotonic: () => 0, sleep: () => Promise.resolve() };
const options = { now: NOW, hostPorts: { first: 7000, last: 8000 }, clock };

test('one cycle: what is created in which order, declined, waiting and deleted', () => {
  const arena = aPool('arena').replicas(3).cpu('1').port('game', 1);
  const shrinks = aPool('shrinks').replicas(0).cpu('1');
  const cluster = clusterOf(
    aNode('n1').cpu('4'),
    aRole('games'),
    arena,
    shrinks,
    aJob('learn').group(aGroup('w').replicas(2).cpu('3')),
    aPod('arena-0').ofPool(arena, 0).on('n1').cpu('1').exited(1, 15, 3600),
    aPod('arena-1').ofPool(arena, 1).on('n1').cpu('1').ready(),
    aPod('shrinks-0').ofPool(shrinks, 0).on('n1').cpu('1').ready(),
  );
  const { created, claimed, declined, waiting, evicted, changed, deleted, ...rest } = replay(
    cluster,
    options,
  );
  expect([claimed, evicted, changed]).toEqual([[], [], []]);
  expect(rest).toEqual({ at: '2026-01-01T12:00:00Z', nodes: 1, pods: 3, workloads: 3, durationMs: 0 });
  expect(created.map(({ pod, node, hostPorts, why }) => [pod, node, hostPorts, why])).toEqual([
    ['games/arena-0-r1', 'n1', [7000], 'the task before it crashed'],
    ['games/arena-2', 'n1', [7001], 'first task of its slot'],
  ]);
  expect(created[0]).toMatchObject({
    workload: 'gsp/games/arena',
    order: { role: 'games', roleShare: 0.5, priority: 0, ownShare: 0.25 },
    penalty: 1090,
  });
  expect(declined).toEqual([{ workload: 'tj/training/learn', offers: 0, why: '0 of 2 workers fit' }]);
  expect(waiting).toMatchObject([{ workload: 'tj/training/learn', tasks: 2, reason: 'GangDoesNotFit' }]);
  expect(deleted).toEqual([
    {
      pod: 'games/shrinks-0',
      workload: 'gsp/games/shrinks',
      reason: 'ScaledDown',
      why: 'there are more tasks than the spec asks for',
    },
  ]);
});

test('back-offs are told, and a later time ends them', () => {
  const arena = aPool('arena').replicas(1);
  const cluster = clusterOf(
    aNode('n1'),
    arena,
    aPod('arena-0').ofPool(arena, 0).on('n1').failures(5).exited(1, 0, 1),
  );
  expect(replay(cluster, options)).toMatchObject({
    created: [],
    waiting: [{ workload: 'gsp/games/arena', tasks: 1, reason: 'BackOff' }],
  });
  expect(replay(cluster, { ...options, now: NOW + 600_000 }).created).toMatchObject([
    { pod: 'games/arena-0-r1' },
  ]);
});

test('who would be evicted for whom is told, and who would be asked first', () => {
  const [slow, quick] = [aJob('slow'), aJob('quick')].map((job) =>
    job.field('revocable', true).group(aGroup('w').cpu('2')),
  ) as [JobBuilder, JobBuilder];
  const cluster = clusterOf(
    aNode('n1').cpu('2'),
    aNode('n2').cpu('2'),
    slow,
    quick,
    aPod('slow-w-0')
      .ofJob(slow, 'w', 0)
      .on('n1')
      .cpu('2')
      .annotation('proffer.dev/notice-seconds', '9')
      .ready(),
    aPod('quick-w-0').ofJob(quick, 'w', 0).on('n2').cpu('2').ready(),
    aPool('arena').replicas(2).cpu('2'),
  );
  expect(replay(cluster, options).evicted.toSorted((a, b) => (a.pod < b.pod ? -1 : 1))).toEqual([
    { pod: 'training/quick-w-0', workload: 'tj/training/quick', for: 'gsp/games/arena' },
    {
      pod: 'training/slow-w-0',
      workload: 'tj/training/slow',
      for: 'gsp/games/arena',
      notice: '2026-01-01T12:00:09Z',
    },
  ]);
});

test('a server that is changed in place is named', () => {
  const update = { strategy: 'InPlaceIfPossible', maxSurge: 0, maxUnavailable: 1 };
  const containers = [{ name: 'main', image: 'game:2' }];
  const arena = aPool('arena').replicas(1).field('update', update).specField('containers', containers);
  const { fixedPart = '' } = poolFacts(arena.build()).groups[0]!.shape;
  const server = aPod('arena-0').ofPool(arena, 0).on('n1').ready().revision('old');
  const cluster = clusterOf(aNode('n1'), arena, server.annotation('proffer.dev/fixed-part', fixedPart));
  expect(replay(cluster, options)).toMatchObject({
    changed: [{ pod: 'games/arena-0', workload: 'gsp/games/arena' }],
    deleted: [],
  });
});

test('a Pod whose slot is filled is deleted', () => {
  const arena = aPool('arena').replicas(1);
  const cluster = clusterOf(
    aNode('n1'),
    arena,
    aPod('arena-0').ofPool(arena, 0).on('n1').exited(1, 600, 1),
    aPod('arena-0-r1').ofPool(arena, 0).on('n1').ready(),
  );
  expect(replay(cluster, options).deleted).toMatchObject([
    { pod: 'games/arena-0', reason: 'Replaced', why: 'it crashed, and its slot is seen to' },
  ]);
});

test('claims that get their volumes before the tasks that wait for them', () => {
  const pool = aPool('arena').namespace('default').claims('there', 'made');
  const cluster = clusterOf(aNode('n1'), pool);
  const documents = storageDocuments({
    claims: [aClaim('there', { of: 'local' }), aClaim('made', { of: 'disks' })],
    classes: [aStorageClass('local'), aStorageClass('disks', 'disks.example.com')],
    volumes: [aVolume('v', { of: 'local' })],
  });
  addDocuments(cluster, documents, 'default');
  const { created, claimed, waiting } = replay(cluster, options);
  expect(created).toEqual([]);
  expect(claimed).toEqual([
    { claim: 'default/there', workload: 'gsp/default/arena', node: 'n1', volume: 'v' },
    { claim: 'default/made', workload: 'gsp/default/arena', node: 'n1' },
  ]);
  expect(waiting).toMatchObject([{ workload: 'gsp/default/arena', tasks: 1, reason: 'WaitingForVolumes' }]);
});

test('Pods of others that would be bound are among those that are placed, in the same order', () => {
  const cluster = clusterOf(
    aNode('n1').cpu('4'),
    aPool('arena').replicas(1).cpu('1'),
    aPod('web-a').customer().ownedBy('ReplicaSet', 'web').cpu('1'),
  );
  const { created } = replay(cluster, options);
  expect(created.map(({ pod, node, workload, why }) => [pod, node, workload, why])).toEqual([
    ['default/web-a', 'n1', 'replicaset.apps/default/web', 'it exists, and waits for a node'],
    ['games/arena-0', 'n1', 'gsp/games/arena', 'first task of its slot'],
  ]);
});
