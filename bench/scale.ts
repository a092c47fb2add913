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
import { burst, change, fill, idle, listAnew, overbook, startAnew } from './scale/parts.ts';
import { measurePeer, type PeerResult } from './scale/peer.ts';
import { printReport, type Results } from './scale/report.ts';
import { each, FEW, makeNamespace, makeRole } from './scale/workload.ts';
import { startOperator } from './support/operator.ts';

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
    memory: { type: 'string', default: '512' },
    profile: { type: 'string' },
  },
});
const { profile, ...numbers } = values;
const count = (option: keyof typeof numbers): number => Number(numbers[option]);
const [NODES, PODS, POOLS, ROLES] = [count('nodes'), count('pods'), count('pools'), count('roles')];
const [BURST, PEER, MEMORY] = [count('burst'), count('peer'), count('memory')];
const QPS = ['--kube-api-qps=5000', '--kube-api-burst=5000'];

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

/** Says how far it is. @returns the result */
const told = <T>(part: string, result: T): T => {
  console.error(`${new Date().toISOString().slice(11, 19)} ${part}`);
  return result;
};

async function measure(cluster: Cluster, client: KubeClient): Promise<Results> {
  await cluster.kubectl('apply', '-f', 'crds');
  await cluster.kubectl('wait', '--for=condition=Established', 'crd', '--all');
  await makeNamespace(client, FEW);
  await each(ROLES, (i) => makeRole(client, `role-${i}`));
  const [flags, env] =
    MEMORY > 0
      ? [memoryFlags(MEMORY * 2 ** 20, []), { MALLOC_ARENA_MAX: '1' }]
      : [['--max-semi-space-size=16'], {}];
  const start = () => startOperator(cluster.kubeconfigPath, flags, env, true);
  let operator = await start();
  const profileOf = (part: string) =>
    profile === undefined ? undefined : join(profile, `${part}.cpuprofile`);
  const stage = { cluster, client, operator, profileOf };
  try {
    const first = told('first burst', await burst(stage, 'first', BURST));
    const empty = told('second burst', await burst(stage, 'empty', BURST));
    const liveBefore = await operator.ask('live');
    const filling = told('filled', await fill(stage, PODS, POOLS, ROLES));
    const full = told('burst on the full cluster', await burst(stage, 'full', BURST));
    const livePerPod = ((await operator.ask('live')) - liveBefore) / PODS;
    const changing = told('changed', await change(stage, PODS, POOLS, count('changes')));
    const resting = told('rested', await idle(stage, count('idle')));
    const waiting = told('overbooked', await overbook(stage, count('waiting')));
    const relist = told('listed anew', await listAnew(stage));
    await operator.stop();
    const restart = told('started anew', await startAnew(stage, start));
    operator = restart.operator;
    return { first, empty, filling, full, livePerPod, changing, idle: resting, waiting, relist, restart };
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
