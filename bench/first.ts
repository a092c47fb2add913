/**
 * Places 2,000 tasks on 1,000 fake nodes, by Proffer and by what people would use instead (Deployment, ReplicaSet
 * controller and kube-scheduler), in turns on one API server in one run; and those of the same Deployment by Proffer.
 * Prints a table; docs/performance.md keeps it.
 *
 *   make bench        or: node bench/first.ts [--rounds 3] [--tasks 2000] [--nodes 1000]
 */
import { parseArgs } from 'node:util';
import { recordedDaemon } from '../hack/cluster/daemons.ts';
import { startCluster, type Cluster } from '../hack/cluster/index.ts';
import { ClusterPaths } from '../hack/cluster/paths.ts';
import { SCHEDULER_NAME } from '../src/api/group.ts';
import { KubeClient } from '../src/kube/client.ts';
import { histogramQuantile, samplesOf, writesOf } from './support/metrics.ts';
import { Observer } from './support/observer.ts';
import { startOperator, type RunningOperator } from './support/operator.ts';
import { usageOf } from './support/processes.ts';
import { median, quantileOf } from './support/statistics.ts';
import { markdownTable } from './support/table.ts';
import { until } from './support/until.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    tasks: { type: 'string', default: '2000' },
    nodes: { type: 'string', default: '1000' },
  },
});
const ROUNDS = Number(values.rounds);
const TASKS = Number(values.tasks);
const NODES = Number(values.nodes);
const NAMESPACE = 'default';
/** The same for every client, so that no default limit decides the result. */
const QPS = ['--kube-api-qps=5000', '--kube-api-burst=5000'];
const DAEMONS = ['kube-apiserver', 'etcd', 'kube-controller-manager', 'kube-scheduler'] as const;

const container = {
  name: 'server',
  image: 'example.invalid/server:1',
  resources: { requests: { cpu: '100m', memory: '64Mi' } },
};

interface Contender {
  readonly name: string;
  readonly manifest: object;
  readonly collection: string;
}

const PROFFER: Contender = {
  name: 'Proffer (GameServerPool)',
  collection: `/apis/proffer.dev/v1alpha1/namespaces/${NAMESPACE}/gameserverpools`,
  manifest: {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'GameServerPool',
    metadata: { name: 'bench' },
    spec: { replicas: TASKS, scheduling: 'Distributed', template: { spec: { containers: [container] } } },
  },
};

/** @param schedulerName who places its Pods */
const deployment = (name: string, schedulerName: string): Contender => ({
  name,
  collection: `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`,
  manifest: {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'bench' },
    spec: {
      replicas: TASKS,
      selector: { matchLabels: { app: 'bench' } },
      template: { metadata: { labels: { app: 'bench' } }, spec: { schedulerName, containers: [container] } },
    },
  },
});

const DEPLOYMENT = deployment('Deployment + kube-scheduler', 'default-scheduler');
const CUSTOMER = deployment('Deployment, placed by Proffer', SCHEDULER_NAME);

interface Result {
  readonly podsPerSecond: number;
  /** Create-to-bound, ms. */
  readonly p50: number;
  readonly p99: number;
  readonly writes: ReadonlyMap<string, number>;
  /** Processor seconds by process. */
  readonly cpu: ReadonlyMap<string, number>;
  readonly rss: ReadonlyMap<string, number>;
}

/** Removes the workload, then its Pods without grace: no kubelet would ever confirm them. */
async function cleanUp(client: KubeClient, contender: Contender, observer: Observer): Promise<void> {
  await client.request({
    method: 'DELETE',
    path: `${contender.collection}/bench`,
    body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' },
  });
  await until('the Pods are gone', async () => {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 };
    const path = `/api/v1/namespaces/${NAMESPACE}/pods`;
    await client.request({ method: 'DELETE', path, body, timeoutMs: 120_000 });
    return observer.existing.size === 0;
  });
}

