import { afterAll, afterEach, beforeAll, expect, onTestFailed, test } from 'vitest';
import { Arena, type ShownPod } from '../../support/arena.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { until } from '../../support/until.ts';
import { jobManifest, ownRoleManifest, poolManifest } from '../../support/workloads.ts';

let arena: Arena;
let operator: OperatorProcess;

const start = (standIns: string) =>
  OperatorProcess.start({
    kubeconfig: arena.cluster.kubeconfigPath,
    identity: `stand-ins-${standIns}`,
    flags: { 'stand-ins': standIns },
  });

beforeAll(async () => {
  arena = await Arena.start({
    name: 'it-op-standins',
    fakeNodes: 1,
    kwok: true,
    fakeNode: { cpu: '2', pods: '110' },
  });
  operator = await start('100');
});

afterEach(async () => {
  await arena.cluster.kubectl('delete', 'or', '--all');
  await arena.clear();
});

afterAll(async () => {
  await operator?.kill();
  await arena?.down();
});

const standIns = (name: string) => arena.pods(`proffer.dev/stand-in=${name}`);
const isUnschedulable = ({ spec, status }: ShownPod) =>
  spec.nodeName === undefined &&
  status.conditions?.some(
    (c) => c.type === 'PodScheduled' && c.status === 'False' && c.reason === 'Unschedulable',
  );
const uids = (pods: readonly ShownPod[]) => pods.map(({ metadata }) => metadata.uid).sort();

/** Waits until so many stand for tasks of a workload, all of which say so. */
const standing = (name: string, count: number) =>
  until(`${count} stand-ins of ${name}`, async () => {
    const pods = await standIns(name);
    return pods.length === count && pods.every(isUnschedulable) ? pods : undefined;
  });

test('servers that find no room are stood in for, until they find some or are not wanted any more', async () => {
  onTestFailed(() => console.log(operator.tail(20)));
  const spec = { ports: [{ name: 'game', containerPort: 8303 }] };
  await arena.apply(poolManifest({ name: 'waits', replicas: 5, cpu: '1', spec }));
  const before = await standing('waits', 3);
  expect(before.flatMap(({ spec: { containers } }) => containers[0]!.ports ?? [])).toEqual([]);
  await expect.poll(() => arena.servers('waits')).toHaveLength(2);
  // Whoever leads next makes no others.
  await operator.kill();
  operator = await start('100');
  await operator.deciding();
  await arena.scale('waits', 4);
  const after = await standing('waits', 2);
  expect(uids(before)).toEqual(expect.arrayContaining(uids(after)));
  await arena.scale('waits', 2);
  await standing('waits', 0);
});

test('a gang is stood in for as a whole, and nobody for whom a limit leaves nothing', async () => {
  onTestFailed(() => console.log(operator.tail(20)));
  await arena.apply(jobManifest({ name: 'gang', workers: 4, cpu: '1' }));
  await standing('gang', 4);
  await arena.enact(ownRoleManifest('default', { limit: { cpu: '3' } }));
  await standing('gang', 0);
  await arena.apply(poolManifest({ name: 'limited', replicas: 9, cpu: '1' }));
  await standing('limited', 1);
});

test('those of before are taken back where nobody asks for them any more', async () => {
  onTestFailed(() => console.log(operator.tail(20)));
  await arena.apply(poolManifest({ name: 'off', replicas: 4, cpu: '1' }));
  await standing('off', 2);
  await operator.kill();
  operator = await start('0');
  await standing('off', 0);
});
