import { describe, expect, test } from 'vitest';
import { ago, NOW, aGroup, aJob, aPod, aPool } from '../../test/builders/index.ts';
import { ANNOTATION, LABEL } from '../api/group.ts';
import { parseTime } from '../lib/time.ts';
import { createPodReader, withOwnTime } from './task.ts';

const read = createPodReader();
const arena = aPool('arena').role('studio');
const learn = aJob('learn').group(aGroup('worker'));

describe('the reader of Pods', () => {
  test("keeps of anyone's Pod what it takes of its node", () => {
    const facts = read(aPod('db').namespace('data').on('n1').cpu('1').fixedPort(5432, 'TCP').ready().build());
    expect(facts).toMatchObject({
      key: 'data/db',
      node: 'n1',
      phase: 'Running',
      ready: true,
      deleting: false,
      terminal: false,
      requests: { cpu: 1000, pods: 1 },
      hostPorts: [{ port: 5432, protocol: 'TCP', ip: '' }],
      task: undefined,
    });
  });

  test('reads a game server', () => {
    const pod = aPod('arena-3').ofPool(arena, 3).on('n1').revision('abc').session('Allocated').failures(2);
    expect(read(pod.ready().build()).task).toEqual({
      kind: 'GameServerPool',
      owner: 'uid-gsp-games-arena',
      role: 'studio',
      group: '',
      slot: 3,
      revision: 'abc',
      fixedPart: '',
      changing: false,
      session: 'Allocated',
      failures: 2,
      attempt: 0,
      helpersRun: false,
      ports: '',
      serviceAddress: '',
      exit: undefined,
      stuck: '',
      unmounted: false,
      sessions: [],
      overflow: '',
      intent: '',
      deletionPriority: 0,
      counters: {},
      answers: undefined,
    });
  });

  test('reads a worker that ended', () => {
    const facts = read(aPod('learn-worker-0').ofJob(learn, 'worker', 0).on('n1').exited(3, 10, 90).build());
    expect(facts).toMatchObject({ phase: 'Failed', terminal: true, ready: false });
    expect(facts.task).toMatchObject({ kind: 'TrainingJob', group: 'worker', role: 'training', failures: 0 });
    expect(facts.task?.exit).toEqual({
      container: 'main',
      part: 'main',
      code: 3,
      reason: 'Error',
      message: '',
      finishedAt: parseTime(ago(10)),
      ranMs: 90_000,
      wasReady: false,
      byChange: false,
    });
  });

  test('a task ends with its main container, whatever its sidecars do', () => {
    const pod = aPod('arena-0').ofPool(arena, 0).on('n1').ready().build();
    const terminated = { exitCode: 0, startedAt: ago(30), finishedAt: ago(20) };
    const withStatus = (name: string) =>
      read({ ...pod, status: { ...pod.status, containerStatuses: [{ name, state: { terminated } }] } }).task;
    expect(withStatus('main')?.exit).toMatchObject({
      part: 'main',
      code: 0,
      reason: '',
      finishedAt: parseTime(ago(20)),
      ranMs: 10_000,
    });
    expect(withStatus('log-shipper')?.exit).toBeUndefined();
  });

  test('an end without a start ran for an unknown time', () => {
    const pod = aPod('arena-0').ofPool(arena, 0).on('n1').build();
    const state = { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } };
    const status = { phase: 'Failed', containerStatuses: [{ name: 'main', state }] };
    expect(read({ ...pod, status }).task?.exit).toMatchObject({ finishedAt: 0, ranMs: 0 });
  });

  test.each([
    ['Pending', false],
    ['Running', false],
    ['Unknown', false],
    ['Succeeded', true],
    ['Failed', true],
  ])('a Pod in phase %s has given its room back: %s', (phase, terminal) => {
    expect(read({ ...aPod('p').build(), status: { phase } }).terminal).toBe(terminal);
  });

  test.each([
    [
      'a Pod of a ReplicaSet',
      {
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u', controller: true },
        ],
      },
    ],
    [
      'a Pod that a pool owns and does not control',
      {
        ownerReferences: [
          { apiVersion: 'proffer.dev/v1alpha1', kind: 'GameServerPool', name: 'arena', uid: 'u' },
        ],
      },
    ],
    ['a Pod without a slot', { labels: {} }],
    ['a Pod whose slot is no number', { labels: { 'proffer.dev/slot': 'first' } }],
  ])('%s is no task', (_, metadata) => {
    const pod = aPod('x').ofPool(arena, 0).on('n1').build();
    expect(read({ ...pod, metadata: { ...pod.metadata, ...metadata } }).task).toBeUndefined();
  });

  test.each([
    'studio/.',
    'studio/./x',
    '..',
    '',
    '/',
    'a//b',
    'Studio',
    '/'.repeat(20_000),
    'x'.repeat(254),
    `a${'/a'.repeat(16)}`,
  ])('a task draws on the role of its namespace when its role is no name, case %#', (role) => {
    const pod = aPod('arena-3').ofPool(arena, 3).annotation(ANNOTATION.role, role);
    expect(read(pod.build()).task!.role).toBe('games');
  });

  test('shares the requests of Pods that are alike', () => {
    const [a, b] = ['a', 'b'].map((name) => read(aPod(name).cpu('1').memory('1Gi').build()).requests);
    expect(a).toBe(b);
    expect(read(aPod('c').cpu('2').build()).requests).not.toEqual(a);
  });

  test('shares the labels of tasks that are alike, which leave the slot and the session out', () => {
    const [a, b] = [0, 1].map((slot) =>
      read(
        aPod(`a-${slot}`).ofPool(arena, slot).label('app', 'x').label(LABEL.session, `match-${slot}`).build(),
      ),
    );
    expect(b!.task?.sessions).toMatchObject([{ id: 'match-1', shares: false }]);
    expect(a!.labels).toBe(b!.labels);
    expect(a!.labels).toMatchObject({ app: 'x' });
    expect(a!.labels).not.toHaveProperty(['proffer.dev/slot']);
    expect([a!.task?.slot, b!.task?.slot]).toEqual([0, 1]);
  });

  test('keeps of affinities what they mean for Pods that come', () => {
    const term = { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'x' } } };
    const affinity = {
      podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] },
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ ...term, namespaces: ['b', 'a'] }],
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 7, podAffinityTerm: term }],
      },
    };
    const selector = [{ key: 'app', operator: 'In', values: ['x'] }];
    const compiled = { topologyKey: 'zone', selector, namespaces: ['default'], namespaceSelector: undefined };
    expect(read(aPod('p').specField('affinity', affinity).build()).standing).toEqual({
      repels: [{ ...compiled, namespaces: ['a', 'b'] }],
      wants: [
        { term: compiled, weight: 1 },
        { term: compiled, weight: -7 },
      ],
    });
    expect(read(aPod('q').affinity('zone', 'a').build()).standing).toBeUndefined();
  });
});

