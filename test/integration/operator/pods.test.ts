import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { Arena, type ShownPod } from '../../support/arena.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { until } from '../../support/until.ts';
import { roleManifest, type Manifest } from '../../support/workloads.ts';

let arena: Arena;
let operator: OperatorProcess | undefined;

const start = () => OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'pods' });

beforeAll(async () => {
  const fakeNode = { cpu: '4', memory: '32Gi' };
  arena = await Arena.start({ name: 'it-op-pods', fakeNodes: 2, kwok: true, fakeNode });
  operator = await start();
});

afterEach(async () => {
  await arena.cluster.kubectl('delete', 'deployments,statefulsets,jobs,pods', '--all', '--wait=true');
  await arena.clear();
  await arena.cluster.kubectl('delete', 'or', '--all');
});

afterAll(async () => {
  await operator?.kill();
  await arena?.down();
});

/** The spec of a Pod that names Proffer as its scheduler. */
const podSpec = (cpu: string, more: Manifest = {}): Manifest => ({
  schedulerName: 'proffer',
  terminationGracePeriodSeconds: 1,
  containers: [{ name: 'main', image: 'none', resources: { requests: { cpu } } }],
  ...more,
});

const pod = (name: string, cpu: string, labels: Manifest = {}, more: Manifest = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { test: 'pods', ...labels } },
  spec: podSpec(cpu, more),
});

const workload = (kind: string, replicas: number, cpu: string, labels: Manifest = {}): Manifest => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { test: 'pods' } },
    template: { metadata: { labels: { test: 'pods', ...labels } }, spec: podSpec(cpu) },
  },
});

const nodeOf = ({ spec }: ShownPod) => spec.nodeName;
const pods = () => arena.pods('test=pods');

/** Waits until so many Pods are bound. */
const bound = (count: number) =>
  until(`${count} bound Pods`, async () => {
    const all = await pods();
    return all.filter(nodeOf).length === count ? all : undefined;
  });

/** Waits until the condition PodScheduled of a Pod is False for a reason, in such words. @returns its message */
const unscheduled = (name: string, reason: string, words = /./) =>
  until(`${name} to wait for ${reason}`, async () => {
    const shown = (await pods()).find(({ metadata }) => metadata.name === name);
    const condition = shown?.status.conditions?.find(({ type }) => type === 'PodScheduled');
    const { message = '' } = condition ?? {};
    const waits = condition?.status === 'False' && condition.reason === reason;
    return waits && words.test(message) ? message : undefined;
  });

