import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Cluster,
  ClusterError,
  KUBERNETES_VERSION,
  openCluster,
  startCluster,
} from '../../../hack/cluster/index.ts';
import { recordedDaemon } from '../../../hack/cluster/daemons.ts';
import { isAlive, type ProcessIdentity } from '../../../hack/cluster/identity.ts';
import { layoutOf } from '../../../hack/cluster/layout.ts';
import { ClusterPaths } from '../../../hack/cluster/paths.ts';
import { readRecord } from '../../../hack/cluster/record.ts';
import { findSlot } from '../../../hack/cluster/slots.ts';
import { leftovers } from '../../../hack/cluster/teardown.ts';

const one = `ctl-${process.pid}`;
const two = `ctl2-${process.pid}`;
const lines: string[] = [];
const log = (line: string): void => void lines.push(line);

const apiServerOf = (name: string): ProcessIdentity => {
  const identity = recordedDaemon(new ClusterPaths(name), 'kube-apiserver');
  if (identity === undefined) throw new Error(`no API server was recorded for ${name}`);
  return identity;
};

describe('a control plane', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ name: one, log });
  });
  afterAll(() => cluster.down());

  test('is the Kubernetes that go.mod pins', async () => {
    const version = JSON.parse(await cluster.kubectl('get', '--raw', '/version')) as { gitVersion: string };
    expect(version.gitVersion).toBe(KUBERNETES_VERSION);
    const pinned = readFileSync(
      join(import.meta.dirname, '../../../hack/cluster/build/kubernetes/go.mod'),
      'utf8',
    );
    expect(pinned).toContain(`k8s.io/kubernetes ${KUBERNETES_VERSION}`);
  });

  test('listens on the loopback interface alone', () => {
    expect(new URL(cluster.server).hostname).toBe('127.0.0.1');
  });

  test('is found, not started again, by a second start of the same shape', async () => {
    const before = apiServerOf(one);
    lines.length = 0;
    await startCluster({ name: one, log });
    expect(lines).toEqual([`Cluster ${one} is already up: control plane.`]);
    expect(apiServerOf(one)).toEqual(before);
  });

  test('refuses a start with another shape', async () => {
    const start = startCluster({ name: one, fakeNodes: 1, log });
    await expect(start).rejects.toThrow(ClusterError);
    await expect(start).rejects.toThrow(/another shape/);
  });

  test('refuses what names no node', () => {
    expect(() => openCluster(one).node('node-1')).toThrow(/has no real node "node-1"/);
  });

  test('runs beside another, which has fake nodes that are Ready and free of taints', async () => {
    const other = await startCluster({ name: two, fakeNodes: 20, fakeNode: { cpu: '7', zones: 2 }, log });
    try {
      expect(other.server).not.toBe(cluster.server);
      await other.addFakeNodes(5, { extended: { 'nvidia.com/gpu': '8' } });
      const { items } = JSON.parse(await other.kubectl('get', 'nodes', '-o', 'json')) as {
        items: {
          metadata: { labels: Record<string, string> };
          spec: { taints?: unknown };
          status: { allocatable: Record<string, string>; conditions: { type: string; status: string }[] };
        }[];
      };
      expect(items).toHaveLength(25);
      const ready = items.filter(({ status }) =>
        status.conditions.some((c) => c.type === 'Ready' && c.status === 'True'),
      );
      expect(ready).toHaveLength(25);
      expect(items.filter(({ spec }) => spec.taints !== undefined)).toEqual([]);
      expect(items.filter(({ status }) => status.allocatable['nvidia.com/gpu'] === '8')).toHaveLength(5);
      expect(items.every(({ status }) => status.allocatable['cpu'] === '7')).toBe(true);
      expect(new Set(items.map(({ metadata }) => metadata.labels['topology.kubernetes.io/zone'])).size).toBe(
        2,
      );
      expect(await cluster.kubectl('get', 'nodes', '-o', 'name')).toBe('');
    } finally {
      await other.down();
    }
    expect(await cluster.kubectl('get', '--raw', '/readyz')).toBe('ok');
  });

  test('is made anew after its API server was killed', async () => {
    await cluster.kubectl('create', 'namespace', 'before');
    const before = apiServerOf(one);
    process.kill(before.pid, 'SIGKILL');
    await expect.poll(() => isAlive(before)).toBe(false);
    cluster = await startCluster({ name: one, log });
    expect(apiServerOf(one)).not.toEqual(before);
    expect(await cluster.kubectl('get', '--raw', '/readyz')).toBe('ok');
    expect(await cluster.kubectl('get', 'namespaces', '-o', 'name')).not.toContain('before');
  });

  test('leaves nothing when it goes down', async () => {
    const paths = new ClusterPaths(one);
    const layout = layoutOf(readRecord(paths)?.slot ?? -1);
    expect(leftovers(paths, layout)).not.toEqual([]);
    await cluster.down();
    expect(leftovers(paths, layout)).toEqual([]);
    expect(findSlot(paths)).toBeUndefined();
    await cluster.down(); // once more changes nothing
  });
});

describe('kwok', () => {
  const name = `kwok-${process.pid}`;
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ name, fakeNodes: 3, kwok: true, log });
  });
  afterAll(() => cluster.down());

  test('runs Pods on fake nodes and keeps the nodes Ready', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'server' },
      spec: { nodeName: 'fake-00001', containers: [{ name: 'main', image: 'any' }] },
    };
    await cluster.kubectlWithInput(JSON.stringify(pod), 'create', '-f', '-');
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/server', '--timeout=300s');
    const renewals = (): Promise<string> =>
      cluster.kubectl('get', 'lease', '-n', 'kube-node-lease', '-o', 'jsonpath={.items[*].spec.renewTime}');
    await expect.poll(async () => (await renewals()).split(' ').length).toBe(3);
    const first = await renewals();
    await expect.poll(renewals).not.toBe(first);
    await cluster.kubectl('wait', '--for=condition=Ready', 'node', '--all', '--timeout=300s');
  });
});
