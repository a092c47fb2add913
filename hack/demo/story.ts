/**
 * Night training on real kubelets: a revocable job fills what a pool of game servers leaves free, is off as soon as the
 * pool grows, and is back when it shrinks. Prints when what happened.
 */
import { PodLog } from '../../test/support/pod-log.ts';
import { fillDownTo } from '../cluster/filler.ts';
import { binary, startCluster, type Cluster } from '../cluster/index.ts';
import { buildImage } from '../images/index.ts';
import { install } from './install.ts';
import { allAnswer, DAY, MEANING, NIGHT, scale, STORY, timeLine, type Moment } from './night.ts';
import { step, until } from './steps.ts';

function print(from: string, line: Readonly<Partial<Record<Moment, number>>>): void {
  const rows = (Object.entries(line) as [Moment, number][]).sort(([, a], [, b]) => a - b);
  console.log(`\n    seconds  ${from}`);
  console.log(`    ${'0.00'.padStart(7)}  the pool is told its new size`);
  for (const [moment, ms] of rows)
    console.log(`    ${(ms / 1000).toFixed(2).padStart(7)}  ${MEANING[moment]}`);
}

/** Changes the size of the pool and waits until all of the moments have come. */
async function change(cluster: Cluster, log: PodLog, servers: number, moments: readonly Moment[]) {
  const from = await scale(cluster, servers);
  let answering: number | undefined;
  return until(
    `the pool has ${servers} servers, and all that follows`,
    120,
    async () => {
      if (moments.includes('answering') && answering === undefined && (await allAnswer(cluster)))
        answering = performance.now() - from;
      const line = { ...timeLine(log, from, moments), ...(answering === undefined ? {} : { answering }) };
      return moments.every((moment) => line[moment] !== undefined) ? line : undefined;
    },
    () => cluster.kubectl('get', 'gsp,tj,pods', '-o', 'wide'),
  );
}

/** Whether every worker has told of its first epoch. */
async function trained(cluster: Cluster): Promise<boolean> {
  const label = `proffer.dev/job=${STORY.job}`;
  const lines = await cluster.kubectl('logs', '-n', 'default', '-l', label, '--tail=1');
  return (
    lines
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('epoch')).length === STORY.workers
  );
}

async function main(): Promise<void> {
  const images = await step('Packing images: a game server, a training program, the operator', () =>
    Promise.all((['teeworlds', 'trainer', 'operator'] as const).map(buildImage)),
  );
  const cluster = await step('Starting Kubernetes: a control plane and three nodes', () =>
    startCluster({ name: 'story', nodes: 3 }),
  );
  try {
    for (const { tar } of images) await cluster.loadImage(tar);
    for (const node of cluster.nodeNames) await fillDownTo(cluster, node, STORY.nodeCpu);
    const helm = await binary('helm');
    await step('Installing the operator', () => install(cluster, helm));
    const log = await PodLog.start(cluster.kubeconfigPath);
    await step('Night: three servers, and training on what they leave', async () => {
      const from = performance.now();
      await cluster.kubectl('apply', '-n', 'default', '-f', 'examples/night-training');
      await until('all workers run', 60, async () => timeLine(log, from, NIGHT).training);
      await until('all workers have trained', 60, async () => (await trained(cluster)) || undefined);
    });
    await step(`Day: the pool grows to ${STORY.dayServers} servers`, async () =>
      print('Day breaks', await change(cluster, log, STORY.dayServers, DAY)),
    );
    await step(`Night again: the pool shrinks to ${STORY.nightServers}`, async () =>
      print('Night falls', await change(cluster, log, STORY.nightServers, NIGHT)),
    );
    console.log(`\n${await cluster.kubectl('get', 'gsp,tj', '-n', 'default')}`);
    await log.stop();
  } finally {
    await cluster.down();
  }
}

try {
  await main();
} catch (error) {
  console.error(`\nnpm run story: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
