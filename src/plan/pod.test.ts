import { describe, expect, test } from 'vitest';
import { aGroup, aJob, aNode, aPod, aPool, aSnapshot, type Buildable } from '../../test/builders/index.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { createPodReader } from '../snapshot/task.ts';
import type { Framework } from '../snapshot/framework.ts';
import { podManifest } from './pod.ts';

/** The Pod of the nth pending task of a class of the only workload. */
function podOf(
  workload: Buildable,
  options: { ports?: number[]; group?: number; task?: number; dead?: Buildable } = {},
) {
  const { ports = [], group = 0, task = 0, dead } = options;
  const snapshot = aSnapshot()
    .with(aNode('n1').address('10.0.0.5'), workload, ...(dead ? [dead] : []))
    .build();
  const framework: Framework = snapshot.frameworks[0]!;
  const demandClass = framework.classes[group]!;
  const offer = { id: 'o', framework: 0, role: framework.role, agent: 0, demandClass, tasks: 1, ports };
  const launch = { offer, vacancy: demandClass.pending.at(task)!, ports };
  return podManifest(framework, launch, DRIVERS, snapshot.agents[0]!);
}

test('the Pod of a server that is asked whether it answers says how, and is not ready before it does', () => {
  const query = { protocol: 'Quake3', port: 'game' };
  const gate = { conditionType: 'example.com/loaded' };
  const pool = aPool('arena').port('game', 27_960).specField('readinessGates', [gate]);
  const plain = podOf(pool, { ports: [7100] });
  expect(plain.spec.readinessGates).toEqual([gate]);
  expect(plain.metadata.annotations).not.toHaveProperty('proffer.dev/query');
  const { spec, metadata } = podOf(pool.field('health', { query }), { ports: [7100] });
  expect(spec.readinessGates).toEqual([gate, { conditionType: 'proffer.dev/Answers' }]);
  expect(createPodReader()({ metadata, spec }).task?.asked).toMatchObject({
    query: { ...query, periodSeconds: 10 },
    port: 27_960,
    isPlayed: true,
  });
});

test('each port is published as its policy says', () => {
  const ports = [
    { name: 'game', containerPort: 8303, protocol: 'UDP' },
    { name: 'voice', protocol: 'TCPUDP', policy: 'Passthrough' },
    { name: 'query', containerPort: 27_016, hostPort: 27_015, protocol: 'UDP', policy: 'Static' },
    { name: 'metrics', containerPort: 9090, protocol: 'TCP', policy: 'None' },
  ];
  const { metadata, spec } = podOf(aPool('arena').field('ports', ports), { ports: [7000, 7001] });
  expect(metadata.annotations!['proffer.dev/ports']).toBe('game=7000/UDP,voice=7001/TCPUDP,query=27015/UDP');
  expect(spec.containers[0]).toMatchObject({
    env: [
      { name: 'PROFFER_PORT_GAME', value: '7000' },
      { name: 'PROFFER_PORT_VOICE', value: '7001' },
      { name: 'PROFFER_PORT_QUERY', value: '27015' },
    ],
    ports: [
      { name: 'game', containerPort: 8303, hostPort: 7000, protocol: 'UDP' },
      { name: 'voice', containerPort: 7001, hostPort: 7001, protocol: 'UDP' },
      { containerPort: 7001, hostPort: 7001, protocol: 'TCP' },
      { name: 'query', containerPort: 27_016, hostPort: 27_015, protocol: 'UDP' },
      { name: 'metrics', containerPort: 9090, protocol: 'TCP' },
    ],
  });
});

