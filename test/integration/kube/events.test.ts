import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startCluster, type Cluster } from '../../../hack/cluster/index.ts';
import { KubeClient } from '../../../src/kube/client.ts';
import type { FoldLimits } from '../../../src/kube/event-folder.ts';
import { EventRecorder, type ObjectReference } from '../../../src/kube/events.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { FaultProxy } from '../../support/fault-proxy.ts';
import { until } from '../../support/until.ts';

interface EventObject {
  metadata: { name: string };
  note: string;
  reason: string;
  series?: { count: number };
  regarding: { name: string };
}

const namespace = 'default';
const path = '/apis/events.k8s.io/v1/namespaces/default/events';

let cluster: Cluster;
let proxy: FaultProxy;
let client: KubeClient;
let leading: boolean;

beforeAll(async () => {
  cluster = await startCluster({ name: 'it-kube-events' });
  proxy = await FaultProxy.start(cluster.kubeconfigPath);
  client = new KubeClient(proxy.access);
});

beforeEach(() => {
  leading = true;
});

afterEach(() => {
  proxy.heal();
  proxy.writes.length = 0;
});

afterAll(async () => {
  await client?.close();
  await proxy?.close();
  await cluster?.down();
});

const recorder = (limits: Partial<FoldLimits> = {}) =>
  new EventRecorder({
    client,
    component: 'proffer.dev/operator',
    instance: 'proffer-0',
    clock: systemClock,
    random: Math.random,
    mayWrite: () => leading,
    limits: { windowMs: 60_000, ...limits },
  });

const pod = (name: string): ObjectReference => ({
  apiVersion: 'v1',
  kind: 'Pod',
  namespace,
  name,
  uid: `uid-${name}`,
});

const placed = (regarding: ObjectReference, note = 'placed on n1') =>
  ({ regarding, type: 'Normal', reason: 'Placed', action: 'Place', note }) as const;

const eventsOf = async (name: string): Promise<EventObject[]> => {
  const { items } = await client.request<{ items: EventObject[] }>({ method: 'GET', path });
  return items.filter((event) => event.regarding.name === name);
};

describe('EventRecorder', () => {
  test('writes the first of its kind at once and folds the rest into one write', async () => {
    const events = recorder();
    events.record(placed(pod('folded')));
    await until('the event', async () => (await eventsOf('folded')).length === 1);
    for (let n = 0; n < 99; n += 1) events.record(placed(pod('folded')));
    await events.flush();
    const [event, ...others] = await eventsOf('folded');
    expect(others).toEqual([]);
    expect(event).toMatchObject({ reason: 'Placed', note: 'placed on n1', series: { count: 100 } });
    expect(proxy.writes.map(({ verb, status }) => `${verb} ${status}`)).toEqual(['create 201', 'patch 200']);
    expect(events.counters).toEqual({ recorded: 100, written: 2, folded: 0, dropped: 0, failed: 0 });
  });

  test('writes what comes together as one event with its count, also for cluster-scoped objects', async () => {
    const events = recorder();
    const { namespace: _namespace, ...node } = { ...pod('a-node'), kind: 'Node' };
    for (let n = 0; n < 3; n += 1) events.record(placed(node, 'x'.repeat(3000)));
    await events.flush();
    const [event] = await eventsOf('a-node');
    expect(event?.note).toHaveLength(1024);
    expect(event?.series?.count).toBe(3);
  });

  test('writes an event once although the answer got lost', async () => {
    proxy.inject({ when: ({ verb }) => verb === 'create', fault: { kind: 'resetAfter' }, times: 1 });
    const events = recorder();
    events.record(placed(pod('lost-answer')));
    await events.flush();
    expect(await eventsOf('lost-answer')).toHaveLength(1);
    expect([...proxy.creates().values()]).toEqual([1]);
  });

  test('writes an event anew that has expired meanwhile', async () => {
    const events = recorder();
    events.record(placed(pod('expired')));
    await events.flush();
    const [event] = await eventsOf('expired');
    await client.request({ method: 'DELETE', path: `${path}/${event?.metadata.name}` });
    events.record(placed(pod('expired')));
    await events.flush();
    expect(await eventsOf('expired')).toMatchObject([{ series: { count: 2 } }]);
  });

  test('does not let a flood or a failing server reach its caller', async () => {
    proxy.inject({ when: ({ resource }) => resource === 'events', fault: { kind: 'answer', status: 403 } });
    const events = recorder({ queue: 10, burst: 2, folds: 0 });
    for (let n = 0; n < 100; n += 1) events.record(placed(pod(`flood-${n}`)));
    for (let n = 0; n < 5; n += 1) events.record(placed(pod('flood-1'), `note ${n}`));
    await events.flush();
    const { recorded, written, dropped, failed } = events.counters;
    expect(recorded).toBe(105);
    expect(written).toBe(0);
    // The first is taken out to be written at once, so eleven fit.
    expect(failed).toBe(11);
    expect(dropped).toBe(94);
  });

  test('loses none of a burst: those of Pods of one owner, or of a namespace, are counted in one event on it', async () => {
    const events = recorder({ queue: 10, burst: 2 });
    const set = { apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace, name: 'burst-set', uid: 'set' };
    const home = { apiVersion: 'v1', kind: 'Namespace', namespace, name: namespace, uid: '' };
    for (let n = 0; n < 2000; n += 1)
      events.record({ ...placed(pod(`burst-${n}`)), owner: n % 4 === 0 ? home : set });
    await events.flush();
    const { recorded, written, folded, dropped, failed } = events.counters;
    expect({ recorded, written, dropped, failed }).toEqual({
      recorded: 2000,
      written: 13,
      dropped: 0,
      failed: 0,
    });
    const counts = await Promise.all(
      [set, home].map(async ({ name }) => (await eventsOf(name))[0]?.series?.count),
    );
    expect(folded).toBe(1989);
    expect(counts[0]! + counts[1]!).toBe(folded);
  });

  test('a replica that does not lead any more writes no event', async () => {
    const events = recorder();
    events.record(placed(pod('fenced')));
    await events.flush();
    leading = false;
    events.record(placed(pod('fenced')));
    events.record(placed(pod('fenced-too')));
    await events.flush();
    expect(proxy.writes.map(({ verb }) => verb)).toEqual(['create']);
    expect(events.counters).toEqual({ recorded: 3, written: 1, folded: 0, dropped: 0, failed: 2 });
  });

  test('a flush gives up when its signal aborts', async () => {
    proxy.inject({ when: ({ resource }) => resource === 'events', fault: { kind: 'delay', ms: 3000 } });
    const events = recorder();
    events.record(placed(pod('slow')));
    await events.flush(AbortSignal.abort());
    expect(events.counters.written).toBe(0);
    await events.flush();
    expect(events.counters.written).toBe(1);
  });
});
