/**
 * Real training that is disturbed: three workers of PyTorch's DistributedDataParallel on real kubelets, one of them killed with -9,
 * and one node cut off, as a TrainingJob and as an Indexed Job with a headless Service. Prints when somebody did something about it,
 * when steps were made again, and where it ended. NAME ... (proffer, job) runs one of the two alone.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary, startCluster, type Cluster } from '../cluster/index.ts';
import { killContainer } from '../cluster/kill-container.ts';
import { buildImage } from '../images/index.ts';
import { indexedJob, trainingJob, STEPS, TOLERATION_SECONDS } from './faults-manifests.ts';
import { install } from './install.ts';
import { step, until } from './steps.ts';

/** How long a run may take, s: nothing may hang. What has not ended by then is told as that. */
const LIMIT = 240;
/** A worker is struck once the training has come so far: there is a checkpoint, and much to do. */
const STRUCK_AT = 60;

const FAULTS = ['nothing', 'a worker is killed with -9', 'a node is cut off'] as const;

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
}

/** How the training is run. */
interface Way {
  readonly name: string;
  readonly manifests: (job: string, folder: string) => object[];
  /** Label of Pods that bears the name of the job, and the one with the rank. */
  readonly label: string;
  readonly rank: string;
  /** Path of the field that says that it has succeeded, and what it says. */
  readonly kind: string;
  readonly succeeded: (status: Readonly<Record<string, unknown>>) => boolean;
}

const WAYS: Readonly<Record<string, Way>> = {
  proffer: {
    name: 'TrainingJob',
    manifests: trainingJob,
    label: 'proffer.dev/job',
    rank: 'proffer.dev/slot',
    kind: 'trainingjob',
    succeeded: ({ phase }) => phase === 'Succeeded',
  },
  job: {
    name: 'Indexed Job',
    manifests: indexedJob,
    label: 'batch.kubernetes.io/job-name',
    rank: 'batch.kubernetes.io/job-completion-index',
    kind: 'job',
    succeeded: ({ succeeded }) => succeeded === 3,
  },
};

/** What a run came to; times in s. */
interface Run {
  readonly way: string;
  readonly fault: string;
  readonly reacted?: number;
  readonly stepped?: number;
  readonly resumedFrom?: string;
  readonly ended?: number;
  readonly words: string;
}

