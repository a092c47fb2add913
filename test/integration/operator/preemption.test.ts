import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { Arena } from '../../support/arena.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { until } from '../../support/until.ts';
import { jobManifest, poolManifest, roleManifest, type Manifest } from '../../support/workloads.ts';

let arena: Arena;
let operator: OperatorProcess | undefined;

const start = () => OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'preempt' });

beforeAll(async () => {
  const fakeNode = { cpu: '4', memory: '32Gi' };
  arena = await Arena.start({ name: 'it-op-preempt', fakeNodes: 2, kwok: true, fakeNode });
  operator = await start();
  // Priorities count in the role of the namespace.
  await arena.enact(roleManifest('default', {}));
});

afterEach(async () => {
  await arena.cluster.kubectl('delete', 'pdb', '--all');
  await arena.clear();
});

afterAll(async () => {
  await operator?.kill();
  await arena?.down();
});

const pool = (name: string, replicas: number, cpu: string, priority = 0, labels = {}): Manifest =>
  poolManifest({ name, replicas, cpu, spec: { priority }, podLabels: labels });

/** Two workers of 4 cpu, one a node, that give way. */
const night = (spec = {}): Manifest =>
  jobManifest({ name: 'night', workers: 2, cpu: '4', spec: { revocable: true, ...spec } });

const running = (job: string, workers: number) =>
  until(`${workers} workers of ${job}`, async () => (await arena.jobStatus(job)).active === workers);

/** Waits until a pool says that its servers wait for such a reason. @returns its sentence */
const held = (name: string, reason: string) =>
  until(`${name} to be held by ${reason}`, async () => {
    const { conditions = [], message } = await arena.poolStatus(name);
    return conditions.find(({ type }) => type === 'Placed')?.reason === reason ? (message ?? '') : undefined;
  });

/** Waits until an event of an object tells of something. */
const told = (kind: string, name: string, reason: string) =>
  until(`${reason} of ${name} to be told`, async () => {
    return (await arena.events(kind, name)).some((event) => event.reason === reason);
  });

describe('a revocable job', () => {
  test('fills what is free, and is gone when a pool scales up', async () => {
    onTestFailed(() => console.log(operator?.tail(20)));
    await arena.apply(night());
    await running('night', 2);
    await arena.apply(pool('arena', 1, '2'));
    const [server] = await arena.ready('arena', 1);
    expect(server!.spec.nodeName).toBeDefined();
    await until('no worker', async () => (await arena.pods('proffer.dev/job=night')).length === 0);
    await told('TrainingJob', 'night', 'GaveWay');
    await told('GameServerPool', 'arena', 'MadeRoom');
    // One node is free again, which is not enough for all of it.
    await until('it says why it waits', async () => {
      const { message = '' } = await arena.jobStatus('night');
      return /1 of 2 workers fit/.test(message);
    });
    expect(await operator!.metric('proffer_evictions_total', 'outcome="evicted"')).toBeGreaterThanOrEqual(2);
  });

  test('that wants notice is asked before, and may stay when the need is gone', async () => {
    onTestFailed(() => console.log(operator?.tail(20)));
    await arena.apply(night({ noticeSeconds: 600 }));
    await running('night', 2);
    const offers = async () =>
      (await arena.pods('proffer.dev/job=night')).map(
        ({ metadata }) => metadata.annotations?.['proffer.dev/inverse-offer'],
      );
    const before = (await arena.pods('proffer.dev/job=night')).map(({ metadata }) => metadata.uid);
    await arena.apply(pool('arena', 1, '2'));
    await until('both workers are asked', async () => {
      const asked = await offers();
      return asked.length === 2 && asked.every((until) => Date.parse(until ?? '') > Date.now());
    });
    expect(await held('arena', 'RoomBeingFreed')).toContain('1 of 1 server waiting: room is being freed on ');
    await arena.scale('arena', 0);
    await until('both may stay', async () => (await offers()).every((until) => until === undefined));
    expect((await arena.pods('proffer.dev/job=night')).map(({ metadata }) => metadata.uid)).toEqual(before);
  });

  test('is evicted when its notice is over', async () => {
    onTestFailed(() => console.log(operator?.tail(20)));
    await arena.apply(night({ noticeSeconds: 1 }));
    await running('night', 2);
    await arena.apply(pool('arena', 1, '2'));
    await arena.ready('arena', 1);
    await told('TrainingJob', 'night', 'AskedToGo');
  });
});

/** Refuses all Pods, but says yes to dry runs. */
const REFUSES_PODS: readonly Manifest[] = [
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'no-pods' },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
        ],
      },
      validations: [{ expression: 'request.?dryRun.orValue(false)' }],
    },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'no-pods' },
    spec: { policyName: 'no-pods', validationActions: ['Deny'] },
  },
];

