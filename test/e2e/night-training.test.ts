import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest';
import { fillDownTo } from '../../hack/cluster/filler.ts';
import { allAnswer, DAY, NIGHT, scale, STORY, timeLine, type Moment } from '../../hack/demo/night.ts';
import { buildImage } from '../../hack/images/index.ts';
import { Arena } from '../support/arena.ts';
import { NONE, violationsOf } from '../support/invariants.ts';
import { OperatorProcess } from '../support/operator.ts';
import { PodLog } from '../support/pod-log.ts';
import { until } from '../support/until.ts';

let arena: Arena;
let operator: OperatorProcess;
let log: PodLog;

beforeAll(async () => {
  const images = await Promise.all((['teeworlds', 'trainer'] as const).map(buildImage));
  arena = await Arena.start({ name: 'e2e-night', nodes: 3, fast: false });
  for (const { tar } of images) await arena.cluster.loadImage(tar);
  for (const node of arena.cluster.nodeNames) await fillDownTo(arena.cluster, node, STORY.nodeCpu);
  log = await PodLog.start(arena.cluster.kubeconfigPath);
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'night' });
});

beforeEach(() =>
  onTestFailed(async () =>
    console.log(operator.tail(20), await arena.cluster.kubectl('get', 'gsp,tj,pods', '-o', 'wide')),
  ),
);

afterAll(async () => {
  await log?.stop();
  await operator?.kill();
  await arena?.down();
});

/** When each of the moments came after `from`, once all have. */
const line = (from: number, moments: readonly Moment[]) =>
  until(`all of ${moments.join(', ')}`, () => {
    const seen = timeLine(log, from, moments);
    return moments.every((moment) => seen[moment] !== undefined) ? seen : undefined;
  });

/** The moments in the order in which they came. */
const order = (seen: Awaited<ReturnType<typeof line>>): string[] =>
  Object.entries(seen)
    .sort(([, a], [, b]) => a - b)
    .map(([moment]) => moment);

test('a revocable job fills what the pool leaves, goes when the pool grows, and is back when it shrinks', async () => {
  const evening = performance.now();
  await arena.cluster.kubectl('apply', '-f', 'examples/night-training');
  await line(evening, NIGHT);
  await arena.ready(STORY.pool, STORY.nightServers);
  const players = new Set((await arena.servers(STORY.pool)).map((pod) => pod.metadata.uid));

  const morning = await scale(arena.cluster, STORY.dayServers);
  const byLog = DAY.filter((moment) => moment !== 'answering');
  expect(order(await line(morning, byLog))).toEqual(byLog);
  await until('all servers answer players', () => allAnswer(arena.cluster));
  const kept = (await arena.servers(STORY.pool)).filter((pod) => players.has(pod.metadata.uid));
  expect(kept, 'no server had to go').toHaveLength(STORY.nightServers);
  await expect.poll(() => arena.jobStatus(STORY.job)).toMatchObject({ active: 0, restarts: 0 });
  const told = await until('the job tells for whom it went', async () =>
    (await arena.events('TrainingJob', STORY.job)).find(({ reason }) => reason === 'GaveWay'),
  );
  expect(told.note).toContain(`gsp/default/${STORY.pool}`);

  const night = await scale(arena.cluster, STORY.nightServers);
  expect(order(await line(night, NIGHT))).toEqual([...NIGHT]);
  const status = await until('the job runs again', async () => {
    const now = await arena.jobStatus(STORY.job);
    return now.active === STORY.workers ? now : undefined;
  });
  expect(status).toMatchObject({ phase: 'Running', restarts: 0 });

  await log.caughtUp();
  expect(violationsOf(log, { cpu: STORY.nodeCpu, servers: STORY.dayServers })).toEqual(NONE);
});
