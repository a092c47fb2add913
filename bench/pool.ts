/**
 * The life of a large pool on a real API server, with kwok for kubelets: from nothing to all servers Ready; then a rolling
 * update while players hold two fifths of them, and sessions end and begin all the time. Every moment is judged by the
 * watch of Pods. Prints a table; docs/performance.md keeps it.
 *
 *   npm run bench:pool                       500 servers, for trying
 *   npm run bench:pool -- --servers 5000 --nodes 250
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startCluster, type Cluster } from '../hack/cluster/index.ts';
import { API_VERSION, LABEL } from '../src/api/group.ts';
import { KIND } from '../src/api/kinds.ts';
import { KubeClient } from '../src/kube/client.ts';
import { isKubeError } from '../src/kube/errors.ts';
import { Servers } from './pool/servers.ts';
import { each } from './scale/workload.ts';
import { writesOf } from './support/metrics.ts';
import { startOperator } from './support/operator.ts';
import { markdownTable } from './support/table.ts';
import { until } from './support/until.ts';

const { values } = parseArgs({
  options: {
    servers: { type: 'string', default: '500' },
    nodes: { type: 'string', default: '25' },
    held: { type: 'string', default: '0.4' },
  },
});
const [SERVERS, NODES, HELD] = [Number(values.servers), Number(values.nodes), Number(values.held)];
const NAMESPACE = 'default';
const POOL = `/apis/${API_VERSION}/namespaces/${NAMESPACE}/${KIND.pool.plural}`;
const QPS = ['--kube-api-qps=5000', '--kube-api-burst=5000'];
/** What may be missing of the Ready servers while the pool rolls, and how many more there may be. */
const QUARTER = '25%';
/** What `QUARTER` leaves Ready of so many servers. */
const leastOf = (servers: number): number => servers - Math.floor(servers / 4);

const template = (version: number) => ({
  spec: {
    containers: [
      {
        name: 'server',
        image: `example.invalid/server:${version}`,
        resources: { requests: { cpu: '100m', memory: '64Mi' } },
      },
    ],
  },
});

/** Gives a server to players, or takes it back; nothing happens when it is gone, or changed meanwhile. */
async function hand(client: KubeClient, name: string, state: string | null): Promise<void> {
  try {
    const body = { metadata: { labels: { [LABEL.state]: state } } };
    await client.request({ method: 'PATCH', path: `/api/v1/namespaces/${NAMESPACE}/pods/${name}`, body });
  } catch (error) {
    if (!isKubeError(error, 'notFound', 'conflict')) throw error;
  }
}

/** Sessions end and begin, one after the other, until the signal. @returns how many */
async function play(client: KubeClient, servers: Servers, signal: AbortSignal): Promise<number> {
  for (let sessions = 0; ; sessions++) {
    if (signal.aborted) return sessions;
    const [over] = servers.which(({ held }) => held);
    const free = servers.which(({ held, ready }) => ready && !held);
    // Spread over all of them, the same in each run.
    const next = free[(sessions * 7919) % free.length];
    if (over !== undefined) await hand(client, over, null);
    if (next !== undefined) await hand(client, next, 'Allocated');
  }
}

const total = (writes: ReadonlyMap<string, number>): number =>
  [...writes.values()].reduce((a, b) => a + b, 0);

async function measure(cluster: Cluster, client: KubeClient): Promise<void> {
  await cluster.kubectl('apply', '-f', 'crds');
  await cluster.kubectl('wait', '--for=condition=Established', 'crd', '--all');
  const operator = await startOperator(cluster.kubeconfigPath);
  const servers = new Servers(client, NAMESPACE);
  try {
    await servers.start();
    const ours = async () => (await writesOf(cluster)).get('POST pods') ?? 0;
    const from = performance.now();
    const writes = await writesOf(cluster);
    await client.request({
      method: 'POST',
      path: POOL,
      body: {
        apiVersion: API_VERSION,
        kind: KIND.pool.kind,
        metadata: { name: 'arena' },
        spec: {
          replicas: SERVERS,
          update: { strategy: 'RollingUpdate', maxSurge: QUARTER, maxUnavailable: QUARTER },
          template: template(1),
        },
      },
    });
    await until(`${SERVERS} servers are ready`, () => servers.free >= SERVERS);
    const bornMs = performance.now() - from;
    const born = await writesOf(cluster);

    const names = servers.which(() => true).slice(0, Math.round(SERVERS * HELD));
    await each(names.length, (i) => hand(client, names[i]!, 'Allocated'));
    await until('they are held', () => servers.held === names.length);
    const [before] = new Set([...servers.now.values()].map(({ revision }) => revision));
    const made = await ours();
    let [fewest, spare] = [Infinity, Infinity];
    let most = 0;
    servers.onChange = () => {
      fewest = Math.min(fewest, servers.free + servers.held);
      spare = Math.min(spare, servers.free - leastOf(SERVERS - servers.held));
      most = Math.max(most, servers.now.size);
    };
    const over = new AbortController();
    const sessions = play(client, servers, over.signal);
    const rolling = performance.now();
    await client.request({
      method: 'PATCH',
      path: `${POOL}/arena`,
      body: { spec: { template: template(2) } },
    });
    await until(
      'no old server is free',
      () =>
        servers.now.size === SERVERS &&
        servers.which(({ held, revision }) => !held && revision === before).length === 0,
    );
    const rolledMs = performance.now() - rolling;
    over.abort();
    const played = await sessions;
    const oldHeld = servers.which(({ revision }) => revision === before).length;
    const rows = [
      [
        'servers from nothing to Ready',
        `${SERVERS} in ${(bornMs / 1000).toFixed(1)} s: ${((SERVERS * 1000) / bornMs).toFixed(0)} a second`,
      ],
      [
        "writes of all, kwok's too, for each server until it is Ready",
        ((total(born) - total(writes)) / SERVERS).toFixed(2),
      ],
      ...[...born]
        .map(([key, n]) => [key, n - (writes.get(key) ?? 0)] as const)
        .filter(([, n]) => n > SERVERS / 100)
        .map(([key, n]) => [`— ${key}`, (n / SERVERS).toFixed(2)]),
      ['rolling update: all that are free run the new template after', `${(rolledMs / 1000).toFixed(1)} s`],
      ['servers made meanwhile', String((await ours()) - made)],
      ['sessions that ended and began meanwhile', String(played)],
      ['fewest Ready servers at any moment; the bound of all servers', `${fewest}; ${leastOf(SERVERS)}`],
      ['fewest that nobody held, beside the bound of those of that moment', String(spare)],
      ['most servers at any moment', String(most)],
      ['servers deleted while players held them', String(servers.lost.length)],
      ['held servers that still run the old template', String(oldHeld)],
    ];
    console.log(
      `\n${SERVERS} servers, ${NODES} nodes, ${HELD * 100} % held, Node ${process.version}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)}\n`,
    );
    console.log(markdownTable(['', ''], rows));
    if (fewest < leastOf(SERVERS) || servers.lost.length > 0) process.exitCode = 1;
  } finally {
    await servers.stop();
    await operator.stop();
  }
}

const cluster = await startCluster({
  name: 'bench-pool',
  fakeNodes: NODES,
  kwok: true,
  extraFlags: {
    'kube-apiserver': ['--disable-admission-plugins=ServiceAccount'],
    'kube-controller-manager': QPS,
  },
});
const client = KubeClient.load({ kubeconfig: cluster.kubeconfigPath, userAgent: 'bench' });
try {
  await measure(cluster, client);
} finally {
  await client.close();
  await cluster.down();
}
