import { afterAll, afterEach, beforeAll, expect, onTestFailed, test } from 'vitest';
import { KubeClient } from '../../../src/kube/client.ts';
import { Arena, type ShownPod } from '../../support/arena.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { PlayedWorkers } from '../../support/played-workers.ts';
import { PodLog } from '../../support/pod-log.ts';
import { seeded } from '../../support/seeded.ts';
import { until } from '../../support/until.ts';
import { jobManifest, type Manifest } from '../../support/workloads.ts';

let arena: Arena;
let operator: OperatorProcess;
let log: PodLog;
let client: KubeClient;
let workers: PlayedWorkers;

beforeAll(async () => {
  arena = await Arena.start({ name: 'it-op-job-life', fakeNodes: 2, fakeNode: { cpu: '8', pods: '500' } });
  const kubeconfig = arena.cluster.kubeconfigPath;
  operator = await OperatorProcess.start({ kubeconfig, identity: 'job-life' });
  log = await PodLog.start(kubeconfig);
  client = KubeClient.load({ kubeconfig });
  workers = new PlayedWorkers(client);
});

afterEach(async () => {
  await arena?.clear();
  workers.exitOf = () => undefined;
});

afterAll(async () => {
  await workers?.stop();
  await client?.close();
  await log?.stop();
  await operator?.kill();
  await arena?.down();
});

const kubectl = (...args: readonly string[]) => arena.cluster.kubectl(...args);
const patch = (name: string, spec: Manifest) =>
  kubectl('patch', 'tj', name, '--type=merge', '-p', JSON.stringify({ spec }));
const podsOf = (name: string) => arena.pods(`proffer.dev/job=${name}`);
const running = (name: string, count: number): Promise<ShownPod[]> =>
  until(`${count} workers of ${name} to run`, async () => {
    const pods = (await podsOf(name)).filter(
      ({ status, metadata }) => status.phase === 'Running' && !metadata.deletionTimestamp,
    );
    return pods.length === count ? pods : undefined;
  });
const reasonOf = async (name: string, type: string): Promise<string | undefined> => {
  const { conditions = [] } = await arena.jobStatus(name);
  const found = conditions.find((each) => each.type === type);
  return found && `${found.status} ${found.reason}`;
};
const wait = (name: string, condition: string) =>
  kubectl('wait', `--for=condition=${condition}`, '--timeout=300s', `tj/${name}`);
const job = (name: string, count: number, spec: Manifest = {}, cpu = '1') =>
  jobManifest({ name, workers: count, cpu, spec });
/** The same with tasks by index in place of workers. */
const sweep = (name: string, group: Manifest, spec: Manifest = {}): Manifest => {
  const manifest = job(name, 1, spec, '100m') as { spec: { groups: [{ replicas?: number }] } };
  const [{ replicas: _, ...rest }] = manifest.spec.groups;
  return { ...manifest, spec: { ...manifest.spec, groups: [{ ...rest, ...group }] } };
};

test('a sweep of 200 tasks, 16 at a time, some of which fail: each succeeds exactly once', async () => {
  onTestFailed(() => console.log(operator.tail(20)));
  const random = seeded(42);
  let injected = 0;
  workers.exitOf = ({ slot }) => {
    if (random() >= 0.05) return 0;
    injected++;
    return slot % 2 === 0 ? 1 : 137;
  };
  await arena.apply(
    sweep('sweep', { completions: 200, parallelism: 16 }, { recovery: { maxBackoffSeconds: 1 } }),
  );
  await wait('sweep', 'Complete');

  await log.caughtUp();
  const succeeded = new Map<string, Set<string>>();
  const made = new Set<string>();
  let most = 0;
  log.replay(({ pod }, pods) => {
    made.add(pod.uid);
    const slot = pod.labels['proffer.dev/slot']!;
    if (pod.phase === 'Succeeded') succeeded.set(slot, (succeeded.get(slot) ?? new Set()).add(pod.uid));
    const open = [...pods.values()].filter(({ phase }) => phase !== 'Succeeded' && phase !== 'Failed').length;
    most = Math.max(most, open);
  });
  expect([...succeeded.keys()].map(Number).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 200 }, (_, i) => i),
  );
  expect([...succeeded.values()].filter((uids) => uids.size !== 1)).toEqual([]);
  expect(most).toBe(16);
  expect(injected).toBeGreaterThan(0);
  expect(made.size).toBe(200 + injected);
  await expect
    .poll(() => arena.jobStatus('sweep'))
    .toMatchObject({
      phase: 'Succeeded',
      succeeded: 200,
      restarts: injected,
      groups: [{ name: 'worker', completed: '0-199', retried: injected }],
    });
  const table = await kubectl('get', 'tj', 'sweep');
  expect(table).toMatch(
    /^NAME +PHASE +ACTIVE +WORKERS +SUCCEEDED +RESTARTS +STEP +CHECKPOINT +AGE +MESSAGE\n/,
  );
  expect(table).toMatch(
    new RegExp(`\\nsweep +Succeeded +0 +200 +200 +${injected} +\\S+ +200 workers succeeded\\n`),
  );
});

