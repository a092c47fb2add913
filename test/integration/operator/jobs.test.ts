import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { Arena, type ShownPod } from '../../support/arena.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { until } from '../../support/until.ts';
import { jobManifest, type Manifest } from '../../support/workloads.ts';

let arena: Arena;
let operator: OperatorProcess;

const start = async () => {
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'jobs' });
};

beforeAll(async () => {
  // Without kwok, which takes every finalizer off a Pod that is deleted: the kubelets are played by the tests.
  arena = await Arena.start({ name: 'it-op-jobs', fakeNodes: 2, fakeNode: { cpu: '8', pods: '110' } });
  await start();
});

afterEach(async () => {
  await kubectl('delete', 'tj', '--all');
  await kubectl('delete', 'pods', '--all', '--force', '--grace-period=0', '--wait=false');
  await arena.clear();
});

afterAll(async () => {
  await operator?.kill();
  await arena?.down();
});

const kubectl = (...args: readonly string[]) => arena.cluster.kubectl(...args);
const job = (name: string, workers: number, spec: Manifest = {}) =>
  jobManifest({ name, workers, cpu: '1', spec });
const selectorOf = (name: string) => `proffer.dev/job=${name}`;
const ofRank = (pods: readonly ShownPod[], slot: number) =>
  pods.filter(({ metadata }) => metadata.labels['proffer.dev/slot'] === String(slot));

/** Waits until a job has so many Pods that are not over. */
const workers = (name: string, count: number) =>
  until(`${count} workers of ${name}`, async () => {
    const pods = (await arena.pods(selectorOf(name))).filter(
      ({ status, metadata }) =>
        metadata.deletionTimestamp === undefined && !['Succeeded', 'Failed'].includes(status.phase),
    );
    return pods.length === count ? pods : undefined;
  });

const patchStatus = (pod: string, status: object) =>
  kubectl('patch', 'pod', pod, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status }));

const at = (secondsAgo: number) => `${new Date(Date.now() - secondsAgo * 1000).toISOString().slice(0, 19)}Z`;
const container = (state: object, name = 'server') => ({
  name,
  image: 'x',
  imageID: '',
  ready: false,
  restartCount: 0,
  state,
});

/** The main container of a worker ends, as its kubelet would tell it. */
const ends = (pod: string, exitCode: number, secondsAgo = 0) => {
  const terminated = { exitCode, reason: 'Error', startedAt: at(60), finishedAt: at(secondsAgo) };
  return patchStatus(pod, {
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    containerStatuses: [container({ terminated })],
  });
};

/** As `kubectl delete --force` has it, and as a kubelet that is done; the operator may have been quicker. */
const remove = (pod: string) =>
  kubectl('delete', 'pod', pod, '--force', '--grace-period=0', '--wait=false', '--ignore-not-found');
const gone = (pod: string) =>
  until(`${pod} to be gone`, async () => !(await kubectl('get', 'pods', '-o', 'name')).includes(`${pod}\n`));
const phase = (name: string, wanted: string) =>
  until(`${name} to be ${wanted}`, async () => {
    const status = await arena.jobStatus(name);
    return status.phase === wanted ? status : undefined;
  });

describe('what a worker has done', () => {
  test('stays done when its Pod is cleaned up, and when another operator comes', async () => {
    onTestFailed(() => console.log(operator.tail(20)));
    await arena.apply(job('learn', 2));
    await workers('learn', 2);
    await ends('learn-worker-0', 0);
    await kubectl('delete', 'pod', 'learn-worker-0', '--wait=false');
    await gone('learn-worker-0');
    await expect
      .poll(() => arena.jobStatus('learn'))
      .toMatchObject({
        succeeded: 1,
        groups: [{ name: 'worker', completed: '0' }],
      });
    await operator.kill();
    await start();
    await ends('learn-worker-1', 0);
    expect(await phase('learn', 'Succeeded')).toMatchObject({ succeeded: 2 });
    expect(ofRank(await arena.pods(selectorOf('learn')), 0)).toEqual([]);
  });

  test('is learned of, though it ended and was deleted while no operator ran', async () => {
    onTestFailed(() => console.log(operator.tail(20)));
    await arena.apply(job('alone', 2));
    await workers('alone', 2);
    await operator.kill();
    await ends('alone-worker-0', 0, 30);
    await kubectl('delete', 'pod', 'alone-worker-0', '--wait=false');
    await start();
    await gone('alone-worker-0');
    await expect.poll(() => arena.jobStatus('alone')).toMatchObject({ succeeded: 1 });
    await ends('alone-worker-1', 0);
    await phase('alone', 'Succeeded');
  });
});

