import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cluster, startCluster } from '../../../hack/cluster/index.ts';
import { layoutOf } from '../../../hack/cluster/layout.ts';
import { ClusterPaths } from '../../../hack/cluster/paths.ts';
import { PAUSE_IMAGE } from '../../../hack/cluster/pause.ts';
import { readRecord } from '../../../hack/cluster/record.ts';
import { leftovers } from '../../../hack/cluster/teardown.ts';

const name = `nodes-${process.pid}`;
describe('a cluster of two real nodes', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ name, nodes: 2, fast: true, log: () => undefined });
  });
  afterAll(() => cluster.down());

  const readyOf = (node: string): Promise<string> =>
    cluster.kubectl('get', 'node', node, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}');
  const renewedAt = (node: string): Promise<string> =>
    cluster.kubectl('get', 'lease', '-n', 'kube-node-lease', node, '-o', 'jsonpath={.spec.renewTime}');
  const startPod = async (pod: string, node: string): Promise<void> => {
    const containers = [{ name: 'main', image: PAUSE_IMAGE, imagePullPolicy: 'Never' }];
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: pod },
      spec: { nodeName: node, containers },
    };
    await cluster.kubectlWithInput(JSON.stringify(object), 'create', '-f', '-');
    await cluster.kubectl('wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=300s');
  };

  test('has them Ready and runs Pods on each', async () => {
    for (const node of cluster.nodeNames) expect(await readyOf(node)).toBe('True');
    await startPod('on-one', 'node-1');
    await startPod('on-two', 'node-2');
    expect(await cluster.kubectl('logs', 'on-two')).toBe('');
  });

  test.each([{ silent: false }, { silent: true }])(
    'a node that is cut (silent: $silent) is lost, and is back when healed; the other never was',
    async (options) => {
      const node = cluster.node('node-2');
      await node.cut(options);
      await expect.poll(() => readyOf('node-2')).toBe('Unknown');
      const last = await renewedAt('node-2');
      const other = await renewedAt('node-1');
      await expect.poll(() => renewedAt('node-1')).not.toBe(other);
      expect(await renewedAt('node-2')).toBe(last);
      expect(await readyOf('node-1')).toBe('True');
      await node.heal();
      await expect.poll(() => readyOf('node-2')).toBe('True');
      await expect.poll(() => renewedAt('node-2')).not.toBe(last);
    },
  );

  test('a node that lost power comes back when booted, and starts its Pods again', async () => {
    const restarts = (): Promise<string> =>
      cluster.kubectl('get', 'pod', 'on-one', '-o', 'jsonpath={.status.containerStatuses[0].restartCount}');
    expect(await restarts()).toBe('0');
    const node = cluster.node('node-1');
    await node.kill();
    await expect(node.cut()).rejects.toThrow(/switched off/);
    await node.boot();
    await expect.poll(restarts).toBe('1');
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/on-one', '--timeout=300s');
  });

  test('leaves nothing when it goes down', async () => {
    const paths = new ClusterPaths(name);
    const layout = layoutOf(readRecord(paths)?.slot ?? -1);
    const kinds = new Set(leftovers(paths, layout).map((line) => line.split(' ')[0]));
    expect(kinds).toEqual(new Set(['control', 'folder', 'link', 'process', 'route']));
    await cluster.down();
    expect(leftovers(paths, layout)).toEqual([]);
  });
});
