import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, startCluster } from '../../../hack/cluster/index.ts';
import { buildImage } from '../../../hack/images/index.ts';
import { CHART } from '../../chart/helm.ts';
import { type Requested, requestsOf } from './metrics.ts';
import { applyExample, isReady, leader, NAMESPACE, replicas, runHelm, servers } from './release.ts';

const REFUSED = `
apiVersion: proffer.dev/v1alpha1
kind: GameServerPool
metadata: {name: refused, namespace: default}
spec:
  template:
    spec:
      dnsPolicy: NoSuchPolicy
      containers:
        - name: server
          image: localhost/proffer/teeworlds:0.7.5
          resources: {requests: {cpu: 10m, memory: 16Mi}}
`;

/** A task on a port that each node has once. */
const CROWDED = `
      spec:
        terminationGracePeriodSeconds: 1
        containers:
          - name: server
            image: localhost/proffer/teeworlds:0.7.5
            ports: [{containerPort: 8303, hostPort: 28303, protocol: UDP}]
            resources: {requests: {cpu: 10m, memory: 16Mi}}
`;

/** A job that has the port of both nodes. */
const SPARE = `
apiVersion: proffer.dev/v1alpha1
kind: TrainingJob
metadata: {name: spare, namespace: default}
spec:
  noticeSeconds: 1
  groups:
  - name: w
    replicas: 2
    template:${CROWDED}`;

/** A server that has to have the job asked and evicted. */
const FINAL = `
apiVersion: proffer.dev/v1alpha1
kind: GameServerPool
metadata: {name: final, namespace: default}
spec:
  priority: 10
  template:${CROWDED}`;

/** A Pod of somebody else that names Proffer as its scheduler, and waits until a node has the label. */
const PLAIN = `
apiVersion: v1
kind: Pod
metadata: {name: plain, namespace: default}
spec:
  schedulerName: proffer
  nodeSelector: {rights.example.com/ready: 'yes'}
  terminationGracePeriodSeconds: 1
  containers:
    - name: server
      image: localhost/proffer/teeworlds:0.7.5
      resources: {requests: {cpu: 10m, memory: 16Mi}}
`;