test('failures count, though the Pods that tell of them are deleted by force', async () => {
  onTestFailed(() => console.log(operator.tail(20)));
  await arena.apply(job('flaky', 2, { maxRestarts: 1 }));
  await workers('flaky', 2);
  await ends('flaky-worker-0', 1);
  const [second] = ofRank(await workers('flaky', 2), 0);
  expect(second!.metadata.annotations!['proffer.dev/failures']).toBe('1');
  await remove('flaky-worker-0');
  await remove(second!.metadata.name);
  await until('both are gone', async () => {
    const pods = ofRank(await arena.pods(selectorOf('flaky')), 0);
    return pods.length === 1 && pods[0]!.metadata.uid !== second!.metadata.uid;
  });
  const [third] = ofRank(await workers('flaky', 2), 0);
  expect(third!.metadata.annotations!['proffer.dev/failures']).toBe('1');
  await ends(third!.metadata.name, 1);
  expect(await phase('flaky', 'Failed')).toMatchObject({ restarts: 1 });
});

test('a helper that outlives the work of its job goes at the end', async () => {
  onTestFailed(() => console.log(operator.tail(20)));
  const proxy = { name: 'proxy', image: 'none' };
  const manifest = jobManifest({ name: 'side', workers: 1 });
  const [group] = (manifest['spec'] as { groups: { template: { spec: { containers: object[] } } }[] }).groups;
  group!.template.spec.containers.push(proxy);
  await arena.apply(manifest);
  await workers('side', 1);
  const terminated = { exitCode: 0, reason: 'Completed', startedAt: at(60), finishedAt: at(0) };
  const running = { running: { startedAt: at(60) } };
  await patchStatus('side-worker-0', {
    phase: 'Running',
    containerStatuses: [container({ terminated }), container(running, 'proxy')],
  });
  await phase('side', 'Succeeded');
  await until(
    'it is deleted',
    async () => (await arena.pods(selectorOf('side')))[0]?.metadata.deletionTimestamp,
  );
  await remove('side-worker-0');
  await gone('side-worker-0');
});

/** Plays the kubelets of Pods that are deleted: they end. */
const reap = async (name: string) => {
  const pods = await arena.pods(selectorOf(name));
  for (const { metadata } of pods) if (metadata.deletionTimestamp) await remove(metadata.name);
};

test('all workers start again together when one fails, though the operator dies meanwhile', async () => {
  onTestFailed(async () => console.log(operator.tail(20), await kubectl('get', 'pods,tj', '-o', 'yaml')));
  await arena.apply(job('gang', 3, { failurePolicy: { defaultAction: 'RestartGang' } }));
  await workers('gang', 3);
  await until('it is whole', async () => (await arena.jobStatus('gang')).startTime);
  await ends('gang-worker-1', 1);
  await until('it is told', async () => (await arena.jobStatus('gang')).restart);
  await operator.kill();
  await start();
  await until('all are new', async () => {
    await reap('gang');
    const pods = await arena.pods(selectorOf('gang'));
    const attempts = pods.map(({ metadata }) => metadata.annotations?.['proffer.dev/attempt']);
    return attempts.filter((attempt) => attempt === '1').length === 3;
  });
  const status = await until('it is done', async () => {
    const { restart, ...rest } = await arena.jobStatus('gang');
    return restart?.finishTime ? { restart, ...rest } : undefined;
  });
  expect(status).toMatchObject({ restarts: 1, restart: { attempt: 1, failures: 1 } });
  expect(status.conditions).toContainEqual(
    expect.objectContaining({ type: 'Restarting', status: 'False', reason: 'AsExpected' }),
  );
  await expect
    .poll(async () => (await arena.events('TrainingJob', 'gang')).map(({ reason }) => reason))
    .toContain('Restarting');
});

