import { describe, expect, test } from 'vitest';
import { aGroup, aJob, aNode, aPod, aPool, ago, NOW, type Buildable } from '../../test/builders/index.ts';
import type { PodSpecBuilder } from '../../test/builders/pod-spec.ts';
import { clusterOf } from './cluster.test-helper.ts';
import { inputsOf } from './inputs.ts';
import { newestTime } from './newest.ts';
import { addDocuments, noObjects } from './objects.ts';

const HOST_PORTS = { first: 7000, last: 8000 };

/** What is said of objects that cannot be read in full. */
function complaints(...objects: readonly Buildable[]): string[] {
  const said: string[] = [];
  const complain = (sentence: string) => void said.push(sentence);
  inputsOf(clusterOf(...objects), { now: NOW, hostPorts: HOST_PORTS, complain });
  return said;
}

test.each<[string, Buildable, string]>([
  [
    'a quantity of a node',
    aNode('n1').cpu('many'),
    'dump.yaml, item 1, Node n1: status.allocatable.cpu: "many" is not a quantity: write a number with an optional suffix',
  ],
  [
    'a quantity of a Pod',
    aPod('a').cpu('1 core'),
    'dump.yaml, item 1, Pod default/a: spec.containers[0].resources.requests.cpu: "1 core" is not a quantity',
  ],
  [
    'a Pod without containers',
    aPod('a').specField('containers', undefined),
    'dump.yaml, item 1, Pod default/a: spec: has no containers, a list of at least one',
  ],
  [
    'a container that is none',
    aPod('a').specField('containers', ['main']),
    'dump.yaml, item 1, Pod default/a: spec.containers[0]: must be a map',
  ],
  [
    'a field of a pool',
    aPool('arena').field('replicas', -1),
    'dump.yaml, item 1, GameServerPool games/arena: spec.replicas: ',
  ],
])('%s that cannot be read is named with its object', (_, object, message) => {
  expect(complaints(object)).toEqual([expect.stringContaining(message)]);
});

/** A kubelet's lease. */
const lease = (node: string, renewTime: string) => ({
  value: {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: node, namespace: 'kube-node-lease' },
    spec: { renewTime, leaseDurationSeconds: 40 },
  },
  where: 'leases.yaml',
});

test('nodes are judged by conditions and by leases where there are any', () => {
  const cluster = clusterOf(
    aNode('late'),
    aNode('heard'),
    aNode('leaving').deleting(),
    aNode('pressed').pressure('DiskPressure'),
    aNode('unready').notReady(30),
    aNode('well'),
  );
  addDocuments(cluster, [lease('late', ago(60)), lease('heard', ago(5))], '');
  const { health } = inputsOf(cluster, { now: NOW, hostPorts: HOST_PORTS });
  expect(Object.fromEntries(health)).toMatchObject({
    late: { unfitMs: 1, cause: 'no heartbeat' },
    leaving: { deleting: true },
    pressed: { pressures: ['DiskPressure'] },
    unready: { unfitMs: 30_000, cause: 'not ready' },
  });
  expect([...health.keys()].sort()).toEqual(['late', 'leaving', 'pressed', 'unready']);
});

test('when most nodes are silent at once, not even those that are not ready are given up', () => {
  const cluster = clusterOf(aNode('a').notReady(600), aNode('b'), aNode('c'));
  addDocuments(cluster, [lease('a', ago(600)), lease('b', ago(600))], '');
  const { health } = inputsOf(cluster, { now: NOW, hostPorts: HOST_PORTS });
  expect(health.get('a')!.unfitMs).toBe(1);
});

test('a dump is as old as the newest thing that happened in it', () => {
  expect(newestTime(noObjects())).toBe(0);
  expect(newestTime(clusterOf(aNode('n')))).toBe(NOW - 3_600_000);
  expect(newestTime(clusterOf(aNode('n'), aPod('a').created(20)))).toBe(NOW - 20_000);
  expect(newestTime(clusterOf(aPod('a').created(500).exited(1, 7)))).toBe(NOW - 7000);
  // The end of a grace period is yet to come.
  expect(newestTime(clusterOf(aPod('a').created(500).deleting()))).toBe(NOW - 500_000);
  const cluster = clusterOf(aNode('n'));
  addDocuments(cluster, [lease('n', ago(3))], '');
  expect(newestTime(cluster)).toBe(NOW - 3000);
});

describe('classes that Pods name', () => {
  const named = (name: string) => ({
    kind: 'PriorityClass',
    apiVersion: 'scheduling.k8s.io/v1',
    metadata: { name },
  });
  const read = (objects: readonly Buildable[], ...more: readonly object[]) => {
    const cluster = clusterOf(...objects);
    addDocuments(
      cluster,
      more.map((value) => ({ value, where: 'classes.yaml' })),
      'default',
    );
    return inputsOf(cluster, { now: NOW, hostPorts: HOST_PORTS });
  };
  const of = <T extends PodSpecBuilder>(object: T, name: string): T =>
    object.specField('priorityClassName', name);

  test('are read when the dump has them', () => {
    const classes = read(
      [of(aPod('a'), 'other').specField('priority', 5)],
      { ...named('high'), value: 7, preemptionPolicy: 'Never' },
      {
        kind: 'RuntimeClass',
        apiVersion: 'node.k8s.io/v1',
        metadata: { name: 'sandbox' },
        overhead: { podFixed: { cpu: '250m' } },
      },
    );
    expect([...classes.priorityClasses]).toEqual([
      { key: 'high', priority: 7, preempts: false, globalDefault: false, faults: [] },
    ]);
    expect([...classes.runtimeClasses]).toMatchObject([{ key: 'sandbox', overhead: { cpu: 250 } }]);
  });

  test('are what Pods bear when the dump was made without any, or 0', () => {
    const { priorityClasses } = read([
      of(aPool('arena'), 'low'),
      of(aPod('a'), 'low').specField('priority', 3).specField('preemptionPolicy', 'Never'),
      aJob('learn').group(of(aGroup('w'), 'unseen')),
    ]);
    expect([...priorityClasses]).toEqual([
      { key: 'low', priority: 3, preempts: false, globalDefault: false, faults: [] },
      { key: 'unseen', priority: 0, preempts: true, globalDefault: false, faults: [] },
    ]);
  });
});
