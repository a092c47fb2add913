import { afterAll, afterEach, beforeAll, expect, onTestFailed, test } from 'vitest';
import { SELECTED_NODE } from '../../../src/api/volume-annotations.ts';
import { Arena } from '../../support/arena.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { until } from '../../support/until.ts';
import { claim, disk, provision, shownClaim, storageClass, volumesOf } from '../../support/volumes.ts';
import { jobManifest, poolManifest, type Manifest } from '../../support/workloads.ts';

const NODES = ['fake-00000', 'fake-00001', 'fake-00002', 'fake-00003'];
const LOCAL = 'local';
const DISKS = 'disks';
const RWOP = 'ReadWriteOncePod';

let arena: Arena;
let operator: OperatorProcess;

beforeAll(async () => {
  const fakeNode = { cpu: '2', memory: '8Gi', pods: '12', zones: 2 };
  arena = await Arena.start({ name: 'it-op-volumes', fakeNodes: NODES.length, kwok: true, fakeNode });
  await arena.apply(storageClass(LOCAL), storageClass(DISKS, 'disks.example.com'));
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'volumes' });
});

afterEach(async () => {
  await arena?.cluster.kubectl('uncordon', ...NODES);
  await arena?.cluster.kubectl('delete', 'pods', '--all', '-n', 'default');
  await arena?.clear();
  await arena?.cluster.kubectl('delete', 'pvc', '--all', '-n', 'default');
  await arena?.cluster.kubectl('delete', 'pv', '--all');
});

afterAll(async () => {
  await operator?.kill();
  await arena?.down();
});

const showLog = () => onTestFailed(() => console.log(operator.tail(20)));

/** Waits until there is a claim, and a provisioner is told a node for it. */
const selectedNode = async (name: string): Promise<string> => {
  await until(`claim ${name}`, async () => (await claims()).includes(`persistentvolumeclaim/${name}`));
  return until(`a node for claim ${name}`, async () => {
    return (await shownClaim(arena.cluster, name)).metadata.annotations?.[SELECTED_NODE];
  });
};

const nodeOf = async (pool: string) => (await arena.servers(pool)).map(({ spec }) => spec.nodeName);

/** Waits until a pool says what its servers wait for. */
const said = (pool: string, words: string | RegExp) =>
  until(`${pool} to say ${String(words)}`, async () => {
    const { message = '' } = await arena.poolStatus(pool);
    return typeof words === 'string' ? message.includes(words) : words.test(message);
  });

test('a claim gets the disk that is there, and the server its node', async () => {
  showLog();
  const [, , third] = NODES;
  await arena.apply(claim('save', LOCAL), poolManifest({ name: 'arena', podSpec: volumesOf('save') }));
  await said('arena', "4 didn't find available persistent volumes to bind");
  await arena.apply(
    disk({ name: 'disk-3', of: LOCAL, node: third! }),
    disk({ name: 'else', of: 'else', node: NODES[0]! }),
  );
  await arena.ready('arena', 1);
  await expect.poll(() => nodeOf('arena')).toEqual([third]);
  await expect
    .poll(() => shownClaim(arena.cluster, 'save'))
    .toMatchObject({ spec: { volumeName: 'disk-3' }, status: { phase: 'Bound' } });
  // A server that comes after it goes where the disk is.
  const [first] = await arena.servers('arena');
  await arena.cluster.kubectl('delete', 'pod', first!.metadata.name, '-n', 'default');
  const next = await until('the next server', async () => {
    return (await arena.servers('arena')).find(({ metadata }) => metadata.uid !== first!.metadata.uid);
  });
  expect(next.spec.nodeName).toBe(third);
});

test('a volume is made for the node that was chosen, and the server is launched when it is there', async () => {
  showLog();
  await arena.apply(claim('world', DISKS), poolManifest({ name: 'arena', podSpec: volumesOf('world') }));
  const node = await selectedNode('world');
  await said('arena', `claim world gets a volume that disks.example.com makes for ${node}`);
  expect(await arena.servers('arena')).toEqual([]);
  await provision(arena.cluster, 'world', DISKS);
  await arena.ready('arena', 1);
  await expect.poll(() => nodeOf('arena')).toEqual([node]);
});

test('a provisioner that gives up gets another node', async () => {
  showLog();
  await arena.apply(claim('world', DISKS), poolManifest({ name: 'arena', podSpec: volumesOf('world') }));
  const first = await selectedNode('world');
  await arena.cluster.kubectl('cordon', first);
  await said('arena', /unschedulable/);
  await arena.cluster.kubectl('annotate', 'pvc', 'world', '-n', 'default', `${SELECTED_NODE}-`);
  const second = await selectedNode('world');
  expect(second).not.toBe(first);
  await provision(arena.cluster, 'world', DISKS);
  await arena.ready('arena', 1);
  await expect.poll(() => nodeOf('arena')).toEqual([second]);
});

test('an operator that comes anew goes on with the node that was chosen', async () => {
  await arena.apply(claim('world', DISKS), poolManifest({ name: 'arena', podSpec: volumesOf('world') }));
  const node = await selectedNode('world');
  await operator.kill();
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'volumes-2' });
  showLog();
  await provision(arena.cluster, 'world', DISKS);
  await arena.ready('arena', 1);
  await expect.poll(() => nodeOf('arena')).toEqual([node]);
});

