/**
 * A cluster as large as Proffer is made for, on a real API server with etcd in memory: filled, hit by bursts, changed a
 * little, overbooked, listed anew, started anew, at rest. Prints one table; docs/performance.md keeps it.
 *
 *   npm run bench:scale                                          a small one, for trying: 500 nodes, 5,000 Pods of 50 pools
 *   make bench-scale                                             5,000 nodes, 50,000 Pods of 50 pools, and the peer
 *   npm run bench:scale -- --nodes 5000 --pods 50000 --pools 1000 --roles 1000
 *
 *   --burst 2000   servers of a burst        --idle 60      seconds of rest        --peer 10000   Pods by Deployments and
 *   --changes 50   pools that are changed    --waiting 10000 tasks without room    kube-scheduler, on a cluster of their own
 *   --memory 512   MiB: the limit of its container, by which it has its flags; 0 = as Node is without flags
 *   --profile DIR  profiles of the operator's processor, one a part
 */
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startCluster, type Cluster } from '../hack/cluster/index.ts';
import { memoryFlags } from '../src/cli/memory-limits.ts';
import { KubeClient } from '../src/kube/client.ts';
import { restartApiServer } from './scale/api-server.ts';
import { measurePeer, type PeerResult } from './scale/peer.ts';
import { printReport, type Results } from './scale/report.ts';
import { cyclesOf, watched } from './scale/watched.ts';
import {
  each,
  FEW,
  makeNamespace,
  makePool,
  makeRole,
  MANY,
  removePool,
  scalePool,
} from './scale/workload.ts';
import { Observer } from './support/observer.ts';
import { startOperator } from './support/operator.ts';
import { usageOf } from './support/processes.ts';
import { until } from './support/until.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '500' },
    pods: { type: 'string', default: '5000' },
    pools: { type: 'string', default: '50' },
    roles: { type: 'string', default: '0' },
    burst: { type: 'string', default: '2000' },
    changes: { type: 'string', default: '50' },
    waiting: { type: 'string', default: '10000' },
    idle: { type: 'string', default: '60' },
    peer: { type: 'string', default: '0' },
    profile: { type: 'string' },
    memory: { type: 'string', default: '512' },
  },
});
const count = (
  option: 'nodes' | 'pods' | 'pools' | 'roles' | 'burst' | 'changes' | 'waiting' | 'idle' | 'memory' | 'peer',
) => Number(values[option]);
const [NODES, PODS, POOLS, ROLES] = [count('nodes'), count('pods'), count('pools'), count('roles')];
const [BURST, CHANGES, WAITING, IDLE] = [count('burst'), count('changes'), count('waiting'), count('idle')];
const MEMORY = count('memory');
const PEER = count('peer');
const PORT = 18_573;
const QPS = ['--kube-api-qps=5000', '--kube-api-burst=5000'];
/** More cpu than a node has, milli. */
const TOO_MUCH = 40_000;
/** How long an overbooked cluster, and one that was listed anew, is looked at, ms. */
const LOOK_MS = 20_000;

const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const say = (what: string): void => console.error(`${new Date().toISOString().slice(11, 19)} ${what}`);
const nameOf = (index: number): string => `pool-${index}`;
const profileOf = (part: string): string | undefined =>
  values.profile === undefined ? undefined : join(values.profile, `${part}.cpuprofile`);

const withCluster = async <T>(
  name: string,
  scheduler: boolean,
  work: (cluster: Cluster, client: KubeClient) => Promise<T>,
) => {
  const cluster = await startCluster({
    name,
    fakeNodes: NODES,
    scheduler,
    extraFlags: {
      'kube-apiserver': ['--disable-admission-plugins=ServiceAccount'],
      'kube-controller-manager': QPS,
      'kube-scheduler': QPS,
    },
  });
  const client = KubeClient.load({ kubeconfig: cluster.kubeconfigPath, userAgent: 'bench' });
  try {
    return await work(cluster, client);
  } finally {
    await client.close();
    await cluster.down();
  }
};

/** Milliseconds until so many Pods of a namespace are bound, from before `make`. */
async function untilBound(
  client: KubeClient,
  namespace: string,
  pods: number,
  make: () => Promise<unknown>,
): Promise<number> {
  const observer = new Observer(client, namespace);
  await observer.start();
  const start = performance.now();
  await make();
  await until(`${pods} Pods of ${namespace} are bound`, () => observer.boundAt.size >= pods);
  await observer.stop();
  return Math.max(...observer.boundAt.values()) - start;
}