describe('Pods that name Proffer as their scheduler', () => {
  test('of a Deployment are bound, apart from each other, and those of a StatefulSet one after the other', async () => {
    onTestFailed(() => console.log(operator?.tail(20)));
    await arena.apply(workload('Deployment', 2, '1'));
    const web = await bound(2);
    expect(new Set(web.map(nodeOf)).size).toBe(2);
    await arena.cluster.kubectl('delete', 'deployment', 'web', '--cascade=foreground');
    await arena.apply(workload('StatefulSet', 3, '1'));
    expect((await bound(3)).map(({ metadata }) => metadata.name).sort()).toEqual(['web-0', 'web-1', 'web-2']);
    const told = await until('the event of its binding', async () => {
      const events = await arena.events('Pod', 'web-0');
      return events.find(({ reason }) => reason === 'Scheduled');
    });
    expect(told.note).toMatch(/^Successfully assigned default\/web-0 to /);
  });

  test('of a Job run to its end', async () => {
    const job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'bake', namespace: 'default' },
      spec: {
        completions: 3,
        parallelism: 2,
        template: {
          metadata: { labels: { test: 'pods' } },
          spec: podSpec('3', { restartPolicy: 'Never' }),
        },
      },
    };
    await arena.apply(job);
    await arena.cluster.kubectl('wait', '--for=condition=Complete', '--timeout=300s', 'job/bake');
  });

  test('that find no room say so as people and node autoscalers expect, and are bound when there is', async () => {
    onTestFailed(() => console.log(operator?.tail(20)));
    await arena.apply(pod('first', '3'), pod('second', '3'), pod('third', '3'));
    await bound(2);
    const waits = (await pods()).find((each) => nodeOf(each) === undefined)!.metadata.name;
    const words = /^0 of 2 nodes can take it: 2 had insufficient cpu; needs 3 cpu, most free is 1 on /;
    await unscheduled(waits, 'Unschedulable', words);
    await until('the event that says so', async () => {
      const events = await arena.events('Pod', waits);
      return events.some(({ reason, type }) => reason === 'FailedScheduling' && type === 'Warning');
    });
    const other = (await pods()).find(nodeOf)!.metadata.name;
    await arena.cluster.kubectl('delete', 'pod', other);
    const [shown] = (await bound(2)).filter(({ metadata }) => metadata.name === waits);
    const condition = shown!.status.conditions!.find(({ type }) => type === 'PodScheduled');
    expect(condition).toMatchObject({ status: 'True' });
    expect(condition!.reason).toBeUndefined();
  });

  test('draw on the role of their label, and its limit holds them by its own reason', async () => {
    await arena.enact(roleManifest('builds', { limit: { cpu: '2' } }));
    await arena.apply(workload('StatefulSet', 3, '1', { 'proffer.dev/role': 'builds' }));
    await bound(2);
    expect(await unscheduled('web-2', 'QuotaExceeded')).toMatch(/limit/);
    await expect
      .poll(() => arena.roleStatus('builds'))
      .toMatchObject({ allocated: { cpu: '2' }, frameworks: 1, pending: 1 });
  });

  test('of a gang are bound together or not at all', async () => {
    const member = (name: string, cpu: string) =>
      pod(name, cpu, { 'proffer.dev/gang': 'ring', 'proffer.dev/gang-min': '3' });
    await arena.apply(member('a', '2'), member('b', '2'));
    // Whatever it said when it was the only one.
    await unscheduled('a', 'GangDoesNotFit', /^2 of the 3 Pods of the gang exist$/);
    await arena.apply(pod('filler', '3'));
    await bound(1);
    await arena.apply(member('c', '2'));
    await unscheduled('c', 'Unschedulable', /^2 of 3 Pods of the gang fit; for the next one/);
    expect((await pods()).filter(nodeOf)).toHaveLength(1);
    await arena.cluster.kubectl('delete', 'pod', 'filler');
    await bound(3);
  });

  test('with a scheduling gate wait until it is lifted', async () => {
    await arena.apply(
      pod('gated', '1', {}, { schedulingGates: [{ name: 'example.com/wait' }] }),
      pod('free', '1'),
    );
    const all = await bound(1);
    expect(all.find(nodeOf)!.metadata.name).toBe('free');
    const patch = [{ op: 'remove', path: '/spec/schedulingGates' }];
    await arena.cluster.kubectl('patch', 'pod', 'gated', '--type=json', '-p', JSON.stringify(patch));
    await bound(2);
  });

  test('are bound once each, though the operator dies again and again', async () => {
    await arena.apply(workload('Deployment', 60, '100m'));
    for (let kill = 0; kill < 3; kill++) {
      const before = (await pods()).filter(nodeOf).length;
      await until(
        'something to be bound',
        async () => (await pods()).filter(nodeOf).length >= Math.min(60, before + 1),
      );
      await operator!.kill();
      operator = await start();
    }
    const all = await bound(60);
    const perNode = Map.groupBy(all, nodeOf);
    for (const here of perNode.values()) expect(here.length).toBeLessThanOrEqual(40);
  });

  test('give way when they are revocable: room is freed on the node that the other is nominated to', async () => {
    onTestFailed(() => console.log(operator?.tail(20)));
    const revocable = { 'proffer.dev/revocable': 'true' };
    await arena.apply(pod('night-1', '3', revocable), pod('night-2', '3', revocable));
    await bound(2);
    await arena.apply(pod('day', '3', { day: 'true' }));
    await until('the other one to be bound', async () => (await arena.pods('day=true')).some(nodeOf));
    await expect.poll(() => pods()).toHaveLength(2);
  });
});
