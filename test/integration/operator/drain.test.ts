import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { Arena, type ShownPod } from '../../support/arena.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { PodLog } from '../../support/pod-log.ts';
import { until } from '../../support/until.ts';
import { poolManifest } from '../../support/workloads.ts';

const STATE = 'proffer.dev/state';

let arena: Arena;
let operator: OperatorProcess;
let log: PodLog;

beforeAll(async () => {
  const fakeNode = { cpu: '4', pods: '110' };
  arena = await Arena.start({ name: 'it-op-drain', fakeNodes: 2, kwok: true, fakeNode });
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'drain' });
  log = await PodLog.start(arena.cluster.kubeconfigPath);
});

afterEach(async () => {
  const nodes = await shown('nodes');
  await Promise.all(nodes.map(({ metadata }) => kubectl('uncordon', metadata.name)));
  await arena.clear();
});

afterAll(async () => {
  await log?.stop();
  await operator?.kill();
  await arena?.down();
});

const kubectl = (...args: string[]) => arena.cluster.kubectl(...args);
/** What is read here of a node or a budget. */
interface Shown {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
  };
  readonly spec: { readonly minAvailable?: number };
  readonly status?: { readonly observedGeneration?: number };
}
const shown = async (what: string) =>
  (JSON.parse(await kubectl('get', what, '-o', 'json')) as { items: Shown[] }).items;
const hold = (name: string) => kubectl('label', 'pod', name, `${STATE}=Allocated`);
const release = (name: string) => kubectl('label', 'pod', name, `${STATE}-`);
const drain = (node: string, seconds: number) =>
  kubectl('drain', node, '--ignore-daemonsets', '--delete-emptydir-data', `--timeout=${seconds}s`);
const names = (pods: readonly ShownPod[]) => pods.map(({ metadata }) => metadata.name).sort();

/** Waits until the budget of a pool refuses evictions by what it says, not for want of a status. */
const guarded = (pool: string) =>
  until(`the budget of ${pool}`, async () =>
    (await shown('pdb')).some(
      ({ metadata, status }) => metadata.name === `${pool}-held` && status?.observedGeneration,
    ),
  );

/** A pool with its first server held. @returns that server, and its node */
async function heldPool(name: string, replicas: number, spec: object = {}) {
  await arena.apply(poolManifest({ name, replicas, spec: { ...spec } }));
  await arena.ready(name, replicas);
  await guarded(name);
  await hold(`${name}-0`);
  const server = (await arena.servers(name)).find(({ metadata }) => metadata.name === `${name}-0`)!;
  return { server, node: server.spec.nodeName! };
}

describe('kubectl drain', () => {
  test('moves servers without players at once, and waits for the end of a session', async () => {
    onTestFailed(() => console.log(operator.tail(20)));
    const { server, node } = await heldPool('moves', 4);
    await expect(drain(node, 3)).rejects.toThrow(/timeout|disruption budget/);
    const after = await arena.ready('moves', 4);
    const here = after.filter((pod) => pod.spec.nodeName === node);
    expect(names(here)).toEqual([server.metadata.name]);
    expect(here[0]!.metadata.uid).toBe(server.metadata.uid);
    await release(server.metadata.name);
    await drain(node, 300);
    const moved = await arena.ready('moves', 4);
    expect(moved.filter((pod) => pod.spec.nodeName === node)).toEqual([]);
  });

  test('ends no session of a pool that has more servers with players than it asks for', async () => {
    onTestFailed(() => console.log(operator.tail(20)));
    const { server, node } = await heldPool('shrunk', 3);
    await hold('shrunk-1');
    await arena.scale('shrunk', 1);
    await until('the third to be gone', async () => (await arena.servers('shrunk')).length === 2);
    // Has the budget counted anew; kubectl tries again after five seconds.
    await kubectl('label', 'pod', 'shrunk-1', 'touched=yes');
    await expect(drain(node, 8)).rejects.toThrow(/timeout|disruption budget/);
    expect(names(await arena.servers('shrunk'))).toEqual([server.metadata.name, 'shrunk-1']);
  });

  test('gets done with players on the node when the pool says how long they have; they are told before', async () => {
    onTestFailed(() => console.log(operator.tail(20)));
    const { server, node } = await heldPool('bounded', 2, { eviction: { drainSeconds: 3 } });
    await drain(node, 300);
    const after = await arena.ready('bounded', 2);
    expect(after.filter((pod) => pod.spec.nodeName === node)).toEqual([]);
    await log.caughtUp();
    const told = log.events.find(({ pod }) => pod.uid === server.metadata.uid && pod.asked);
    expect(told?.pod.deleting, 'it is told before it is deleted').toBe(false);
    await expect
      .poll(async () => (await arena.events('GameServerPool', 'bounded')).map(({ reason }) => reason))
      .toEqual(expect.arrayContaining(['AskedToGo', 'NodeDrained']));
  });
});