async function measure(cluster: Cluster, client: KubeClient): Promise<Results> {
  await cluster.kubectl('apply', '-f', 'crds');
  await cluster.kubectl('wait', '--for=condition=Established', 'crd', '--all');
  await makeNamespace(client, FEW);
  await each(ROLES, (i) => makeRole(client, `role-${i}`));
  const start = (probed = true) =>
    startOperator(
      cluster.kubeconfigPath,
      PORT,
      MEMORY > 0 ? memoryFlags(MEMORY * 2 ** 20, []) : ['--max-semi-space-size=16'],
      MEMORY > 0 ? { MALLOC_ARENA_MAX: '1' } : {},
      probed,
    );
  let operator = await start();
  try {
    /** A burst of servers of one pool, and what it took. @returns Pods a second */
    const burst = async (part: string) => {
      let ms = 0;
      const account = await watched(
        operator,
        async () => {
          const make = () => makePool(client, { namespace: FEW, name: 'burst', replicas: BURST });
          ms = await untilBound(client, FEW, BURST, make);
        },
        profileOf(part),
      );
      await removePool(client, FEW, 'burst');
      await until('the burst is gone', async () => {
        const { items } = await client.request<{ items: unknown[] }>({
          method: 'GET',
          path: `/api/v1/namespaces/${FEW}/pods?limit=1`,
        });
        if (items.length > 0) await removePool(client, FEW, 'burst').catch(() => undefined);
        return items.length === 0;
      });
      say(`${part}: ${((BURST * 1000) / ms).toFixed(0)} Pods/s`);
      return { ...account, rate: (BURST * 1000) / ms };
    };
    const first = await burst('first');
    const empty = await burst('empty');
    const liveBefore = await operator.ask('live');

    let ms = 0;
    const filling = await watched(
      operator,
      async () => {
        const make = (i: number) =>
          makePool(client, {
            name: nameOf(i),
            index: i,
            replicas: PODS / POOLS,
            ...(ROLES > 0 ? { role: `role-${i % ROLES}` } : {}),
          });
        ms = await untilBound(client, MANY, PODS, () => each(POOLS, make));
      },
      profileOf('filling'),
    );
    const rate = (PODS * 1000) / ms;
    say(`filled: ${rate.toFixed(0)} Pods/s`);
    const full = await burst('full');
    const livePerPod = ((await operator.ask('live')) - liveBefore) / PODS;

    const cycleMs: number[] = [];
    const changing = await watched(
      operator,
      async () => {
        const observer = new Observer(client, MANY);
        await observer.start();
        for (let i = 0; i < CHANGES; i++) {
          const before = cyclesOf(await operator.metrics());
          await scalePool(client, MANY, nameOf(i % POOLS), PODS / POOLS + 1 + Math.floor(i / POOLS));
          await until('the server of a changed pool is bound', () => observer.boundAt.size > PODS + i);
          const after = cyclesOf(await operator.metrics());
          cycleMs.push((after.ms - before.ms) / (after.count - before.count));
        }
        await observer.stop();
      },
      profileOf('changing'),
    );
    say('changed');
    await rest(5000);
    const idle = await watched(operator, () => rest(IDLE * 1000), profileOf('idle'), false);
    say(`idle: ${((100 * idle.cpuSeconds) / idle.seconds).toFixed(2)} % of a core`);

    const waiting = await watched(
      operator,
      async () => {
        const replicas = Math.ceil(WAITING / 50);
        await each(50, (i) =>
          makePool(client, { namespace: FEW, name: `wait-${i}`, index: i, replicas, cpu: TOO_MUCH }),
        );
        await rest(LOOK_MS);
      },
      profileOf('waiting'),
    );
    await each(50, (i) => removePool(client, FEW, `wait-${i}`));
    say('waited');

    let backMs = 0;
    const relist = await watched(
      operator,
      async () => {
        await restartApiServer(cluster);
        backMs = await untilBound(client, FEW, 1, () =>
          makePool(client, { namespace: FEW, name: 'after', replicas: 1 }),
        );
        await rest(LOOK_MS);
      },
      profileOf('relist'),
    );
    say(`listed anew: decides ${backMs.toFixed(0)} ms after the API server is ready`);

    await operator.stop();
    await scalePool(client, FEW, 'after', 2);
    let started = operator;
    const decisionMs = await untilBound(client, FEW, 2, async () => (started = await start(false)));
    operator = started;
    await rest(10_000);
    say(`started anew: decides after ${decisionMs.toFixed(0)} ms`);
    const restart = { ms: decisionMs, rss: usageOf(operator.pid).rssMib };
    return {
      first,
      empty,
      filling: { ...filling, rate },
      full,
      livePerPod,
      changing: { ...changing, cycleMs },
      idle,
      waiting,
      relist: { ...relist, backMs },
      restart,
    };
  } finally {
    await operator.stop();
  }
}

const load = loadavg()[0]!;
const results = await withCluster('scale', false, measure);
const peer: PeerResult | undefined =
  PEER === 0
    ? undefined
    : await withCluster('scale-peer', true, (cluster, client) =>
        measurePeer(cluster, client, { pods: PEER, pools: POOLS, burst: BURST }),
      );
console.log(
  `\n${NODES} nodes, ${PODS} Pods of ${POOLS} pools${ROLES > 0 ? ` of ${ROLES} roles` : ''}, Node ${process.version}` +
    `, ${MEMORY > 0 ? `flags for ${MEMORY} MiB` : 'without flags'}, ${availableParallelism()} cores, load before ${load.toFixed(1)}, after ${loadavg()[0]!.toFixed(1)}\n`,
);
printReport(results, peer && { ...peer, pods: PEER }, BURST);
