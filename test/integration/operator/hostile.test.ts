import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import { KubeClient } from '../../../src/kube/client.ts';
import { isKubeError } from '../../../src/kube/errors.ts';
import { Arena } from '../../support/arena.ts';
import { anyHostile, HOSTILE, HOW_MUCH, type HostileObject } from '../../support/hostile.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { PodLog } from '../../support/pod-log.ts';
import { until } from '../../support/until.ts';
import { ownRoleManifest, poolManifest, type Manifest } from '../../support/workloads.ts';

const { objects: OBJECTS, large: LARGE, seed: SEED } = HOW_MUCH;
const ROUNDS = 5;

/** What the chart lets a replica have, and the heap that Node.js takes of it. */
const LIMIT_BYTES = 512 * 2 ** 20;
const HEAP_MIB = 256;

const A = 'tenant-a';
const NODES = ['fake-00000', 'fake-00001', 'fake-00002', 'fake-00003'] as const;

let arena: Arena;
let client: KubeClient;
let log: PodLog;
let operator: OperatorProcess;

/** How many the good pool has. */
let servers = 2;
/** Pods of tenant-a that a test deleted itself, by UID. */
const taken = new Set<string>();
/** Most bytes that an operator was resident with. */
let most = 0;
let watching: NodeJS.Timeout | undefined;

const start = async () => {
  const kubeconfig = arena.cluster.kubeconfigPath;
  // It is about no change of leader.
  const flags = { 'lease-duration': '15' };
  operator = await OperatorProcess.start({ kubeconfig, identity: 'hostile', heapMiB: HEAP_MIB, flags });
  await operator.deciding();
};

beforeAll(async () => {
  const fakeNode = { cpu: '4', memory: '32Gi', pods: '60', extended: { 'example.com/gpu': '20' } };
  arena = await Arena.start({ name: 'it-op-hostile', fakeNodes: NODES.length, kwok: true, fakeNode });
  for (const namespace of [A, HOSTILE]) await arena.namespace(namespace);
  await arena.cluster.kubectl('label', 'nodes', NODES[0], NODES[1], 'team=a');
  await arena.cluster.kubectl('label', 'nodes', NODES[2], NODES[3], 'team=b', 'size=4');
  await arena.cluster.kubectl('taint', 'nodes', NODES[0], NODES[1], 'for-a=only:NoSchedule');
  client = KubeClient.load({ kubeconfig: arena.cluster.kubeconfigPath, connections: 8 });
  log = await PodLog.start(arena.cluster.kubeconfigPath);
  await start();
  watching = setInterval(() => {
    operator.metric('process_resident_memory_bytes').then(
      (bytes) => (most = Math.max(most, bytes)),
      () => {},
    );
  }, 200);
  // What is kept for tenant-a on its nodes nobody else takes, whatever they ask for.
  const resources = { cpu: '8', memory: '4Gi' };
  const kept = { reservations: [{ nodeSelector: { team: 'a' }, resources }] };
  await arena.enact(ownRoleManifest(A, kept), ownRoleManifest(HOSTILE, { limit: { cpu: '2' } }));
  const high = {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'high' },
    value: 100,
  };
  await arena.apply(
    high,
    poolManifest({
      name: 'good',
      namespace: A,
      replicas: servers,
      cpu: '500m',
      podSpec: { nodeSelector: { team: 'a' }, tolerations: [{ key: 'for-a', operator: 'Exists' }] },
      spec: { ports: [{ name: 'game', containerPort: 7000 }] },
    }),
  );
  await arena.ready('good', servers, A);
});

beforeEach(() => onTestFailed(() => console.log(operator?.tail(20))));

afterEach(async () => {
  expect(operator.running).toBe(true);
  expect(await operator.healthy()).toBe(true);
  expect(await operator.metric('proffer_cycles_failed_total')).toBe(0);
  expect(await operator.metric('proffer_quarantined_total')).toBe(0);
  expect(await operator.metric('process_resident_memory_bytes')).toBeLessThan(LIMIT_BYTES);
  await log.caughtUp();
  const gone = log.events.filter(
    ({ type, pod }) => pod.namespace === A && (pod.deleting || type === 'DELETED'),
  );
  expect(gone.filter(({ pod }) => !taken.has(pod.uid))).toEqual([]);
  expect(log.broken).toBeUndefined();
});

