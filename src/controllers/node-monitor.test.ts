import { beforeEach, describe, expect, test } from 'vitest';
import { aNode, NOW, type NodeBuilder } from '../../test/builders/index.ts';
import { Store } from '../kube/store.ts';
import { agentFacts, type AgentFacts } from '../snapshot/agent.ts';
import type { NodeLease } from '../snapshot/node-lease.ts';
import { NodeMonitor } from './node-monitor.ts';

let now: number;
let nodes: Store<AgentFacts>;
let leases: Store<NodeLease>;
let monitor: NodeMonitor;
/** Addresses at which a kubelet answers. */
let answering: Set<string>;
/** What a fresh list of the leases brings; each call is counted. */
let relist: () => Promise<void>;
let lists: number;

const beat = (...names: string[]) => {
  for (const node of names) {
    leases.put({
      key: `kube-node-lease/${node}`,
      node,
      namespace: 'kube-node-lease',
      renewedAt: now,
      durationSeconds: 40,
      faults: [],
    });
  }
};
const put = (...made: NodeBuilder[]) => made.forEach((node) => nodes.put(agentFacts(node.build())));
/** Looks at the nodes, and once more when the kubelets that were asked have answered. */
const look = async () => {
  const changed = monitor.assess();
  await new Promise(setImmediate);
  return monitor.assess() || changed;
};
const unfit = () =>
  [...monitor.health].filter(([, h]) => h.unfitMs > 0).map(([name, h]) => [name, h.unfitMs, h.cause]);

beforeEach(() => {
  now = NOW;
  nodes = new Store<AgentFacts>();
  leases = new Store<NodeLease>();
  const clock = { now: () => now, monotonic: () => now, sleep: () => Promise.resolve() };
  answering = new Set();
  const answers = (address: string) => Promise.resolve(answering.has(address));
  lists = 0;
  relist = () => Promise.resolve();
  const counted = () => {
    lists++;
    return relist();
  };
  monitor = new NodeMonitor({ clock, nodes, leases, answers, relist: counted });
  put(aNode('n1'), aNode('n2'), aNode('n3'), aNode('n4'));
  beat('n1', 'n2', 'n3', 'n4');
});