/** Applies a job, strikes it, and waits for its end. */
async function train(cluster: Cluster, way: Way, fault: number): Promise<Run> {
  const job = `agent-${fault}`;
  const folder = mkdtempSync(join(tmpdir(), 'proffer-faults-'));
  // The workers are not root.
  chmodSync(folder, 0o777);
  const kubectl = (...args: string[]) => cluster.kubectl(...args, '-n', 'default');
  const pods = async (): Promise<Pod[]> =>
    (JSON.parse(await kubectl('get', 'pods', '-l', `${way.label}=${job}`, '-o', 'json')) as { items: Pod[] })
      .items;
  const ofRank = (all: readonly Pod[], rank: number) =>
    all.filter(({ metadata }) => metadata.labels[way.rank] === String(rank)).at(-1);
  /** What rank 0 says, which is on no node that is cut off. */
  const words = async (): Promise<string> => {
    const lead = ofRank(
      (await pods()).filter(({ metadata }) => metadata.deletionTimestamp === undefined),
      0,
    );
    return lead ? kubectl('logs', lead.metadata.name, '--request-timeout=2s').catch(() => '') : '';
  };
  const steps = (text: string): number => Number([...text.matchAll(/^step (\d+)\//gmu)].at(-1)?.[1] ?? 0);
  const status = async () =>
    (
      JSON.parse(await kubectl('get', way.kind, job, '-o', 'json')) as {
        status?: Readonly<Record<string, unknown>>;
      }
    ).status ?? {};

  const list = { apiVersion: 'v1', kind: 'List', items: way.manifests(job, folder) };
  await cluster.kubectlWithInput(JSON.stringify(list), 'apply', '-n', 'default', '-f', '-');
  let healed: (() => Promise<void>) | undefined;
  try {
    await until(
      'first steps',
      LIMIT,
      async () => (steps(await words()) >= STRUCK_AT ? true : undefined),
      () => kubectl('get', 'pods', '-o', 'wide'),
    );
    const all = await pods();
    const before = new Set(all.map(({ metadata }) => metadata.uid));
    const operator = JSON.parse(
      await cluster.kubectl('get', 'pods', '-n', 'proffer-system', '-o', 'json'),
    ) as { items: Pod[] };
    const nodes = new Set(operator.items.map(({ spec }) => spec.nodeName));
    const workers = [1, 2].map((rank) => ofRank(all, rank)!);
    // The operator is not what is to be lost.
    const victim = workers.find(({ spec }) => !nodes.has(spec.nodeName)) ?? workers[0]!;
    const struck = performance.now();
    const since = () => (performance.now() - struck) / 1000;
    if (fault === 1) await killContainer(cluster, 'default', victim.metadata.name);
    if (fault === 2) {
      const node = cluster.node(victim.spec.nodeName!);
      await node.cut();
      healed = () => node.heal();
    }
    const seen: { -readonly [F in keyof Run]?: Run[F] } & { words: string } = { words: '' };
    while (since() < LIMIT && seen.ended === undefined) {
      if (fault > 0 && seen.reacted === undefined && (await pods()).some((pod) => isNew(pod, before)))
        seen.reacted = since();
      const text = await words();
      const [, from] = /goes on after step (\d+)/u.exec(text) ?? [];
      if (from !== undefined && steps(text) > Number(from)) {
        seen.stepped ??= since();
        seen.resumedFrom ??= from;
      }
      seen.words = text.trim().split('\n').at(-1) ?? '';
      if (way.succeeded(await status())) seen.ended = since();
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    return { way: way.name, fault: FAULTS[fault]!, ...seen };
  } finally {
    await healed?.();
    await kubectl('delete', way.kind, job, '--wait=false');
    await kubectl(
      'delete',
      'pods',
      '-l',
      `${way.label}=${job}`,
      '--force',
      '--grace-period=0',
      '--wait=false',
    );
    await kubectl('wait', 'nodes', '--all', '--for=condition=Ready', '--timeout=120s');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether somebody has done something: a Pod is made, deleted, or its container started anew. */
const isNew = ({ metadata, status }: Pod, before: ReadonlySet<string>): boolean =>
  !before.has(metadata.uid) ||
  metadata.deletionTimestamp !== undefined ||
  (status.containerStatuses ?? []).some(({ restartCount }) => restartCount > 0);

/** A run as a row of Markdown. */
function row({ way, fault, reacted, stepped, resumedFrom = '', ended, words }: Run): string {
  const never = `not in ${LIMIT} s`;
  const time = (at: number | undefined) => at?.toFixed(1) ?? (fault === FAULTS[0] ? '' : never);
  const cells = [way, fault, time(reacted), time(stepped), resumedFrom, ended?.toFixed(1) ?? never, words];
  return `| ${cells.join(' | ')} |`;
}

/** The runs as a table of Markdown. */
function table(runs: readonly Run[]): string {
  const head = [
    '',
    `what happens at step ${STRUCK_AT}`,
    'reacted',
    'steps again',
    'from step',
    'ended',
    'rank 0 says',
  ];
  return [`| ${head.join(' | ')} |`, `|${'---|'.repeat(head.length)}`, ...runs.map(row)].join('\n');
}

async function main(names: readonly string[]): Promise<void> {
  const ways = (names.length === 0 ? Object.keys(WAYS) : names).map((name) => {
    const way = WAYS[name];
    if (!way) throw new Error(`nothing is called ${name}: ${Object.keys(WAYS).join(', ')}`);
    return way;
  });
  const images = await step('Packing images: PyTorch and the operator', () =>
    Promise.all((['pytorch', 'operator'] as const).map(buildImage)),
  );
  // The kubelets' and controllers' own defaults, as a cluster has them.
  const cluster = await step('Starting Kubernetes: a control plane and three nodes', () =>
    startCluster({ name: 'faults', nodes: 3, fast: false }),
  );
  const runs: Run[] = [];
  try {
    await step('Loading the images', async () => {
      for (const { tar } of images) await cluster.loadImage(tar);
    });
    const helm = await binary('helm');
    await step('Installing the operator', () => install(cluster, helm, ['--set', 'replicas=1']));
    for (const way of ways)
      for (const fault of FAULTS.keys()) {
        const run = await step(`${way.name}: ${FAULTS[fault]}`, () => train(cluster, way, fault));
        console.log(`    ${row(run)}`);
        runs.push(run);
      }
  } finally {
    if (runs.length > 0)
      console.log(
        `\n${STEPS} steps. Seconds since the fault. The Indexed Job tolerates a lost node for ${TOLERATION_SECONDS} s (300 by default).\n\n${table(runs)}`,
      );
    await cluster.down();
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`\nnpm run faults: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
