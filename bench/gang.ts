/**
 * Gangs on a real API server, with kwok for kubelets: many small ones, then a few large ones, as TrainingJobs and as what
 * Kubernetes has itself (a PodGroup and an Indexed Job each, placed by kube-scheduler's gang scheduling), in turns, each on a
 * cluster of its own: to delete some thousand Pods takes longer than to place them. Prints a table; docs/performance.md keeps it.
 *
 *   npm run bench:gang                            40 x 8 and 1 x 200 workers on 100 nodes, for trying
 *   npm run bench:gang -- --small 500x8 --large 4x1000 --nodes 1000
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startCluster, type Cluster } from '../hack/cluster/index.ts';
import { API_VERSION } from '../src/api/group.ts';
import { KIND } from '../src/api/kinds.ts';
import { KubeClient } from '../src/kube/client.ts';
import { Gangs } from './gang/gangs.ts';
import { each } from './scale/workload.ts';
import { histogramQuantile, samplesOf, writesOf } from './support/metrics.ts';
import { startOperator } from './support/operator.ts';
import { quantileOf } from './support/statistics.ts';
import { markdownTable } from './support/table.ts';
import { until } from './support/until.ts';

const { values } = parseArgs({
  options: {
    small: { type: 'string', default: '40x8' },
    large: { type: 'string', default: '1x200' },
    nodes: { type: 'string', default: '100' },
  },
});
const NAMESPACE = 'default';
const QPS = ['--kube-api-qps=5000', '--kube-api-burst=5000'];
const GATES = '--feature-gates=GenericWorkload=true';
const SCHEDULING = `/apis/scheduling.k8s.io/v1beta1/namespaces/${NAMESPACE}/podgroups`;
const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const TRAINING = `/apis/${API_VERSION}/namespaces/${NAMESPACE}/${KIND.job.plural}`;

/** So many gangs of so many workers, from a text such as 500x8. */
interface Load {
  readonly gangs: number;
  readonly workers: number;
}
const loadOf = (text: string): Load => {
  const [gangs, workers] = text.split('x').map(Number);
  if (!gangs || !workers) throw new Error(`${text} is not of the form GANGSxWORKERS`);
  return { gangs, workers };
};

const podSpec = {
  restartPolicy: 'Never',
  containers: [
    {
      name: 'worker',
      image: 'example.invalid/worker:1',
      resources: { requests: { cpu: '100m', memory: '64Mi' } },
    },
  ],
};

interface Contender {
  readonly name: string;
  /** Makes one gang. */
  make(client: KubeClient, name: string, workers: number): Promise<void>;
}

const PROFFER: Contender = {
  name: 'TrainingJob, Proffer',
  make: async (client, name, workers) => {
    const groups = [{ name: 'w', replicas: workers, template: { spec: podSpec } }];
    const body = { apiVersion: API_VERSION, kind: KIND.job.kind, metadata: { name }, spec: { groups } };
    await client.request({ method: 'POST', path: TRAINING, body });
  },
};

const KUBERNETES: Contender = {
  name: 'PodGroup and Indexed Job, kube-scheduler',
  make: async (client, name, workers) => {
    const group = {
      apiVersion: 'scheduling.k8s.io/v1beta1',
      kind: 'PodGroup',
      metadata: { name },
      spec: { schedulingPolicy: { gang: { minCount: workers } } },
    };
    await client.request({ method: 'POST', path: SCHEDULING, body: group });
    const spec = {
      completions: workers,
      parallelism: workers,
      completionMode: 'Indexed',
      template: { spec: { ...podSpec, schedulingGroup: { podGroupName: name } } },
    };
    const body = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec };
    await client.request({ method: 'POST', path: JOBS, body });
  },
};

interface Result {
  readonly seconds: number;
  /** From the first to the last worker of a gang, ms, for each gang. */
  readonly spreads: readonly number[];
  /** Writes of all, for each worker. */
  readonly writes: number;
  /** Of Proffer's placement cycle, ms: p50 and p99. */
  readonly cycle: readonly [number, number];
}

const total = (writes: ReadonlyMap<string, number>): number =>
  [...writes.values()].reduce((a, b) => a + b, 0);

async function measure(
  cluster: Cluster,
  client: KubeClient,
  contender: Contender,
  { gangs: count, workers }: Load,
): Promise<Omit<Result, 'cycle'>> {
  const gangs = new Gangs(client, NAMESPACE);
  await gangs.start();
  try {
    const before = await writesOf(cluster);
    const start = performance.now();
    await each(count, (i) => contender.make(client, `gang-${i}`, workers));
    await until(`${contender.name} binds all`, () => gangs.workers === count * workers);
    const seconds = (performance.now() - start) / 1000;
    const writes = (total(await writesOf(cluster)) - total(before)) / (count * workers);
    return { seconds, writes, spreads: [...gangs.bound.values()].map(({ first, last }) => last - first) };
  } finally {
    await gangs.stop();
  }
}

/** Brings a cluster up, with everything that both need, and measures one contender on it. */
async function run(contender: Contender, load: Load): Promise<Result> {
  const cluster = await startCluster({
    name: 'bench-gang',
    fakeNodes: Number(values.nodes),
    kwok: true,
    scheduler: true,
    extraFlags: {
      'kube-apiserver': [
        '--disable-admission-plugins=ServiceAccount',
        '--runtime-config=scheduling.k8s.io/v1beta1=true',
        GATES,
      ],
      'kube-controller-manager': [...QPS, GATES],
      'kube-scheduler': [...QPS, GATES],
    },
  });
  const client = KubeClient.load({ kubeconfig: cluster.kubeconfigPath, userAgent: 'bench' });
  try {
    await cluster.kubectl('apply', '-f', 'crds');
    await cluster.kubectl('wait', '--for=condition=Established', 'crd', '--all');
    const operator = await startOperator(cluster.kubeconfigPath);
    try {
      const result = await measure(cluster, client, contender, load);
      const buckets = samplesOf(await operator.metrics(), 'proffer_cycle_duration_seconds_bucket').filter(
        ({ labels }) => labels['phase'] === 'total',
      );
      return {
        ...result,
        cycle: [histogramQuantile(buckets, 0.5) * 1000, histogramQuantile(buckets, 0.99) * 1000],
      };
    } finally {
      await operator.stop();
    }
  } finally {
    await client.close();
    await cluster.down();
  }
}

const rows: string[][] = [];
for (const text of [values.small, values.large]) {
  const load = loadOf(text);
  const results: Result[] = [];
  for (const contender of [KUBERNETES, PROFFER]) results.push(await run(contender, load));
  const row = (what: string, pick: (result: Result) => number, digits: number) =>
    rows.push([`${text}: ${what}`, ...results.map((each) => pick(each).toFixed(digits))]);
  row('gangs a second', ({ seconds }) => load.gangs / seconds, 1);
  row('workers bound a second', ({ seconds }) => (load.gangs * load.workers) / seconds, 0);
  row('last worker after the first of its gang, p50 ms', ({ spreads }) => quantileOf(spreads, 0.5), 0);
  row('the same, longest', ({ spreads }) => Math.max(...spreads), 0);
  row("writes of all for each worker, kwok's too", ({ writes }) => writes, 2);
  const [p50, p99] = results[1]!.cycle.map((ms) => ms.toFixed(1));
  rows.push([`${text}: placement cycle, p50 and p99 ms`, '', `${p50}, ${p99}`]);
}
console.log(
  `\n${values.nodes} nodes, Node ${process.version}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)}\n`,
);
console.log(markdownTable(['', KUBERNETES.name, PROFFER.name], rows));