afterAll(async () => {
  clearInterval(watching);
  await log?.stop();
  await operator?.kill();
  await client?.close();
  await arena?.down();
});

/** The good pool gets one server more, and loses one: it is whole each time. */
async function exercise(): Promise<void> {
  servers++;
  await arena.scale('good', servers, A);
  const [victim] = await arena.ready('good', servers, A);
  const { name, uid } = victim!.metadata;
  taken.add(uid);
  await arena.cluster.kubectl('delete', 'pod', name, '-n', A, '--wait=false');
  await until('the server to be gone', async () =>
    (await arena.servers('good', A)).every(({ metadata }) => metadata.uid !== uid),
  );
  await arena.ready('good', servers, A);
}

const COLLECTIONS: Readonly<Record<string, string>> = {
  Pod: `/api/v1/namespaces/${HOSTILE}/pods`,
  GameServerPool: `/apis/proffer.dev/v1alpha1/namespaces/${HOSTILE}/gameserverpools`,
  TrainingJob: `/apis/proffer.dev/v1alpha1/namespaces/${HOSTILE}/trainingjobs`,
  OfferRole: '/apis/proffer.dev/v1alpha1/offerroles',
};

/** Gives objects to the API server. @returns how many it took */
async function give(objects: readonly Manifest[]): Promise<number> {
  const left = [...objects];
  let took = 0;
  const giver = async () => {
    for (let object = left.pop(); object !== undefined; object = left.pop()) {
      const path = COLLECTIONS[String(object['kind'])]!;
      // There is one OfferRole, which changes again and again.
      const role =
        object['kind'] === 'OfferRole'
          ? ({ method: 'PATCH', path: `${path}/${HOSTILE}` } as const)
          : undefined;
      try {
        await client.request({ method: 'POST', path, ...role, body: object, timeoutMs: 120_000 });
        took++;
      } catch (error) {
        if (isKubeError(error, 'network') || isKubeError(error, 'timeout')) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, giver));
  return took;
}

const clearHostile = async () => {
  for (const kind of ['GameServerPool', 'TrainingJob', 'Pod'])
    await client.request({
      method: 'DELETE',
      path: COLLECTIONS[kind]!,
      query: { gracePeriodSeconds: 0 },
      timeoutMs: 120_000,
    });
  await until(
    'the Pods of the hostile tenant to be gone',
    async () => (await arena.pods('', HOSTILE)).length === 0,
  );
};

describe('one tenant', () => {
  afterEach(clearHostile);

  test('poisons what it writes: the others are served, and it is told why', async () => {
    const meta = (name: string) => ({ name, namespace: HOSTILE });
    const whale = { name: 's', image: 'i', resources: { requests: { cpu: '100' } } };
    const owner = { apiVersion: 'x/v1', kind: 'gsp', name: 'arena', uid: 'u-p1', controller: true };
    const matchExpressions = [{ key: 'constructor', operator: 'Exists' }];
    const required = { nodeSelectorTerms: [{ matchExpressions }] };
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
    const pool = { apiVersion: 'proffer.dev/v1alpha1', kind: 'GameServerPool' };
    const pod = { apiVersion: 'v1', kind: 'Pod' };
    await arena.apply(
      {
        ...pool,
        metadata: meta('bad'),
        spec: { template: { spec: { containers: [{ name: 's', image: 'i', env: null }] } } },
      },
      { ...pool, metadata: meta('arena'), spec: { template: { spec: { containers: [whale] } } } },
    );
    await arena.apply(
      {
        ...pod,
        metadata: { ...meta('p1'), ownerReferences: [owner] },
        spec: { schedulerName: 'proffer', containers: [whale] },
      },
      {
        ...pod,
        metadata: meta('p'),
        spec: { schedulerName: 'proffer', affinity, containers: [{ name: 'c', image: 'i' }] },
      },
    );
    // What is null is absent: nothing is wrong with it.
    await arena.ready('bad', 1, HOSTILE);
    await until('the pool to say why it waits', async () => {
      const { conditions = [] } = await arena.poolStatus('arena', HOSTILE);
      return conditions.some(({ type, reason }) => type === 'Placed' && reason === 'InsufficientResources');
    });
    await exercise();
    await exercise();
    const waiting = await until('the Pod to say why it waits', async () => {
      const pods = await arena.pods('', HOSTILE);
      const { spec, status } = pods.find(({ metadata }) => metadata.name === 'p')!;
      const told = status.conditions?.find(({ type }) => type === 'PodScheduled');
      return told?.message === undefined ? undefined : { node: spec.nodeName, message: told.message };
    });
    expect(waiting).toMatchObject({
      node: undefined,
      message: expect.stringContaining('node affinity') as string,
    });
  });

  test('writes random JSON everywhere, and the other keeps its servers', async () => {
    const uid = await arena.cluster.kubectl('get', 'gsp', 'good', '-n', A, '-o', 'jsonpath={.metadata.uid}');
    const hostile = fc.sample(anyHostile({ node: NODES[2], victim: { name: 'good', uid } }), {
      numRuns: OBJECTS,
      seed: SEED,
    });
    let accepted = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const part = hostile.filter((_, i) => i % ROUNDS === round).map(asGiven);
      const [took] = await Promise.all([give(part), exercise()]);
      accepted += took;
    }
    // Many are refused, and many are not.
    expect(accepted).toBeGreaterThan(OBJECTS / 10);
  });
});

