/**
 * How fast servers are given to sessions, beside what the API server takes of the same writes without anything else:
 * clients allocate until no server is left, then all are released, again and again; in turns with as many clients that
 * patch as many Pods, each guarded by its version. Prints a table; docs/performance.md keeps it.
 *
 *   node bench/allocate.ts [--servers 2000] [--clients 50] [--rounds 5]
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { startCluster, type Cluster } from '../hack/cluster/index.ts';
import { LABEL } from '../src/api/group.ts';
import type { GameServerPoolStatus } from '../src/api/gameserverpool.ts';
import type { SessionAnswer } from '../src/api/allocation.ts';
import { applyCrds } from '../test/support/crds.ts';
import { KubeClient } from '../src/kube/client.ts';
import { startOperator } from './support/operator.ts';
import { median, quantileOf } from './support/statistics.ts';
import { markdownTable } from './support/table.ts';
import { until } from './support/until.ts';

const { values } = parseArgs({
  options: {
    servers: { type: 'string', default: '2000' },
    clients: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '5' },
  },
});
const SERVERS = Number(values.servers);
const CLIENTS = Number(values.clients);
const ROUNDS = Number(values.rounds);
const PORT = 28_443;
const PODS_OF_A_NODE = 100;

interface Listed {
  readonly items: readonly {
    readonly metadata: {
      readonly name: string;
      readonly uid: string;
      readonly resourceVersion: string;
      readonly labels: Readonly<Record<string, string>>;
    };
  }[];
}

/** What all clients together did. */
interface Round {
  readonly perSecond: number;
  /** Of each call, ms. */
  readonly times: readonly number[];
}

/** Has all clients do a piece of work each, one after the other, until `next` yields none. */
async function drive<T>(next: () => T | undefined, work: (item: T) => Promise<void>): Promise<Round> {
  const times: number[] = [];
  const start = performance.now();
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      for (let item = next(); item !== undefined; item = next()) {
        const begin = performance.now();
        await work(item);
        times.push(performance.now() - begin);
      }
    }),
  );
  return { perSecond: (times.length / (performance.now() - start)) * 1000, times };
}

const each = <T>(items: readonly T[]): (() => T | undefined) => {
  let at = 0;
  return () => items[at++];
};

const podsPath = '/api/v1/namespaces/default/pods';
const listPods = (client: KubeClient) =>
  client.request<Listed>({ method: 'GET', path: podsPath, query: { labelSelector: `${LABEL.pool}=bench` } });

/** The same write without Proffer: each client patches Pods as they were listed. */
async function ceiling(client: KubeClient): Promise<Round> {
  const { items } = await listPods(client);
  const since = new Date().toISOString();
  return drive(each(items), async ({ metadata: { name, uid, resourceVersion } }) => {
    const annotations = { 'example.com/since': since, 'example.com/session': name };
    const labels = { 'example.com/state': 'Allocated' };
    const body = { metadata: { uid, resourceVersion, labels, annotations } };
    await client.request({ method: 'PATCH', path: `${podsPath}/${name}`, body });
  });
}

async function accountToken(cluster: Cluster): Promise<string> {
  const kubectl = (...args: string[]) => cluster.kubectl(...args);
  await kubectl('create', 'serviceaccount', 'maker');
  await kubectl(
    'create',
    'clusterrolebinding',
    'maker',
    '--clusterrole=cluster-admin',
    '--serviceaccount=default:maker',
  );
  return (await kubectl('create', 'token', 'maker')).trim();
}

const nodes = Math.ceil(SERVERS / PODS_OF_A_NODE) + 1;
const cluster = await startCluster({
  name: 'bench-allocate',
  fakeNodes: nodes,
  kwok: true,
  fakeNode: { cpu: '64', pods: String(PODS_OF_A_NODE) },
});
const client = KubeClient.load({ kubeconfig: cluster.kubeconfigPath, connections: 64 });
const calls = new Pool(`http://127.0.0.1:${PORT}`, { connections: CLIENTS });
try {
  await applyCrds(cluster);
  const operator = await startOperator(cluster.kubeconfigPath, [], {}, false, [
    `--allocation-address=127.0.0.1:${PORT}`,
    '--allocation-rate=100000',
  ]);
  const authorization = `Bearer ${await accountToken(cluster)}`;
  const call = async <T>(name: string, body: object): Promise<T> => {
    const headers = { authorization, 'content-type': 'application/json' };
    const answer = await calls.request({
      path: `/v1/${name}`,
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${name}: ${answer.statusCode} ${text}`);
    return JSON.parse(text) as T;
  };
  const container = {
    name: 'server',
    image: 'example.invalid/server:1',
    resources: { requests: { cpu: '100m' } },
  };
  await client.request({
    method: 'POST',
    path: '/apis/proffer.dev/v1alpha1/namespaces/default/gameserverpools',
    body: {
      apiVersion: 'proffer.dev/v1alpha1',
      kind: 'GameServerPool',
      metadata: { name: 'bench' },
      spec: { replicas: SERVERS, template: { spec: { containers: [container] } } },
    },
  });
  await until(`${SERVERS} servers are ready`, async () => {
    const path = '/apis/proffer.dev/v1alpha1/namespaces/default/gameserverpools/bench';
    const { status } = await client.request<{ status?: GameServerPoolStatus }>({ method: 'GET', path });
    return status?.readyReplicas === SERVERS;
  });

  const rounds: { allocate: Round; release: Round; patch: Round }[] = [];
  let duplicates = 0;
  // The first round compiles.
  for (let round = 0; round <= ROUNDS; round++) {
    const sessions = Array.from({ length: SERVERS }, (_, i) => ({
      namespace: 'default',
      session: `r${round}-${i}`,
    }));
    const given = new Set<string>();
    const patch = await ceiling(client);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const allocate = await drive(each(sessions), async (session) => {
      given.add((await call<SessionAnswer>('allocate', session)).server);
    });
    duplicates += SERVERS - given.size;
    const release = await drive(each(sessions), async (session) => void (await call('release', session)));
    if (round > 0) rounds.push({ allocate, release, patch });
  }
  const row = (title: string, of: (round: (typeof rounds)[number]) => Round) => {
    const times = rounds.flatMap((round) => of(round).times);
    const rate = median(rounds.map((round) => of(round).perSecond));
    const least = median(rounds.map((round) => (of(round).perSecond / round.patch.perSecond) * 100));
    const ms = (quantile: number) => quantileOf(times, quantile).toFixed(1);
    return [title, rate.toFixed(0), `${least.toFixed(0)} %`, ms(0.5), ms(0.99), ms(0.999)];
  };
  console.log(
    `Node ${process.version}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)}, ${SERVERS} servers on ` +
      `${nodes} nodes, ${CLIENTS} clients, medians of ${ROUNDS} rounds; ${duplicates} servers given twice\n`,
  );
  console.log(
    markdownTable(
      ['', 'per second', 'of the ceiling', 'p50, ms', 'p99', 'p99.9'],
      [
        row('guarded patches alone', ({ patch }) => patch),
        row('allocate', ({ allocate }) => allocate),
        row('release', ({ release }) => release),
      ],
    ),
  );
  await operator.stop();
} finally {
  await calls.destroy();
  await client.close();
  await cluster.down();
}