test('a gang is launched when the volumes of all its workers are there', async () => {
  showLog();
  await arena.apply(claim('data', DISKS));
  await arena.apply(jobManifest({ name: 'learn', workers: 3, podSpec: volumesOf('data') }));
  const node = await selectedNode('data');
  expect(await arena.pods('proffer.dev/job=learn')).toEqual([]);
  await provision(arena.cluster, 'data', DISKS);
  const workers = await until('3 workers', async () => {
    const pods = await arena.pods('proffer.dev/job=learn');
    return pods.length === 3 ? pods : undefined;
  });
  expect(workers.map(({ spec }) => spec.nodeName)).toEqual([node, node, node]);
});

test('a claim of one Pod alone serves one server', async () => {
  showLog();
  await arena.apply(
    disk({ name: 'disk-1', of: LOCAL, node: NODES[1]!, accessMode: RWOP }),
    claim('key', LOCAL, RWOP),
  );
  await arena.apply(poolManifest({ name: 'arena', replicas: 2, podSpec: volumesOf('key') }));
  await until('one of two servers', async () => {
    const { readyReplicas, pendingReplicas } = await arena.poolStatus('arena');
    return readyReplicas === 1 && pendingReplicas === 1;
  });
  await said('arena', 'ReadWriteOncePod access mode already in-use by another pod');
});

test('a claim that is missing is named', async () => {
  showLog();
  await arena.apply(poolManifest({ name: 'arena', podSpec: volumesOf('nothing') }));
  await said('arena', 'no node can take it: persistentvolumeclaim "nothing" not found');
});

const claimSpec = {
  storageClassName: DISKS,
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: '1Gi' } },
};

/** Names of the claims of the namespace. */
const claims = async (): Promise<string[]> =>
  (await arena.cluster.kubectl('get', 'pvc', '-n', 'default', '-o', 'name'))
    .split('\n')
    .filter(Boolean)
    .sort();

test('a slot keeps its volume, its next server comes where that is, and the volume goes with the slot', async () => {
  showLog();
  const volumeClaimTemplates = [{ metadata: { name: 'world' }, spec: claimSpec }];
  const persistentVolumeClaimRetentionPolicy = { whenScaled: 'Delete' };
  const keeps = { volumeClaimTemplates, persistentVolumeClaimRetentionPolicy };
  const pool = poolManifest({ name: 'arena', replicas: 2, spec: keeps });
  await arena.apply(pool);
  const nodes = [await selectedNode('world-arena-0'), await selectedNode('world-arena-1')];
  expect(await arena.servers('arena')).toEqual([]);
  await provision(arena.cluster, 'world-arena-0', DISKS);
  await provision(arena.cluster, 'world-arena-1', DISKS);
  await arena.ready('arena', 2);
  const placed = async (): Promise<string[]> => {
    const servers = await arena.servers('arena');
    return servers
      .map(({ metadata, spec }) => {
        const { volumes = [] } = spec as { volumes?: { name: string; persistentVolumeClaim?: object }[] };
        const { persistentVolumeClaim } = volumes.find(({ name }) => name === 'world') ?? {};
        const slot = metadata.labels!['proffer.dev/slot'];
        return `${slot} on ${spec.nodeName} with ${JSON.stringify(persistentVolumeClaim)}`;
      })
      .sort();
  };
  const expected = nodes.map((node, i) => `${i} on ${node} with {"claimName":"world-arena-${i}"}`);
  await expect.poll(() => placed()).toEqual(expected);
  // An update goes through the slots, and makes no claim.
  const [first] = await arena.servers('arena');
  await arena.cluster.kubectl(
    'patch',
    'gsp',
    'arena',
    '--type=merge',
    '-p',
    JSON.stringify({ spec: { template: { metadata: { labels: { game: 'new' } } } } }),
  );
  await until('both servers to be new', async () => {
    const servers = await arena.servers('arena');
    return servers.filter(({ metadata }) => metadata.labels!['game'] === 'new').length === 2;
  });
  await expect.poll(() => placed()).toEqual(expected);
  expect((await arena.servers('arena')).map(({ metadata }) => metadata.uid)).not.toContain(
    first!.metadata.uid,
  );
  await expect.poll(() => claims()).toHaveLength(2);
  await arena.ready('arena', 2);
  await arena.cluster.kubectl('scale', 'gsp', 'arena', '-n', 'default', '--replicas=1');
  const [left] = await until('one claim to be left', async () => {
    const all = await claims();
    return all.length === 1 ? all : undefined;
  });
  const [server] = await arena.servers('arena');
  expect(left).toBe(`persistentvolumeclaim/world-arena-${server!.metadata.labels!['proffer.dev/slot']}`);
  await arena.clear();
  await expect.poll(() => claims()).toEqual([left]);
});