/** The API server gives UIDs itself. */
const asGiven = ({ metadata, ...rest }: HostileObject): Manifest => ({
  ...rest,
  metadata: { ...metadata, uid: undefined },
});

describe('floods of one tenant stay within the memory that the chart gives', () => {
  beforeAll(() => arena.enact(ownRoleManifest(HOSTILE, { limit: { cpu: '2' } })));

  const flood = (name: string, replicas: number, more: Manifest = {}) =>
    poolManifest({ name, namespace: HOSTILE, replicas, cpu: '1', ...more });

  test('ten pools of 100,000 servers', async () => {
    await arena.apply(...Array.from({ length: 10 }, (_, i) => flood(`many-${i}`, 100_000)));
    await exercise();
    expect(most).toBeLessThan(LIMIT_BYTES);
  });

  test('fifty pools of 512 invented resources, and Pods of as many', async () => {
    const invented = (i: number) => {
      const names = Array.from({ length: 512 }, (_, r) => [`example.com/r-${i}-${r}`, '1'] as const);
      return Object.fromEntries(names);
    };
    const pools = Array.from({ length: 50 }, (_, i) => flood(`invents-${i}`, 1, { requests: invented(i) }));
    // The API server lets no template name so many, but any Pod.
    expect(await give(pools)).toBe(0);
    const pods = Array.from({ length: 50 }, (_, i) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `invents-${i}`, namespace: HOSTILE },
      spec: {
        schedulerName: 'proffer',
        containers: [
          { name: 'main', image: 'none', resources: { requests: invented(i), limits: invented(i) } },
        ],
      },
    }));
    expect(await give(pods)).toBe(pods.length);
    await exercise();
    expect(most).toBeLessThan(LIMIT_BYTES);
  });

  test('pools of 1.2 MB that a new leader finds', async () => {
    await operator.kill();
    const env = [{ name: 'DATA', value: 'x'.repeat(1_200_000) }];
    const large = Array.from({ length: LARGE }, (_, i) => flood(`large-${i}`, 1, { container: { env } }));
    expect(await give(large)).toBe(LARGE);
    await start();
    await exercise();
    expect(most).toBeLessThan(LIMIT_BYTES);
  });
});
