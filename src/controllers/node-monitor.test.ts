import { beforeEach, describe, expect, test } from 'vitest';
import { aNode, NOW, type NodeBuilder } from '../../test/builders/index.ts';
import { Store } from '../kube/store.ts';
import { agentFacts, type AgentFacts } from '../snapshot/agent.ts';
import { NodeMonitor, type NodeLease } from './node-monitor.ts';

let now: number;
let nodes: Store<AgentFacts>;
let leases: Store<NodeLease>;
let monitor: NodeMonitor;

const beat = (...names: string[]) => {
  for (const node of names) {
    leases.put({ key: `kube-node-lease/${node}`, node, renewTime: String(now), durationSeconds: 40 });
  }
};
const put = (...made: NodeBuilder[]) => made.forEach((node) => nodes.put(agentFacts(node.build())));
const unfit = () =>
  [...monitor.health].filter(([, h]) => h.unfitMs > 0).map(([name, h]) => [name, h.unfitMs, h.cause]);

beforeEach(() => {
  now = NOW;
  nodes = new Store<AgentFacts>();
  leases = new Store<NodeLease>();
  const clock = { now: () => now, monotonic: () => now, sleep: () => Promise.resolve() };
  monitor = new NodeMonitor({ clock, nodes, leases });
  put(aNode('n1'), aNode('n2'), aNode('n3'), aNode('n4'));
  beat('n1', 'n2', 'n3', 'n4');
});

describe('one node', () => {
  test('that is heard in time is well, and nothing has to be done', () => {
    now += 11_000;
    expect(monitor.assess()).toBe(false);
    expect(monitor.health.size).toBe(0);
  });

  test('that falls silent is unfit, the longer the more, and placement has to look each time', () => {
    now += 10_000;
    beat('n1', 'n2', 'n3');
    now += 2001;
    expect([monitor.assess(), unfit()]).toEqual([true, [['n4', 12_001, 'no heartbeat']]]);
    now += 5000;
    expect([monitor.assess(), unfit()]).toEqual([true, [['n4', 17_001, 'no heartbeat']]]);
    expect(monitor.suspended).toBe(false);
  });

  test('that comes back is remembered as one that may flap', () => {
    now += 13_000;
    beat('n1', 'n2', 'n3');
    monitor.assess();
    now += 1000;
    beat('n4');
    expect([monitor.assess(), unfit()]).toEqual([true, []]);
    expect(monitor.health.get('n4')).toMatchObject({ backMs: 1000 });
    expect(monitor.assess()).toBe(false);
  });

  test('that says it is not ready is unfit since it says so', () => {
    put(aNode('n2').notReady(7));
    expect([monitor.assess(), unfit()]).toEqual([true, [['n2', 7000, 'not ready']]]);
  });

  test('without a lease is judged by what it says', () => {
    put(aNode('n5'));
    now += 5000;
    beat('n1', 'n2', 'n3', 'n4');
    now += 9000;
    monitor.assess();
    expect(unfit()).toEqual([]);
  });

  test('under pressure makes placement look once', () => {
    put(aNode('n2').pressure('MemoryPressure'));
    expect([monitor.assess(), monitor.assess()]).toEqual([true, false]);
    expect(monitor.health.get('n2')).toMatchObject({ pressures: ['MemoryPressure'], unfitMs: 0 });
  });

  test('that is gone is forgotten', () => {
    put(aNode('n2').notReady(7));
    monitor.assess();
    nodes.delete('n2');
    leases.delete('kube-node-lease/n2');
    expect([monitor.assess(), monitor.health.size]).toEqual([false, 0]);
  });
});

describe('most nodes at once', () => {
  beforeEach(() => {
    now += 20_000;
    beat('n1');
  });

  test('are taken no tasks from, and given none', () => {
    monitor.assess();
    expect([monitor.suspended, unfit()]).toEqual([
      true,
      [
        ['n2', 1, 'no heartbeat'],
        ['n3', 1, 'no heartbeat'],
        ['n4', 1, 'no heartbeat'],
      ],
    ]);
  });

  test('get the time of a node that was just seen when the others are heard again', () => {
    monitor.assess();
    now += 1000;
    beat('n2', 'n3');
    monitor.assess();
    expect([monitor.suspended, unfit()]).toEqual([false, [['n4', 1, 'no heartbeat']]]);
    now += 12_000;
    beat('n1', 'n2', 'n3');
    monitor.assess();
    expect(unfit()).toEqual([]);
    now += 1;
    monitor.assess();
    expect(unfit()).toEqual([['n4', 12_001, 'no heartbeat']]);
  });
});