test('the claim of an ephemeral volume is made before its server, and goes with it', async () => {
  showLog();
  const scratch = { name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: claimSpec } } };
  await arena.apply(poolManifest({ name: 'arena', podSpec: { volumes: [scratch] } }));
  const node = await selectedNode('arena-0-scratch');
  await provision(arena.cluster, 'arena-0-scratch', DISKS);
  await arena.ready('arena', 1);
  const [first] = await arena.servers('arena');
  expect(first!.spec.nodeName).toBe(node);
  await until('the server to own the claim', async () => {
    const { metadata } = await shownClaim(arena.cluster, 'arena-0-scratch');
    return metadata.ownerReferences?.[0]?.uid === first!.metadata.uid;
  });
  const { metadata: before } = await shownClaim(arena.cluster, 'arena-0-scratch');
  await arena.cluster.kubectl('delete', 'pod', 'arena-0', '-n', 'default');
  await until('a new claim for the next server', async () => {
    const [name] = await claims();
    if (name === undefined) return false;
    const { metadata } = await shownClaim(arena.cluster, name.split('/')[1]!).catch(() => ({
      metadata: before,
    }));
    return metadata.uid !== before.uid;
  });
});

test('a worker gets the volume of the one before it back, and volumes go when the job is complete', async () => {
  showLog();
  const job = jobManifest({ name: 'learn', workers: 2 }) as { spec: { groups: [Manifest] } };
  const volumeClaimTemplates = [{ metadata: { name: 'ckpt' }, spec: claimSpec }];
  const groups = [{ ...job.spec.groups[0], volumeClaimTemplates }];
  const persistentVolumeClaimRetentionPolicy = { whenComplete: 'Delete' };
  // Kubernetes keeps a claim as long as there is a Pod that has it.
  const ends = { cleanPodPolicy: 'All', persistentVolumeClaimRetentionPolicy };
  await arena.apply({ ...job, spec: { ...job.spec, groups, ...ends } });
  const nodes: string[] = [];
  for (const index of [0, 1]) {
    const name = `ckpt-learn-worker-${index}`;
    nodes.push(await selectedNode(name));
    await provision(arena.cluster, name, DISKS);
  }
  const running = () =>
    until('both workers to run', async () => {
      const pods = (await arena.pods('proffer.dev/job=learn')).filter(
        ({ status, metadata }) => status.phase === 'Running' && !metadata.deletionTimestamp,
      );
      return pods.length === 2 ? pods : undefined;
    });
  const [first] = await running();
  await arena.cluster.kubectl('delete', 'pod', first!.metadata.name, '-n', 'default');
  await until('another worker in its place', async () =>
    (await running()).every(({ metadata }) => metadata.uid !== first!.metadata.uid),
  );
  const placed = (await running()).map(({ metadata, spec }) => {
    const { volumes = [] } = spec as { volumes?: { name: string; persistentVolumeClaim?: object }[] };
    const claimed = volumes.find(({ name }) => name === 'ckpt')?.persistentVolumeClaim;
    return `${metadata.labels!['proffer.dev/slot']} on ${spec.nodeName} with ${JSON.stringify(claimed)}`;
  });
  expect(placed.toSorted((a, b) => a.localeCompare(b))).toEqual(
    nodes.map((node, index) => `${index} on ${node} with {"claimName":"ckpt-learn-worker-${index}"}`),
  );
  await expect.poll(() => claims()).toHaveLength(2);
  const ended = { phase: 'Succeeded', containerStatuses: [endedWell] };
  for (const { metadata } of await running())
    await arena.cluster.kubectl(
      'patch',
      'pod',
      metadata.name,
      '-n',
      'default',
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status: ended }),
    );
  await expect.poll(() => arena.jobStatus('learn')).toMatchObject({ phase: 'Succeeded' });
  await expect.poll(() => claims()).toEqual([]);
});

/** What a kubelet says of a container that ended with exit code 0. */
const endedWell = {
  name: 'server',
  image: 'fake',
  imageID: 'fake',
  ready: false,
  restartCount: 0,
  state: { terminated: { exitCode: 0, reason: 'Completed' } },
};

/** A Pod that names our scheduler. */
const customer = (name: string, volumes: Manifest): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: name } },
  spec: { schedulerName: 'proffer', containers: [{ name: 'main', image: 'none' }], ...volumes },
});

test('a Pod of others is bound when the volumes of its claims are there, ephemeral ones among them', async () => {
  showLog();
  const spec = {
    storageClassName: DISKS,
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
  };
  const scratch = { name: 'scratch', ephemeral: { volumeClaimTemplate: { spec } } };
  const save = { name: 'save', persistentVolumeClaim: { claimName: 'save' } };
  await arena.apply(disk({ name: 'disk-2', of: LOCAL, node: NODES[2]! }), claim('save', LOCAL));
  await arena.apply(customer('db', { volumes: [scratch, save] }));
  expect(await selectedNode('db-scratch')).toBe(NODES[2]);
  const bound = async () => (await arena.pods('app=db'))[0]?.spec.nodeName;
  expect(await bound()).toBeUndefined();
  await provision(arena.cluster, 'db-scratch', DISKS);
  expect(await until('the Pod to be bound', bound)).toBe(NODES[2]);
});
