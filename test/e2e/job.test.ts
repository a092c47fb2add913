import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { parse } from 'yaml';
import { killContainer } from '../../hack/cluster/kill-container.ts';
import { buildImage } from '../../hack/images/index.ts';
import { Arena, type ShownPod } from '../support/arena.ts';
import { OperatorProcess } from '../support/operator.ts';
import { until } from '../support/until.ts';
import type { Manifest } from '../support/workloads.ts';
import { proffer } from '../integration/cli/run.ts';

interface Job {
  readonly spec: {
    readonly groups: readonly {
      readonly template: { readonly spec: { readonly containers: readonly object[] } };
    }[];
  };
}

const WORKERS = 3;
const example = parse(
  readFileSync(join(import.meta.dirname, '../../examples/trainingjob.yaml'), 'utf8'),
) as Job;

let arena: Arena;
let operator: OperatorProcess;

beforeAll(async () => {
  const { tar } = await buildImage('trainer');
  arena = await Arena.start({ name: 'e2e-job', nodes: 2, fast: false });
  await arena.cluster.loadImage(tar);
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'job' });
});

afterAll(async () => {
  await operator?.kill();
  await arena?.down();
});

/** The example under another name, with other arguments for the training program and other fields of its spec. */
const variant = (name: string, args: string[], spec: Manifest = {}): Manifest => {
  const [group] = example.spec.groups;
  const [container] = group!.template.spec.containers;
  const template = { spec: { ...group!.template.spec, containers: [{ ...container, args }] } };
  return {
    ...example,
    metadata: { name, namespace: 'default' },
    spec: { ...example.spec, groups: [{ ...group, template }], ...spec },
  };
};

const workers = (job: string): Promise<ShownPod[]> => arena.pods(`proffer.dev/job=${job}`);
const phase = async (job: string, wanted: string) => {
  onTestFailed(async () =>
    console.log(operator.tail(20), await arena.cluster.kubectl('get', 'pods', '-o', 'wide')),
  );
  return until(`${job} is ${wanted}`, async () => {
    const status = await arena.jobStatus(job);
    return status.phase === wanted ? status : undefined;
  });
};

test('the example: three workers start together, train to the end, and the job has succeeded', async () => {
  await arena.cluster.kubectl('apply', '-f', 'examples/trainingjob.yaml');
  await until('it to start', async () => (await arena.jobStatus('regression')).startTime);
  const pods = await workers('regression');
  expect(pods.map((pod) => pod.metadata.name).sort()).toEqual([0, 1, 2].map((i) => `regression-worker-${i}`));
  const made = new Set(pods.map((pod) => pod.metadata.creationTimestamp));
  expect(made.size, 'all in the same second, or in two that meet').toBeLessThanOrEqual(2);

  const status = await phase('regression', 'Succeeded');
  expect(status).toMatchObject({
    workers: WORKERS,
    succeeded: WORKERS,
    active: 0,
    restarts: 0,
    message: '3 workers succeeded',
  });
  expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'Complete', status: 'True' }));
  expect(Date.parse(status.completionTime!)).toBeGreaterThan(Date.parse(status.startTime!));
  const logs = await Promise.all(pods.map((pod) => arena.cluster.kubectl('logs', pod.metadata.name)));
  const ends = logs.map((log) => log.trim().split('\n').at(-1)!);
  console.log(ends.join('\n'));
  expect(new Set(logs).size, 'each trained on its own shard').toBe(WORKERS);
  // The Pods of a job that ended stay for their logs.
  await until('the phases of the Pods', async () => {
    const now = await workers('regression');
    return now.length === WORKERS && now.every((pod) => pod.status.phase === 'Succeeded');
  });
  await expect
    .poll(() => arena.cluster.kubectl('get', 'tj', 'regression'))
    .toMatch(/regression +Succeeded +0 +3 +3 +0 +\S+ +3 workers succeeded/);
});

test('a worker that is killed is set to work again, and the job still succeeds', async () => {
  await arena.apply(variant('killed', ['--epochs', '30', '--bound', '0.15', '--pause', '0.5']));
  await phase('killed', 'Running');
  const logs = proffer('logs', 'tj/killed', '--follow', '--kubeconfig', arena.cluster.kubeconfigPath);
  const victim = await until('a running worker', async () =>
    (await workers('killed')).find((pod) => pod.status.phase === 'Running'),
  );
  const others = (await workers('killed')).filter(
    (pod) => pod !== victim && pod.metadata.uid !== victim.metadata.uid,
  );
  const written = () => arena.cluster.kubectl('logs', victim.metadata.name);
  await until('its first words', async () => (await written()).includes('loss'));
  expect(await killContainer(arena.cluster, 'default', victim.metadata.name)).toBeGreaterThan(0);
  const status = await phase('killed', 'Succeeded');
  expect(status).toMatchObject({ succeeded: WORKERS, restarts: 1 });
  // All ranks are followed, the one in the place of another too, until the job has ended.
  const { code, out } = await logs;
  const ranks = new Set([...out.matchAll(/^\[(.*?)\] .*loss/gm)].map(([, rank]) => rank));
  const second = `${victim.metadata.name.replace('killed-', '')}-r1`;
  expect([code, ranks]).toEqual([0, new Set(['worker-0', 'worker-1', 'worker-2', second])]);
  const after = new Set((await workers('killed')).map((pod) => pod.metadata.uid));
  expect(after.has(victim.metadata.uid)).toBe(false);
  for (const pod of others) expect(after.has(pod.metadata.uid), `${pod.metadata.name} trained on`).toBe(true);
  const events = await arena.events('TrainingJob', 'killed');
  expect(events.find(({ reason }) => reason === 'Created')).toMatchObject({ note: 'a worker is created' });
  expect(
    events
      .filter(({ reason }) => reason === 'Recovered')
      .map(({ type, reason, note }) => `${type} ${reason} ${note}`),
  ).toEqual([
    expect.stringMatching(
      /^Warning Recovered killed-worker-\d\S* crashed \(exit 137, SIGKILL\) on node-\d; killed-worker-\d\S* on node-\d replaces it$/,
    ),
  ]);
});

test('a job whose workers keep failing is given up, with a reason, and its last Pods stay to be looked at', async () => {
  // A loss that nobody gets under: the program ends with 1 after each run.
  const args = ['--epochs', '1', '--bound', '0.000001'];
  await arena.apply(variant('hopeless', args, { maxRestarts: 2, recovery: { maxBackoffSeconds: 1 } }));
  const status = await phase('hopeless', 'Failed');
  await until('the event', async () =>
    (await arena.events('TrainingJob', 'hopeless')).some(({ reason }) => reason === 'Failed'),
  );
  expect(status.message).toMatch(
    /^more failures than maxRestarts \(2\) allows; the last: hopeless-worker-\d\S* crashed \(exit 1\) on node-\d/,
  );
  expect(status.restarts).toBeLessThanOrEqual(2);
  expect(status.conditions).toContainEqual(
    expect.objectContaining({ type: 'Failed', status: 'True', reason: 'TooManyRestarts' }),
  );
  await until('no worker runs on', async () =>
    (await workers('hopeless')).every(
      (pod) => pod.status.phase !== 'Running' && pod.status.phase !== 'Pending',
    ),
  );
  // Workers that still ran when the job was given up are on their way out, with nothing to say.
  const failed = (await workers('hopeless')).filter(
    (pod) => pod.status.phase === 'Failed' && pod.metadata.deletionTimestamp === undefined,
  );
  expect(failed.length).toBeGreaterThan(0);
  expect(await arena.cluster.kubectl('logs', failed[0]!.metadata.name)).toContain('loss');
});