describe('one node', () => {
  test('that is heard in time is well, and nothing has to be done', async () => {
    now += 11_000;
    expect(await look()).toBe(false);
    expect(monitor.health.size).toBe(0);
  });

  test('that falls silent is unfit, the longer the more, and placement has to look each time', async () => {
    now += 10_000;
    beat('n1', 'n2', 'n3');
    now += 2001;
    expect([await look(), unfit()]).toEqual([true, [['n4', 12_001, 'no heartbeat']]]);
    now += 5000;
    expect([await look(), unfit()]).toEqual([true, [['n4', 17_001, 'no heartbeat']]]);
    expect(monitor.suspended).toBe(false);
  });

  test('that is late but answers gets no new tasks, and its own are not given up', async () => {
    put(aNode('n4').address('10.0.0.4'));
    answering.add('10.0.0.4');
    now += 10_000;
    beat('n1', 'n2', 'n3');
    now += 30_000;
    beat('n1', 'n2', 'n3');
    expect([await look(), unfit()]).toEqual([true, [['n4', 1, 'no heartbeat']]]);
    answering.clear();
    expect([await look(), unfit()]).toEqual([true, [['n4', 40_000, 'no heartbeat']]]);
  });

  test('is asked only when its heartbeat is about to be late, and nothing is known of a silence that ended', async () => {
    now += 11_000;
    beat('n1', 'n2', 'n3');
    now += 1001;
    await look();
    beat('n4');
    now += 12_500;
    beat('n1', 'n2', 'n3');
    // The answer of the last silence is not taken for one of this.
    monitor.assess();
    expect(unfit()).toEqual([['n4', 1, 'no heartbeat']]);
  });

  test('whose answer comes after its next heartbeat is not judged by it', async () => {
    now += 12_001;
    monitor.assess();
    beat('n1', 'n2', 'n3', 'n4');
    await new Promise(setImmediate);
    now += 12_001;
    beat('n1', 'n2', 'n3');
    monitor.assess();
    expect(unfit()).toEqual([['n4', 1, 'no heartbeat']]);
  });

  test('whose heartbeats our own watch lost is heard in a fresh list', async () => {
    relist = () => Promise.resolve(beat('n4'));
    now += 12_001;
    beat('n1', 'n2', 'n3');
    expect([await look(), unfit(), lists]).toEqual([true, [], 1]);
  });

  test('is not given up while the API server does not answer, and listed for once in a silence', async () => {
    const away = Promise.withResolvers<void>();
    relist = () => away.promise;
    now += 10_000;
    beat('n1', 'n2', 'n3');
    now += 9000;
    beat('n1', 'n2', 'n3');
    expect([await look(), await look(), unfit()]).toEqual([true, true, [['n4', 1, 'no heartbeat']]]);
    away.resolve();
    await look();
    expect([await look(), unfit(), lists]).toEqual([true, [['n4', 19_000, 'no heartbeat']], 1]);
  });

  test('that comes back is remembered as one that may flap', async () => {
    now += 13_000;
    beat('n1', 'n2', 'n3');
    await look();
    now += 1000;
    beat('n4');
    expect([await look(), unfit()]).toEqual([true, []]);
    expect(monitor.health.get('n4')).toMatchObject({ backMs: 1000 });
    expect(await look()).toBe(false);
  });

  test('that says it is not ready is unfit since it says so', async () => {
    put(aNode('n2').notReady(7));
    expect([await look(), unfit()]).toEqual([true, [['n2', 7000, 'not ready']]]);
  });

  test.each([
    ['an hour ahead', -3600],
    ['an hour behind', 3600],
  ])('that ceases to be ready is unfit since we saw it, by a clock of its own that is %s', async (_, ago) => {
    await look();
    put(aNode('n2').notReady(ago));
    await look();
    now += 3000;
    beat('n1', 'n2', 'n3', 'n4');
    expect([await look(), unfit()]).toEqual([true, [['n2', 3000, 'not ready']]]);
    put(aNode('n2'));
    await look();
    put(aNode('n2').notReady(ago));
    expect([await look(), unfit()]).toEqual([true, [['n2', 1, 'not ready']]]);
  });

  test('without a lease is judged by what it says', async () => {
    put(aNode('n5'));
    now += 5000;
    beat('n1', 'n2', 'n3', 'n4');
    now += 9000;
    await look();
    expect(unfit()).toEqual([]);
  });

  test('under pressure makes placement look once', async () => {
    put(aNode('n2').pressure('MemoryPressure'));
    expect([await look(), await look()]).toEqual([true, false]);
    expect(monitor.health.get('n2')).toMatchObject({ pressures: ['MemoryPressure'], unfitMs: 0 });
  });

  test('that is gone is forgotten', async () => {
    put(aNode('n2').notReady(7));
    await look();
    nodes.delete('n2');
    leases.delete('kube-node-lease/n2');
    expect([await look(), monitor.health.size]).toEqual([false, 0]);
  });
});

describe('most nodes at once', () => {
  beforeEach(() => {
    now += 20_000;
    beat('n1');
  });

  test('are taken no tasks from, and given none', async () => {
    await look();
    expect([monitor.suspended, unfit()]).toEqual([
      true,
      [
        ['n2', 1, 'no heartbeat'],
        ['n3', 1, 'no heartbeat'],
        ['n4', 1, 'no heartbeat'],
      ],
    ]);
  });

  test('are listed for together: one list at a time, each begun after the question', async () => {
    const away = Promise.withResolvers<void>();
    relist = () => away.promise;
    monitor.assess();
    await new Promise(setImmediate);
    expect(lists).toBe(1);
    away.resolve();
    await new Promise(setImmediate);
    expect(lists).toBe(2);
    await look();
    expect(lists).toBe(2);
  });

  test('get the time of a node that was just seen when the others are heard again', async () => {
    await look();
    now += 1000;
    beat('n2', 'n3');
    monitor.assess();
    expect([monitor.suspended, unfit()]).toEqual([false, [['n4', 1, 'no heartbeat']]]);
    now += 12_000;
    beat('n1', 'n2', 'n3');
    await look();
    expect(unfit()).toEqual([]);
    now += 1;
    await look();
    expect(unfit()).toEqual([['n4', 12_001, 'no heartbeat']]);
  });
});