test('the budget of a pool comes back when it is deleted or changed, and goes with its pool', async () => {
  onTestFailed(() => console.log(operator.tail(20)));
  const budget = async () => (await shown('pdb')).find(({ metadata }) => metadata.name === 'kept-held');
  await arena.apply(poolManifest({ name: 'kept', replicas: 1 }));
  const first = await until('the budget', budget);
  await kubectl('patch', 'pdb', 'kept-held', '--type=merge', '-p', '{"spec":{"minAvailable":0}}');
  await until(
    'the budget as it was',
    async () => (await budget())?.spec.minAvailable === first.spec.minAvailable,
  );
  await kubectl('delete', 'pdb', 'kept-held');
  const second = await until('another budget', budget);
  expect(second.metadata.uid).not.toBe(first.metadata.uid);
  await kubectl('delete', 'gsp', 'kept');
  await until('no budget', async () => !(await budget()));
});

describe('a pool that is deleted', () => {
  const remove = (name: string, cascade: string) =>
    kubectl('delete', 'gsp', name, `--cascade=${cascade}`, '--timeout=300s');
  const allOf = (name: string) => arena.pods(`proffer.dev/pool=${name}`);

  test('takes its servers with it: before it goes in the foreground, after it in the background', async () => {
    onTestFailed(() => console.log(operator.tail(20)));
    await arena.apply(
      poolManifest({ name: 'front', replicas: 3 }),
      poolManifest({ name: 'back', replicas: 3 }),
    );
    await Promise.all([arena.ready('front', 3), arena.ready('back', 3)]);
    await remove('front', 'foreground');
    expect(await allOf('front')).toEqual([]);
    await remove('back', 'background');
    await until('no servers', async () => (await allOf('back')).length === 0);
    await until('no budgets', async () => (await shown('pdb')).length === 0);
  });

  test('leaves its servers to themselves when it is told to, whatever its template holds', async () => {
    onTestFailed(() => console.log(operator.tail(20)));
    const odd = { containers: [{ name: 'server', image: 'example.invalid/a:1', args: ['<a&b>', '\u2028'] }] };
    const manifest = poolManifest({ name: 'left', replicas: 2 });
    await arena.apply({ ...manifest, spec: { replicas: 2, template: { spec: odd } } });
    const servers = await arena.ready('left', 2);
    await remove('left', 'orphan');
    const left = (await allOf('left')) as (ShownPod & { metadata: { ownerReferences?: unknown } })[];
    expect(left.map(({ metadata }) => metadata.uid)).toEqual(servers.map(({ metadata }) => metadata.uid));
    expect(left.map(({ metadata }) => metadata.ownerReferences)).toEqual([undefined, undefined]);
    await kubectl(
      'delete',
      'pods,pdb,controllerrevisions',
      '-l',
      'proffer.dev/pool=left',
      '--grace-period=1',
    );
  });
});
