import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest';
import { fillDownTo, takeOf } from '../../hack/cluster/filler.ts';
import { buildImage } from '../../hack/images/index.ts';
import { Arena } from '../support/arena.ts';
import { OperatorProcess } from '../support/operator.ts';
import { holdsRoom, PodLog } from '../support/pod-log.ts';
import { until } from '../support/until.ts';

let arena: Arena;
let operator: OperatorProcess;
let log: PodLog;

beforeAll(async () => {
  const { tar } = await buildImage('engine-build');
  arena = await Arena.start({ name: 'e2e-engine-build', nodes: 2, fast: false });
  await arena.cluster.loadImage(tar);
  log = await PodLog.start(arena.cluster.kubeconfigPath);
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'build' });
});

beforeEach(() =>
  onTestFailed(async () => console.log(operator.tail(20), await arena.cluster.kubectl('describe', 'pods'))),
);

afterAll(async () => {
  await log?.stop();
  await operator?.kill();
  await arena?.down();
});

const kubectl = (...args: string[]): Promise<string> => arena.cluster.kubectl(...args);

/** Waits until a Job is Complete. @throws Error when it has failed */
const complete = (job: string): Promise<unknown> =>
  until(`${job} is complete`, async () => {
    const conditions = await kubectl('get', 'job', job, '-o', 'jsonpath={.status.conditions[*].type}');
    if (conditions.includes('Failed')) throw new Error(`${job} has failed`);
    return conditions.includes('Complete');
  });

test('the engine build needs what its largest step asks for, and runs through its steps to the end', async () => {
  // 700m are free on each node: too little for `compile`, which asks for 800m.
  for (const node of arena.cluster.nodeNames) {
    await fillDownTo(arena.cluster, node, 900);
    await takeOf(arena.cluster, node, `last-${node}`, 200);
  }
  await kubectl('apply', '-f', 'examples/engine-build/build.yaml');
  const waiting = await until('the Pod says why it waits', async () => {
    const [pod] = await arena.pods('job-name=engine-build');
    return pod?.status.conditions?.find((c) => c.type === 'PodScheduled' && c.status === 'False');
  });
  expect(waiting.reason).toBe('Unschedulable');
  expect(waiting.message).toMatch(/insufficient cpu/i);

  // 900m: enough for each step, and too little for all of them together, which is 1150m.
  await kubectl('delete', 'pod', 'last-node-1');
  await complete('engine-build');
  const [pod] = await arena.pods('job-name=engine-build');
  expect(pod!.spec.nodeName).toBe('node-1');
  expect(pod!.status.phase).toBe('Succeeded');
  const logOf = (step: string) => kubectl('logs', pod!.metadata.name, '-c', step);
  expect(await logOf('configure')).toContain('headers: all there');
  expect(await logOf('compile')).toContain('-o bake');
  expect(await logOf('check')).toContain('baked terrain 2: 5 levels from 64 x 64');
  expect(await logOf('package')).toMatch(/^[0-9a-f]{64} {2}dist\/bake\.tar\.gz$/mu);
  await kubectl('delete', 'pod', '-l', 'app=filler');
});

test('assets are baked in parallel, as far as the limit of their role goes', async () => {
  await kubectl('apply', '-f', 'examples/engine-build/bake.yaml');
  await complete('asset-bake');
  await log.caughtUp();
  expect(log.broken).toBeUndefined();
  let most = 0;
  log.replay((_, pods) => {
    const held = [...pods.values()].filter(
      (pod) => pod.labels['job-name'] === 'asset-bake' && pod.node !== '' && holdsRoom(pod),
    );
    most = Math.max(most, held.length);
  });
  expect(most, 'two at a time: 400m each of the 1 cpu that the role may hold').toBe(2);
  const pods = await arena.pods('job-name=asset-bake');
  expect(pods).toHaveLength(4);
  const logs = await Promise.all(pods.map((pod) => kubectl('logs', pod.metadata.name, '-c', 'bake')));
  const baked = logs.map((text) => /baked terrain (\d): 9 levels from 1024 x 1024/u.exec(text)?.[1]);
  expect(new Set(baked)).toEqual(new Set(['0', '1', '2', '3']));
  const sums = logs.map((text) => /^([0-9a-f]{64}) {2}terrain\.pack$/mu.exec(text)?.[1]);
  expect(new Set(sums).size, 'each another terrain').toBe(4);
});