test('a task that fails again and again is given up, and the others are done all the same', async () => {
  workers.exitOf = ({ slot }) => (slot === 3 ? 1 : 0);
  const group = { completions: 8, parallelism: 4, maxRestartsPerIndex: 1 };
  await arena.apply(sweep('holed', group, { recovery: { maxBackoffSeconds: 1 } }));
  await wait('holed', 'Failed');
  await expect
    .poll(() => arena.jobStatus('holed'))
    .toMatchObject({
      succeeded: 7,
      restarts: 1,
      groups: [{ completed: '0-2,4-7', failedIndexes: '3', retried: 1 }],
      message: '1 of 8 tasks of worker failed for good',
    });
  await expect.poll(() => reasonOf('holed', 'Failed')).toBe('True FailedIndexes');
  // Its last Pod is there for its log.
  await expect
    .poll(async () => {
      const left = (await podsOf('holed')).filter(({ status }) => status.phase === 'Failed');
      return left.map(({ metadata }) => metadata.name);
    })
    .toEqual(['holed-worker-3-r1']);
});

test('a job is suspended from its birth, runs, gives its room back with its notice, and goes on', async () => {
  onTestFailed(() => console.log(operator.tail(20)));
  await arena.apply(job('paused', 2, { suspend: true, noticeSeconds: 2 }, '6'));
  await wait('paused', 'Suspended');
  expect(await podsOf('paused')).toEqual([]);
  await patch('paused', { suspend: false });
  await wait('paused', 'Running');
  await expect.poll(() => reasonOf('paused', 'Suspended')).toBe('False JobResumed');
  const { startTime } = await arena.jobStatus('paused');
  expect(startTime).toBeDefined();
  await workers.end('paused-worker-0', 0);
  await until('one is done', async () => (await arena.jobStatus('paused')).succeeded === 1);

  // Nobody else has room until it is gone.
  await arena.apply(job('next', 2, {}, '6'));
  await patch('paused', { suspend: true });
  await running('next', 2);
  await log.caughtUp();
  const told = log.events.filter(({ pod }) => pod.name === 'paused-worker-1' && pod.asked);
  expect(told[0]?.pod.deleting, 'it had its notice before it was deleted').toBe(false);
  const rests = await until('its status to say that nobody runs', async () => {
    const status = await arena.jobStatus('paused');
    return status.active === 0 ? status : undefined;
  });
  expect(rests).toMatchObject({
    phase: 'Suspended',
    succeeded: 1,
    groups: [{ name: 'worker', completed: '0' }],
  });
  expect(rests.startTime).toBeUndefined();

  await kubectl('delete', 'tj', 'next');
  await patch('paused', { suspend: false });
  const [again] = await running('paused', 1);
  expect(again!.metadata.labels['proffer.dev/slot']).toBe('1');
  await workers.end(again!.metadata.name, 0);
  await wait('paused', 'Complete');
});

test('a job ends when the group that counts ends, and what still runs goes', async () => {
  const manifest = job('trained', 2, { successPolicy: { groups: ['launcher'] } }) as {
    spec: { groups: readonly Manifest[] };
  };
  const [worker] = manifest.spec.groups;
  const groups = [{ ...worker, name: 'launcher', replicas: 1 }, worker!];
  await arena.apply({ ...manifest, spec: { ...manifest.spec, groups } } as Manifest);
  await running('trained', 3);
  await workers.end('trained-launcher-0', 0);
  await wait('trained', 'Complete');
  await expect.poll(() => reasonOf('trained', 'Complete')).toBe('True SuccessPolicy');
  await until('the workers to be gone', async () => (await podsOf('trained')).length === 1);
  await expect
    .poll(async () => (await podsOf('trained')).map(({ status }) => status.phase))
    .toEqual(['Succeeded']);
});

test('a job whose time is over has failed, and is deleted with its Pods when its time after that is over', async () => {
  onTestFailed(() => console.log(operator.tail(20)));
  workers.exitOf = ({ slot }) => (slot === 0 ? 0 : undefined);
  await arena.apply(job('late', 2, { activeDeadlineSeconds: 3, ttlSecondsAfterFinished: 3 }));
  const { startTime, completionTime, conditions } = await until('it to fail', async () => {
    const status = await arena.jobStatus('late');
    return status.phase === 'Failed' ? status : undefined;
  });
  expect(conditions).toContainEqual(
    expect.objectContaining({ type: 'Failed', status: 'True', reason: 'DeadlineExceeded' }),
  );
  expect(Date.parse(completionTime!) - Date.parse(startTime!)).toBeGreaterThanOrEqual(3000);
  await until('the job to be gone', async () => !(await kubectl('get', 'tj', '-o', 'name')).includes('late'));
  expect(Date.now() - Date.parse(completionTime!)).toBeGreaterThanOrEqual(3000);
  await until('its Pod to be gone', async () => (await podsOf('late')).length === 0);
  await log.caughtUp();
  const ends = log.events.filter(({ type, pod }) => type === 'DELETED' && pod.name.startsWith('late-'));
  expect(
    ends.map(({ pod }) => pod.name),
    'the finished one stays for its log',
  ).toEqual(['late-worker-1', 'late-worker-0']);
});
