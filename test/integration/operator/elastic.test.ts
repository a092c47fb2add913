import { afterAll, afterEach, beforeAll, expect, onTestFailed, test } from 'vitest';
import { Arena } from '../../support/arena.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { until } from '../../support/until.ts';
import { jobManifest, poolManifest, roleManifest, type Manifest } from '../../support/workloads.ts';

let arena: Arena;
let operator: OperatorProcess;

beforeAll(async () => {
  arena = await Arena.start({
    name: 'it-op-elastic',
    fakeNodes: 1,
    fakeNode: { cpu: '4', pods: '110' },
    kwok: true,
  });
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'elastic' });
  await arena.enact(roleManifest('all', {}));
});

afterEach(async () => {
  await kubectl('delete', 'tj,gsp', '--all');
  await arena.clear();
});

afterAll(async () => {
  await operator?.kill();
  await arena?.down();
});

const kubectl = (...args: readonly string[]) => arena.cluster.kubectl(...args);

/** A job of 2 to 6 workers of a cpu each; four fit. */
function elastic(spec: Manifest, growAfterSeconds: number): Manifest {
  const manifest = jobManifest({ name: 'learn', workers: 6, cpu: '1', spec: { role: 'all', ...spec } });
  const { groups } = manifest['spec'] as { groups: Manifest[] };
  return {
    ...manifest,
    spec: {
      ...(manifest['spec'] as Manifest),
      groups: groups.map((group) => ({ ...group, minReplicas: 2, growAfterSeconds })),
    },
  };
}

const arenaPool = (replicas: number) =>
  poolManifest({ name: 'arena', replicas, cpu: '1', spec: { role: 'all', priority: 10 } });

/** Waits until the workers that are to stay are these, and the table of people says how many. */
const workers = (size: string, ...names: string[]) =>
  until(`${size}: ${names.join(', ')}`, async () => {
    const pods = (await arena.pods('proffer.dev/job=learn')).filter(
      ({ metadata }) => metadata.deletionTimestamp === undefined,
    );
    const table = await kubectl('get', 'tj', 'learn', '--no-headers');
    const isSo =
      pods
        .map(({ metadata }) => metadata.name)
        .toSorted()
        .join() === names.join();
    return isSo && table.split(/\s+/).includes(size) ? pods : undefined;
  });

test('four of two to six start, two give way to servers, and come back after their time', async () => {
  onTestFailed(() => console.log(operator.tail(30)));
  await arena.apply(elastic({ runtime: 'PyTorch' }, 3));
  const first = await workers('4/6', 'learn-worker-0', 'learn-worker-1', 'learn-worker-2', 'learn-worker-3');
  const status = await until('all to run', async () => {
    const told = await arena.jobStatus('learn');
    return told.phase === 'Running' && told.elastic?.workers === 4 ? told : undefined;
  });
  expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'Placed', status: 'True' }));

  await arena.apply(arenaPool(2));
  await arena.ready('arena', 2);
  const two = await workers('2/6', 'learn-worker-0', 'learn-worker-1');
  const uids = (pods: typeof two) => pods.map(({ metadata }) => metadata.uid);
  expect(uids(first)).toEqual(expect.arrayContaining(uids(two)));

  await arena.scale('arena', 0);
  const again = await workers('4/6', 'learn-worker-0', 'learn-worker-1', 'learn-worker-2', 'learn-worker-3');
  expect(uids(again)).toEqual(expect.arrayContaining(uids(two)));
  expect((await arena.jobStatus('learn')).restart).toBeUndefined();
});

test('workers of JAX start again in the size that fits, smaller and larger', async () => {
  onTestFailed(() => console.log(operator.tail(30)));
  await arena.apply(elastic({ runtime: 'JAX' }, 3));
  await workers('4/6', 'learn-worker-0', 'learn-worker-1', 'learn-worker-2', 'learn-worker-3');
  await arena.apply(arenaPool(1));
  await arena.ready('arena', 1);
  const three = await workers('3/6', 'learn-worker-0-a1', 'learn-worker-1-a1', 'learn-worker-2-a1');
  expect(JSON.stringify(three)).toContain('"name":"JAX_NUM_PROCESSES","value":"3"');
  await arena.scale('arena', 0);
  const four = await workers(
    '4/6',
    'learn-worker-0-a2',
    'learn-worker-1-a2',
    'learn-worker-2-a2',
    'learn-worker-3-a2',
  );
  expect(JSON.stringify(four)).toContain('"name":"JAX_NUM_PROCESSES","value":"4"');
  expect(await arena.jobStatus('learn')).toMatchObject({ restart: { attempt: 2, failures: 0 } });
});

test('replicas can change while it runs', async () => {
  onTestFailed(() => console.log(operator.tail(30)));
  await arena.apply(elastic({}, 3));
  await workers('4/6', 'learn-worker-0', 'learn-worker-1', 'learn-worker-2', 'learn-worker-3');
  const to = (replicas: number) =>
    kubectl(
      'patch',
      'tj',
      'learn',
      '--type=json',
      '-p',
      JSON.stringify([{ op: 'replace', path: '/spec/groups/0/replicas', value: replicas }]),
    );
  await to(3);
  await workers('3/3', 'learn-worker-0', 'learn-worker-1', 'learn-worker-2');
  await to(4);
  await workers('4/4', 'learn-worker-0', 'learn-worker-1', 'learn-worker-2', 'learn-worker-3');
});