describe('the time of an end is our own', () => {
  const pod = aPod('arena-0').ofPool(arena, 0).on('n1').created(60);
  const before = read(pod.ready().build());
  const HOUR = 3600;

  test.each([
    ['an hour ahead', -HOUR],
    ['right', 0],
    ['an hour behind', HOUR],
  ])('when the clock of the node is %s', (_, secondsAgo) => {
    const ended = read(pod.exited(1, secondsAgo).build());
    const seen = withOwnTime(ended, before, NOW + 5000);
    expect(seen.endedAt).toBe(NOW + 5000);
    expect(withOwnTime(ended, seen, NOW + 9000).endedAt, 'later news moves it no more').toBe(NOW + 5000);
  });

  test.each([
    ['what is told', 20, NOW - 20_000],
    ['no later than now, of a clock ahead', -HOUR, NOW],
    ['no earlier than its creation, of a clock behind', HOUR, NOW - 60_000],
  ])('but for an end that nobody saw: %s', (_, secondsAgo, at) => {
    const ended = read(pod.exited(1, secondsAgo).build());
    expect(withOwnTime(ended, undefined, NOW).endedAt).toBe(at);
    expect(withOwnTime(ended, { ...before, uid: 'another' }, NOW).endedAt).toBe(at);
  });

  test.each<[what: string, lame: boolean, part: 'helper' | undefined]>([
    ['of a server that lost its helper', true, 'helper'],
    ['of one that was well', false, undefined],
  ])('what containers say while they are deleted is no end %s', (_, lame, part) => {
    const server = () => aPod('arena-0').ofPool(arena, 0).on('n1').created(60);
    const alive = lame
      ? server()
          .starting()
          .helper('log', { terminated: { exitCode: 1 } })
      : server().ready();
    const known = withOwnTime(read(alive.build()), before, NOW);
    const cleared = withOwnTime(read(server().exited(143).deleting().build()), known, NOW + 9000);
    expect(cleared).toMatchObject({ deleting: true, endedAt: known.endedAt });
    expect(cleared.task!.exit?.part).toBe(part);
    const later = withOwnTime(read(server().exited(143).deleting().build()), cleared, NOW + 20_000);
    expect(later.task!.exit?.part).toBe(part);
  });

  test('a refusal has one too, which no container tells', () => {
    const refused = read(pod.failed('OutOfcpu').build());
    expect(withOwnTime(refused, before, NOW).endedAt).toBe(NOW);
    expect(withOwnTime(refused, undefined, NOW).endedAt).toBe(NOW - 60_000);
    expect(withOwnTime(before, undefined, NOW)).toBe(before);
  });
});