test('a worker on a node that is lost is not found any more by the name of the one in its place', async () => {
  onTestFailed(async () =>
    console.log(operator.tail(20), await kubectl('get', 'pods,endpointslices', '-o', 'yaml')),
  );
  await arena.apply(job('cut', 2, { recovery: { nodeLossSeconds: 5 } }));
  const before = await workers('cut', 2);
  let next = 1;
  const address = (pods: readonly ShownPod[]) =>
    Promise.all(
      pods.map(({ metadata }) =>
        patchStatus(metadata.name, { podIPs: [{ ip: `10.9.0.${next}` }], podIP: `10.9.0.${next++}` }),
      ),
    );
  const found = async (names: readonly string[]) =>
    until(`${names.join()} to be found`, async () => {
      const slices = JSON.parse(
        await kubectl('get', 'endpointslices', '-l', 'kubernetes.io/service-name=cut', '-o', 'json'),
      ) as { items: { endpoints: { hostname?: string; targetRef: { name: string } }[] | null }[] };
      const all = slices.items.flatMap(({ endpoints }) => endpoints ?? []);
      const seen = all.map(({ hostname, targetRef }) => `${hostname} ${targetRef.name}`);
      return seen.toSorted().join() === names.toSorted().join() ? true : undefined;
    });
  const named = (pods: readonly ShownPod[]) =>
    pods.map(({ metadata: { name, labels } }) => `cut-worker-${labels['proffer.dev/slot']} ${name}`);
  await address(before);
  await found(named(before));
  // As of a version that knew no label.
  await kubectl('label', 'pod', before[0]!.metadata.name, 'proffer.dev/peers-');
  await until(
    'its label',
    async () => (await arena.pods(`${selectorOf('cut')},proffer.dev/peers=cut`)).length === before.length,
  );
  await found(named(before));
  const node = before[0]!.spec.nodeName!;
  const ready = (status: string) => {
    const conditions = [{ type: 'Ready', status, reason: 'Test', message: '', lastTransitionTime: at(0) }];
    const patch = JSON.stringify({ status: { conditions } });
    return kubectl('patch', 'node', node, '--subresource=status', '-p', patch);
  };
  const lost = before.filter(({ spec }) => spec.nodeName === node);
  await ready('Unknown');
  try {
    const after = await until('others in their place', async () => {
      const pods = await workers('cut', 2);
      return pods.every(({ spec }) => spec.nodeName !== node) ? pods : undefined;
    });
    await address(after.filter(({ metadata }) => before.every((old) => old.metadata.uid !== metadata.uid)));
    await found(named(after));
    const left = (await arena.pods(selectorOf('cut'))).map(({ metadata }) => metadata.uid);
    expect(left, 'they may still run').toEqual(
      expect.arrayContaining(lost.map(({ metadata }) => metadata.uid)),
    );
  } finally {
    await ready('True');
  }
});

describe('a job that is deleted', () => {
  test('holds none of its Pods back', async () => {
    onTestFailed(() => console.log(operator.tail(20)));
    await arena.apply(job('brief', 2));
    await workers('brief', 2);
    await ends('brief-worker-0', 0);
    await kubectl('delete', 'tj', 'brief');
    await kubectl('delete', 'pods', '-l', selectorOf('brief'), '--wait=false');
    await gone('brief-worker-0');
    await remove('brief-worker-1');
    await gone('brief-worker-1');
  });

  test('and leaves its Pods behind lets go of them', async () => {
    onTestFailed(() => console.log(operator.tail(20)));
    await arena.apply(job('left', 1));
    await workers('left', 1);
    await kubectl('delete', 'tj', 'left', '--cascade=orphan');
    await until('its Pod has no finalizer', async () => {
      const text = await kubectl('get', 'pod', 'left-worker-0', '-o', 'jsonpath={.metadata.finalizers}');
      return text === '';
    });
    await remove('left-worker-0');
  });
});

test('of two jobs that each lost a half one becomes whole', async () => {
  onTestFailed(() => console.log(operator.tail(20)));
  const half = (name: string) => {
    const spread = {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: { 'proffer.dev/job': name } },
    };
    const podSpec = { topologySpreadConstraints: [spread] };
    return jobManifest({ name, workers: 2, cpu: '4', podSpec, spec: { gangTimeoutSeconds: 2 } });
  };
  await arena.apply(half('alpha'), half('beta'));
  for (const name of ['alpha', 'beta']) {
    const pods = await workers(name, 2);
    expect(new Set(pods.map(({ spec }) => spec.nodeName)).size).toBe(2);
    await until(`${name} is whole`, async () => (await arena.jobStatus(name)).startTime);
  }
  await kubectl('delete', 'node', 'fake-00001');
  const isWhole = async (name: string) => {
    await reap(name);
    const pods = await arena.pods(selectorOf(name));
    return pods.filter(({ spec }) => spec.nodeName === 'fake-00000').length === 2;
  };
  await until('one is whole', async () => (await isWhole('alpha')) || (await isWhole('beta')));
  const told = async () => {
    const events = await Promise.all(['alpha', 'beta'].map((name) => arena.events('TrainingJob', name)));
    return events.flat().filter(({ reason }) => reason === 'GangIncomplete');
  };
  await expect.poll(told).toHaveLength(1);
});