/** A server with a claim that gets a volume that is there, one that a provisioner is told a node for, and one of its own. */
const SAVED = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: rights}
provisioner: disks.example.com
volumeBindingMode: WaitForFirstConsumer
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: rights}
spec:
  storageClassName: rights
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  hostPath: {path: /tmp}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: rights-there, namespace: default}
spec: {storageClassName: rights, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: rights-made, namespace: default}
spec: {storageClassName: rights, accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
---
apiVersion: proffer.dev/v1alpha1
kind: GameServerPool
metadata: {name: saved, namespace: default}
spec:
  persistentVolumeClaimRetentionPolicy: {whenScaled: Delete}
  volumeClaimTemplates:
    - metadata: {name: own}
      spec: {storageClassName: rights, accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
  template:
    spec:
      containers:
        - name: server
          image: localhost/proffer/teeworlds:0.7.5
          resources: {requests: {cpu: 10m, memory: 16Mi}}
      volumes:
        - {name: there, persistentVolumeClaim: {claimName: rights-there}}
        - {name: made, persistentVolumeClaim: {claimName: rights-made}}
`;

/** A server with a Service of its own. */
const SERVED = `
apiVersion: proffer.dev/v1alpha1
kind: GameServerPool
metadata: {name: served, namespace: default}
spec:
  network: {service: NodePort}
  ports: [{name: game, containerPort: 8303}]
  template:
    spec:
      containers:
        - name: server
          image: localhost/proffer/teeworlds:0.7.5
          resources: {requests: {cpu: 10m, memory: 16Mi}}
`;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ name: `rights-${process.pid}`, nodes: 2, log: () => undefined });
  for (const image of ['operator', 'teeworlds', 'trainer'] as const)
    await cluster.loadImage((await buildImage(image)).tar);
  await runHelm(cluster, 'install', 'proffer', CHART, '--create-namespace', '--wait', '--timeout=3m');
});
afterAll(() => cluster.down());

/** Every request of every replica that lived; a replica's counts end with it, so this is asked before each death. */
const seen: Requested[] = [];
const take = async (): Promise<void> => {
  for (const { metadata } of await replicas(cluster))
    seen.push(...(await requestsOf(cluster, metadata.name)));
};

interface Role {
  kind: string;
  metadata: { name: string; labels: Record<string, string> };
  rules: { resources: string[]; verbs: string[] }[];
}

/** Roles that the chart makes for people and does not bind to the operator. */
const isForPeople = ({ metadata: { name, labels } }: Role): boolean =>
  /-(reader|claimant)$/.test(name) || Object.keys(labels).some((label) => label.includes('aggregate-to-'));

/** The rights that the chart grants to the operator, in the words of the metrics. */
const granted = async (): Promise<string[]> => {
  const ours = '--selector=app.kubernetes.io/name=proffer';
  const text = await cluster.kubectl('get', 'clusterroles,roles', '--all-namespaces', ours, '-o', 'json');
  return (JSON.parse(text) as { items: Role[] }).items
    .filter((role) => !isForPeople(role))
    .flatMap(({ rules }) => rules)
    .flatMap(({ resources, verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
    );
};

const readyServers = async (): Promise<number> => (await servers(cluster, 'arena')).filter(isReady).length;

test('a day of work: roles, game servers, a training job, a loss, scaling, an eviction, a refusal, a change of leader', async () => {
  for (const example of ['offerrole', 'gameserverpool', 'trainingjob']) await applyExample(cluster, example);
  await expect.poll(readyServers).toBe(3);
  const phase = (): Promise<string> =>
    cluster.kubectl('get', 'trainingjob', 'regression', '-o', 'jsonpath={.status.phase}');
  await expect.poll(phase).toBe('Succeeded');
  const soon = '{"spec":{"ttlSecondsAfterFinished":1}}';
  await cluster.kubectl('patch', 'trainingjob', 'regression', '--type=merge', '-p', soon);
  const jobs = (): Promise<string> => cluster.kubectl('get', 'trainingjobs', '-o', 'name');
  await expect.poll(jobs).toBe('');
  const [server] = await servers(cluster, 'arena');
  await cluster.kubectl('delete', 'pod', server?.metadata.name ?? '', '-n', 'default', '--wait=false');
  await expect
    .poll(async () => (await servers(cluster, 'arena')).map(({ metadata }) => metadata.uid))
    .not.toContain(server?.metadata.uid);
  await expect.poll(readyServers).toBe(3);
  await cluster.kubectl('scale', 'gameserverpool/arena', '--replicas=1');
  await expect.poll(async () => (await servers(cluster, 'arena')).length).toBe(1);
  // Somebody claims the server, and lets it go.
  await applyExample(cluster, 'claim/gameserverclaim');
  const claimed = (): Promise<string> =>
    cluster.kubectl('get', 'gsc', 'smoke-test', '-n', 'default', '-o', 'jsonpath={.status.state}');
  await expect.poll(claimed).toBe('Bound');
  await cluster.kubectl('delete', 'gsc', 'smoke-test', '-n', 'default');
  // Another one gets none, and goes by itself.
  const none = {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'GameServerClaim',
    metadata: { name: 'none', namespace: 'default' },
    spec: { selectors: [{ pool: 'none' }], waitSeconds: 0, ttlSecondsAfterFinished: 0 },
  };
  await cluster.kubectlWithInput(JSON.stringify(none), 'apply', '-f', '-');
  await expect.poll(() => cluster.kubectl('get', 'gsc', '-n', 'default', '-o', 'name')).toBe('');
  // A template changes, comes back, and is forgotten.
  const update = (version: string, revisionHistoryLimit: number): Promise<string> => {
    const spec = { template: { metadata: { labels: { version } } }, update: { revisionHistoryLimit } };
    return cluster.kubectl('patch', 'gameserverpool/arena', '--type=merge', '-p', JSON.stringify({ spec }));
  };
  const kept = async (): Promise<string> => {
    const numbers = await cluster.kubectl(
      'get',
      'controllerrevisions',
      '-n',
      'default',
      '-l',
      'proffer.dev/pool=arena',
      '-o',
      'jsonpath={.items[*].revision}',
    );
    return numbers.split(' ').sort().join();
  };
  await update('2', 10);
  await expect.poll(kept).toBe('1,2');
  await update('3', 10);
  await expect.poll(kept).toBe('1,2,3');
  await update('2', 0);
  await expect.poll(kept).toBe('4');
  await expect.poll(readyServers).toBe(1);
  // Resources change in place.
  const asked = (): Promise<string> =>
    cluster.kubectl(
      'get',
      'pods',
      '-n',
      'default',
      '-l',
      'proffer.dev/pool=arena',
      '-o',
      'jsonpath={.items[*].spec.containers[0].resources.requests.cpu}',
    );
  const inPlace = { strategy: 'InPlaceIfPossible', maxSurge: 0, maxUnavailable: 1 };
  const less = [
    { op: 'add', path: '/spec/update', value: inPlace },
    { op: 'replace', path: '/spec/template/spec/containers/0/resources/requests/cpu', value: '50m' },
  ];
  const before = (await servers(cluster, 'arena')).map(({ metadata: { uid } }) => uid);
  await cluster.kubectl('patch', 'gsp/arena', '--type=json', '-p', JSON.stringify(less));
  await expect.poll(asked).toBe('50m');
  expect((await servers(cluster, 'arena')).map(({ metadata: { uid } }) => uid)).toEqual(before);
  // Less priority gives way: it is asked first, then evicted.
  await cluster.kubectlWithInput(SPARE, 'apply', '-f', '-');
  const workers = (): Promise<string> =>
    cluster.kubectl('get', 'trainingjob', 'spare', '-o', 'jsonpath={.status.active}');
  await expect.poll(workers).toBe('2');
  await cluster.kubectlWithInput(FINAL, 'apply', '-f', '-');
  await expect.poll(async () => (await servers(cluster, 'final')).filter(isReady).length).toBe(1);
  await cluster.kubectlWithInput(PLAIN, 'apply', '-f', '-');
  const plain = (path: string): Promise<string> =>
    cluster.kubectl('get', 'pod', 'plain', '-n', 'default', '-o', `jsonpath={${path}}`);
  await expect
    .poll(() => plain('.status.conditions[?(@.type=="PodScheduled")].reason'))
    .toBe('Unschedulable');
  await cluster.kubectl('label', 'node', '--all', 'rights.example.com/ready=yes');
  await expect.poll(() => plain('.spec.nodeName')).not.toBe('');
  await cluster.kubectlWithInput(SAVED, 'apply', '-f', '-');
  const claim = (name: string, path: string): Promise<string> =>
    cluster.kubectl('get', 'pvc', name, '-n', 'default', '-o', `jsonpath={${path}}`);
  await expect.poll(() => claim('rights-there', '.status.phase')).toBe('Bound');
  await expect.poll(() => claim('rights-made', '.metadata.annotations')).toContain('selected-node');
  await expect.poll(() => claim('own-saved-0', '.metadata.annotations')).toContain('selected-node');
  await cluster.kubectl('scale', 'gameserverpool/saved', '--replicas=0');
  const claims = (): Promise<string> => cluster.kubectl('get', 'pvc', '-n', 'default', '-o', 'name');
  await expect.poll(claims).not.toContain('own-saved-0');
  await cluster.kubectl('delete', 'gameserverpool/saved');
  // A server gets a Service, which is repaired, and taken back when the pool wants none any more.
  await cluster.kubectlWithInput(SERVED, 'apply', '-f', '-');
  const service = (path: string): Promise<string> =>
    cluster.kubectl(
      'get',
      'services',
      '-n',
      'default',
      '-l',
      'proffer.dev/pool',
      '-o',
      `jsonpath={.items[*]${path}}`,
    );
  await expect.poll(() => service('.spec.type')).toBe('NodePort');
  const other = '{"spec":{"externalTrafficPolicy":"Cluster"}}';
  await cluster.kubectl('patch', 'service', await service('.metadata.name'), '-n', 'default', '-p', other);
  await expect.poll(() => service('.spec.externalTrafficPolicy')).toBe('Local');
  await cluster.kubectl(
    'patch',
    'gsp',
    'served',
    '-n',
    'default',
    '--type=merge',
    '-p',
    '{"spec":{"network":null}}',
  );
  await expect.poll(() => service('.metadata.name')).toBe('');
  await cluster.kubectl('delete', 'gameserverpool/served');
  // The API server refuses its Pods again and again, which is told by one event with a count.
  await cluster.kubectlWithInput(REFUSED, 'apply', '-f', '-');
  const counts = (): Promise<string> =>
    cluster.kubectl(
      'get',
      'events.events.k8s.io',
      '-n',
      'default',
      '-o',
      'jsonpath={.items[*].series.count}',
    );
  await expect.poll(counts).toMatch(/\d/);
  // Somebody changes the budget of a pool, which is mended.
  const budget = (...args: string[]): Promise<string> =>
    cluster.kubectl(args[0]!, 'pdb', 'arena-held', '-n', 'default', ...args.slice(1));
  await budget('patch', '--type=merge', '-p', '{"spec":{"minAvailable":0}}');
  await expect.poll(() => budget('get', '-o', 'jsonpath={.spec.minAvailable}')).toBe('1000000');
  await take();
  const old = await leader(cluster);
  await cluster.kubectl('delete', 'pod', old, '-n', NAMESPACE);
  await expect.poll(() => leader(cluster)).toSatisfy((name) => name !== '' && name !== old);
  await cluster.kubectl('scale', 'gameserverpool/arena', '--replicas=2');
  await expect.poll(readyServers).toBe(2);
  const autoscale = { maxReplicas: 5, buffer: { servers: 3 } };
  const patch = JSON.stringify({ spec: { autoscale } });
  await cluster.kubectl('patch', 'gameserverpool/arena', '--type=merge', '-p', patch);
  await expect.poll(readyServers).toBe(3);
  await take();
});

test('no request was refused for want of a right', () => {
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.filter(({ code }) => code === '401' || code === '403')).toEqual([]);
});

test('every request had its right, and every right was used', async () => {
  const rights = await granted();
  const used = [...new Set(seen.map(({ right }) => right))];
  expect(used.filter((right) => !rights.includes(right))).toEqual([]);
  expect(rights.filter((right) => !used.includes(right))).toEqual([]);
});