describe('the Pod of a game server', () => {
  const arena = aPool('arena')
    .role('studio')
    .podLabel('team', 'red')
    .cpu('500m')
    .port('game', 7777)
    .port('rcon-2', 27015, 'TCPUDP');

  test('is the template, bound, with its ports, and with all that Proffer has to remember of it', () => {
    const pod = podOf(arena, { ports: [7100, 7101], task: 0 });
    expect(pod).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'arena-0',
        namespace: 'games',
        labels: {
          team: 'red',
          'proffer.dev/pool': 'arena',
          'proffer.dev/slot': '0',
          'proffer.dev/revision': expect.stringMatching(/^[0-9a-f]{8}$/),
        },
        annotations: {
          'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
          'karpenter.sh/do-not-disrupt': 'true',
          'proffer.dev/role': 'studio',
          'proffer.dev/addresses': 'InternalIP=10.0.0.5',
          'proffer.dev/fixed-part': expect.stringMatching(/^[0-9a-f]{8}$/),
          'proffer.dev/ports': 'game=7100/UDP,rcon-2=7101/TCPUDP',
        },
        ownerReferences: [
          {
            apiVersion: 'proffer.dev/v1alpha1',
            kind: 'GameServerPool',
            name: 'arena',
            uid: 'uid-gsp-games-arena',
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: {
        containers: [
          {
            name: 'main',
            resources: { requests: { cpu: '500m' } },
            env: [
              { name: 'PROFFER_PORT_GAME', value: '7100' },
              { name: 'PROFFER_PORT_RCON_2', value: '7101' },
            ],
            ports: [
              { name: 'game', containerPort: 7777, hostPort: 7100, protocol: 'UDP' },
              { name: 'rcon-2', containerPort: 27015, hostPort: 7101, protocol: 'UDP' },
              { containerPort: 27015, hostPort: 7101, protocol: 'TCP' },
            ],
          },
        ],
        restartPolicy: 'Never',
        nodeName: 'n1',
      },
    });
  });

  test('says how long before its eviction it is told, when its workload wants that', () => {
    const told = podOf(aPool('calm').field('noticeSeconds', 90));
    expect(createPodReader()(told).noticeMs).toBe(90_000);
    expect(createPodReader()(podOf(aPool('calm'))).noticeMs).toBe(0);
  });

  test('is read back as the task that it is', () => {
    const dead = aPod('arena-0').ofPool(arena, 0).on('n1').failures(1).exited(1, 60, 60);
    const pod = podOf(arena, { ports: [7100, 7101], dead });
    expect(pod.metadata.annotations?.['proffer.dev/failures']).toBe('2');
    const facts = createPodReader()(pod);
    expect(facts).toMatchObject({ key: 'games/arena-0-r1', node: 'n1', requests: { cpu: 500, pods: 1 } });
    expect(facts.task).toMatchObject({ owner: 'uid-gsp-games-arena', role: 'studio', slot: 0, failures: 2 });
    expect(facts.hostPorts.map((p) => `${p.port}/${p.protocol}`)).toEqual([
      '7100/UDP',
      '7101/UDP',
      '7101/TCP',
    ]);
  });

  test('publishes the ports in its first container, in place of plain entries; the variables are in all of them', () => {
    const containers = [
      {
        name: 'game',
        ports: [
          { containerPort: 7777, protocol: 'UDP' },
          { containerPort: 7777, protocol: 'TCP' },
          { containerPort: 80 },
        ],
        env: [
          { name: 'MAP', value: '$(PROFFER_PORT_GAME)' },
          { name: 'PROFFER_PORT_GAME', value: '1' },
        ],
      },
      { name: 'metrics', ports: [{ containerPort: 9100 }] },
    ];
    const pod = podOf(aPool('arena').port('game', 7777).specField('containers', containers), {
      ports: [7100],
    });
    const [first, second] = pod.spec.containers;
    expect(first!.ports).toEqual([
      { name: 'game', containerPort: 7777, hostPort: 7100, protocol: 'UDP' },
      { containerPort: 7777, protocol: 'TCP' },
      { containerPort: 80 },
    ]);
    expect(first!.env).toEqual([
      { name: 'PROFFER_PORT_GAME', value: '7100' },
      { name: 'MAP', value: '$(PROFFER_PORT_GAME)' },
    ]);
    expect(second).toEqual({
      name: 'metrics',
      ports: [{ containerPort: 9100 }],
      env: [{ name: 'PROFFER_PORT_GAME', value: '7100' }],
    });
  });

  test('has another revision when the template or the ports are others, and only then', () => {
    const revision = (pool: Buildable) =>
      podOf(pool, { ports: [1, 2] }).metadata.labels?.['proffer.dev/revision'];
    expect(revision(aPool('a').cpu('1'))).toBe(revision(aPool('b').cpu('1').replicas(3).priority(5)));
    expect(revision(aPool('a').cpu('1'))).not.toBe(revision(aPool('a').cpu('2')));
    expect(revision(aPool('a').port('game', 1))).not.toBe(revision(aPool('a').port('game', 2)));
  });
});

describe('the Pod of a worker', () => {
  const learn = aJob('learn').group(aGroup('ps'), aGroup('worker').replicas(2));

  test('knows its group, its rank over all groups, and how many they are', () => {
    const pod = podOf(learn, { group: 1, task: 1 });
    expect(pod.metadata.labels).toMatchObject({
      'proffer.dev/job': 'learn',
      'proffer.dev/group': 'worker',
      'proffer.dev/peers': 'learn',
      'proffer.dev/slot': '1',
    });
    expect(pod.metadata.annotations).toEqual({ 'proffer.dev/role': 'training' });
    expect(pod.metadata.ownerReferences).toMatchObject([{ kind: 'TrainingJob', name: 'learn' }]);
    expect(pod.spec.containers[0]).toEqual({
      name: 'main',
      env: [
        { name: 'PROFFER_GROUP', value: 'worker' },
        { name: 'PROFFER_WORKER_INDEX', value: '2' },
        { name: 'PROFFER_WORLD_SIZE', value: '3' },
        { name: 'PROFFER_RESTART_ATTEMPT', value: '0' },
      ],
      ports: [],
    });
  });
});