async function measure(
  cluster: Cluster,
  client: KubeClient,
  contender: Contender,
  pids: ReadonlyMap<string, number>,
): Promise<Result> {
  const observer = new Observer(client, NAMESPACE);
  await observer.start();
  const usage = () => new Map([...pids].map(([name, pid]) => [name, usageOf(pid)]));
  const [writesBefore, before] = [await writesOf(cluster), usage()];
  const start = performance.now();
  await client.request({ method: 'POST', path: contender.collection, body: contender.manifest });
  await until(`${contender.name} has all Pods bound`, () => observer.boundAt.size >= TASKS);
  const seconds = (Math.max(...observer.boundAt.values()) - start) / 1000;
  // Writes that trail the last binding (events, statuses) are part of the price.
  let writes = await writesOf(cluster);
  await until('writes come to rest', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const sum = (all: ReadonlyMap<string, number>) => [...all.values()].reduce((a, b) => a + b, 0);
    const now = await writesOf(cluster);
    const still = sum(now) === sum(writes);
    writes = now;
    return still;
  });
  const after = usage();
  const waits = [...observer.boundAt].map(([uid, at]) => at - observer.seenAt.get(uid)!);
  const difference = new Map([...writes].map(([key, n]) => [key, n - (writesBefore.get(key) ?? 0)]));
  await cleanUp(client, contender, observer);
  await observer.stop();
  return {
    podsPerSecond: TASKS / seconds,
    p50: quantileOf(waits, 0.5),
    p99: quantileOf(waits, 0.99),
    writes: new Map([...difference].filter(([, n]) => n > 0)),
    cpu: new Map([...after].map(([name, u]) => [name, u.cpuSeconds - before.get(name)!.cpuSeconds])),
    rss: new Map([...after].map(([name, u]) => [name, u.rssMib])),
  };
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0);
const range = (results: readonly Result[], pick: (r: Result) => number, digits: number): string => {
  const numbers = results.map(pick);
  return `${median(numbers).toFixed(digits)} [${Math.min(...numbers).toFixed(digits)}-${Math.max(...numbers).toFixed(digits)}]`;
};

function report(results: ReadonlyMap<Contender, readonly Result[]>, operatorPage: string): void {
  const rows: string[][] = [];
  const all = [...results.values()];
  const row = (what: string, pick: (r: Result) => number, digits = 0) =>
    rows.push([what, ...all.map((r) => range(r, pick, digits))]);
  row('Pods bound a second', (r) => r.podsPerSecond);
  row('seen to bound, p50 ms', (r) => r.p50);
  row('seen to bound, p99 ms', (r) => r.p99);
  row('API writes a Pod', (r) => sum(r.writes.values()) / TASKS, 3);
  for (const name of [...DAEMONS, 'proffer']) {
    row(`${name}, CPU s`, (r) => r.cpu.get(name)!, 1);
    row(`${name}, RSS MiB`, (r) => r.rss.get(name)!);
  }
  console.log(`\n${TASKS} tasks on ${NODES} nodes, ${ROUNDS} rounds in turns, median [min-max]\n`);
  console.log(markdownTable(['', ...[...results.keys()].map((c) => c.name)], rows));
  const rate = (contender: Contender) => median(results.get(contender)!.map((r) => r.podsPerSecond));
  for (const ours of [PROFFER, CUSTOMER]) {
    const ratio = rate(ours) / rate(DEPLOYMENT);
    console.log(`\nPods bound a second, ${ours.name} to ${DEPLOYMENT.name}: ${ratio.toFixed(2)}`);
  }
  for (const [{ name }, [first]] of results) {
    console.log(`writes of ${name}: ${[...first!.writes].map(([k, n]) => `${n} x ${k}`).join(', ')}`);
  }
  const buckets = samplesOf(operatorPage, 'proffer_cycle_duration_seconds_bucket').filter(
    (s) => s.labels['phase'] === 'total',
  );
  console.log(
    `Proffer's placement cycle: p50 ${(histogramQuantile(buckets, 0.5) * 1000).toFixed(1)} ms, p99 ${(histogramQuantile(buckets, 0.99) * 1000).toFixed(1)} ms`,
  );
}

async function main(): Promise<void> {
  const cluster = await startCluster({
    name: 'bench',
    fakeNodes: NODES,
    scheduler: true,
    extraFlags: {
      'kube-apiserver': ['--disable-admission-plugins=ServiceAccount'],
      'kube-controller-manager': QPS,
      'kube-scheduler': QPS,
    },
  });
  let operator: RunningOperator | undefined;
  try {
    await cluster.kubectl('apply', '-f', 'crds');
    await cluster.kubectl('wait', '--for=condition=Established', 'crd', '--all');
    operator = await startOperator(cluster.kubeconfigPath);
    const paths = new ClusterPaths(cluster.name);
    const pids = new Map<string, number>(DAEMONS.map((name) => [name, recordedDaemon(paths, name)!.pid]));
    pids.set('proffer', operator.pid);
    const client = KubeClient.load({ kubeconfig: cluster.kubeconfigPath, userAgent: 'bench' });
    const results = new Map<Contender, Result[]>([
      [PROFFER, []],
      [DEPLOYMENT, []],
      [CUSTOMER, []],
    ]);
    for (let round = 0; round < ROUNDS; round++) {
      // Alternate who goes first: caches and garbage collectors remember the round before.
      const order = [...results];
      for (const [contender, list] of round % 2 === 0 ? order : order.toReversed()) {
        const result = await measure(cluster, client, contender, pids);
        list.push(result);
        console.log(`round ${round + 1}, ${contender.name}: ${result.podsPerSecond.toFixed(0)} Pods/s`);
      }
    }
    report(results, await operator.metrics());
    await client.close();
  } finally {
    await operator?.stop();
    await cluster.down();
  }
}

await main();