// Pools of one name would be spared for a while after the test before.
describe('in one role', () => {
  test('higher priority gets its room, but never that of players', async () => {
    onTestFailed(() => console.log(operator?.tail(20)));
    await arena.apply(pool('low', 4, '2'));
    const servers = await arena.ready('low', 4);
    const played = servers[3]!.metadata;
    await arena.cluster.kubectl('label', 'pod', played.name, 'proffer.dev/state=Allocated');
    await arena.apply(pool('high', 4, '2', 10));
    await until('three of them run', async () => (await arena.poolStatus('high')).readyReplicas === 3);
    expect(await held('high', 'InsufficientResources')).toContain('1 of 4 servers waiting');
    const left = await arena.servers('low');
    expect(left.map(({ metadata }) => metadata.uid)).toEqual([played.uid]);
  });

  test('a budget is respected and named, and asked again when it allows more', async () => {
    onTestFailed(() => console.log(operator?.tail(20)));
    await arena.apply({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'keep-all', namespace: 'default' },
      spec: { minAvailable: 4, selector: { matchLabels: { app: 'guarded' } } },
    });
    await arena.apply(pool('guarded', 4, '2', 0, { app: 'guarded' }));
    await arena.ready('guarded', 4);
    await until('the budget counts them', async () => {
      const text = await arena.cluster.kubectl(
        'get',
        'pdb',
        'keep-all',
        '-o',
        'jsonpath={.status.currentHealthy}',
      );
      return text === '4';
    });
    await arena.apply(pool('urgent', 1, '2', 10));
    expect(await held('urgent', 'DisruptionBudget')).toContain('The disruption budget keep-all needs 4');
    await told('GameServerPool', 'urgent', 'EvictionBlocked');
    await expect.poll(() => arena.servers('guarded')).toHaveLength(4);
    await arena.cluster.kubectl('delete', 'pdb', 'keep-all');
    await arena.ready('urgent', 1);
  });

  test('a job that a budget lets go only in part stays whole, and goes whole when the budget is gone', async () => {
    onTestFailed(() => console.log(operator?.tail(20)));
    await arena.apply({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'keep-one', namespace: 'default' },
      spec: { minAvailable: 1, selector: { matchLabels: { 'proffer.dev/job': 'learn' } } },
    });
    await arena.apply(jobManifest({ name: 'learn', workers: 2, cpu: '3' }));
    await running('learn', 2);
    const allowed = ['get', 'pdb', 'keep-one', '-o', 'jsonpath={.status.disruptionsAllowed}'];
    await until('the budget lets one go', async () => (await arena.cluster.kubectl(...allowed)) === '1');
    const workers = async () =>
      (await arena.pods('proffer.dev/job=learn')).map(({ metadata }) => metadata.uid).sort();
    const before = await workers();
    await arena.apply(pool('cup', 1, '3', 10));
    expect(await held('cup', 'DisruptionBudget')).toContain(
      'The disruption budget keep-one lets 1 of 2 Pods go',
    );
    expect(await workers()).toEqual(before);
    await arena.cluster.kubectl('delete', 'pdb', 'keep-one');
    await arena.ready('cup', 1);
    await until('no worker', async () => (await workers()).every((uid) => !before.includes(uid)));
  });

  test('room that is being freed goes to what comes before whom it was freed for', async () => {
    onTestFailed(() => console.log(operator?.tail(20)));
    const asked = { noticeSeconds: 600 };
    await arena.apply(pool('rock', 1, '4', 90), poolManifest({ name: 'calm', cpu: '4', spec: asked }));
    await arena.ready('rock', 1);
    await arena.ready('calm', 1);
    await arena.apply(pool('mid', 1, '3', 10));
    await held('mid', 'RoomBeingFreed');
    await arena.apply(pool('top', 1, '3', 20));
    await held('top', 'RoomBeingFreed');
    await held('mid', 'InsufficientResources');
    await arena.cluster.kubectl('delete', 'pod', 'calm-0');
    await arena.ready('top', 1);
    expect((await arena.events('GameServerPool', 'mid')).map(({ reason }) => reason)).not.toContain(
      'GaveWay',
    );
  });

  test('an operator that is killed between eviction and launch does no harm', async () => {
    onTestFailed(() => console.log(operator?.tail(20)));
    await arena.apply(pool('slow', 4, '2'));
    await arena.ready('slow', 4);
    // Room may be made, and nothing can be launched in it, which no dry run tells.
    await arena.apply(...REFUSES_PODS);
    await until('the policy to be in force', async () => {
      const made = await arena.cluster.kubectl('run', 'probe', '--image=none').then(
        () => true,
        () => false,
      );
      if (made) await arena.cluster.kubectl('delete', 'pod', 'probe', '--force', '--grace-period=0');
      return !made;
    });
    await arena.apply(pool('quick', 1, '2', 10));
    await held('quick', 'PodRefused');
    await operator!.kill();
    const staying = (await arena.servers('slow')).map(({ metadata }) => metadata.uid).sort();
    expect(staying).toHaveLength(3);
    const policies = ['validatingadmissionpolicybinding/no-pods', 'validatingadmissionpolicy/no-pods'];
    await arena.cluster.kubectl('delete', ...policies);
    operator = await start();
    await arena.ready('quick', 1);
    await held('slow', 'InsufficientResources');
    expect((await arena.servers('slow')).map(({ metadata }) => metadata.uid).sort()).toEqual(staying);
  });

  test('an operator that is killed while somebody is asked to go keeps to the deadline', async () => {
    onTestFailed(() => console.log(operator?.tail(20)));
    await arena.apply(night({ noticeSeconds: 20 }));
    await running('night', 2);
    await arena.apply(pool('late', 1, '2'));
    const deadlines = async () =>
      (await arena.pods('proffer.dev/job=night')).map(
        ({ metadata }) => metadata.annotations?.['proffer.dev/inverse-offer'] ?? '',
      );
    const asked = await until('both workers are asked', async () => {
      const all = await deadlines();
      return all.length === 2 && !all.includes('') ? all : undefined;
    });
    await operator!.kill();
    operator = await start();
    await arena.ready('late', 1);
    expect(Date.now()).toBeGreaterThanOrEqual(Math.max(...asked.map(Date.parse)));
  });
});
