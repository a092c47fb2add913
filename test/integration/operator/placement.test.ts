import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { Arena, type ShownPod } from '../../support/arena.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { until } from '../../support/until.ts';
import { poolManifest, type PoolWish } from '../../support/workloads.ts';

const NODES = ['fake-00000', 'fake-00001', 'fake-00002', 'fake-00003'];
const GPU = 'nvidia.com/gpu';

let arena: Arena;
let operator: OperatorProcess;

beforeAll(async () => {
  const fakeNode = { cpu: '2', memory: '8Gi', pods: '12', zones: 2, extended: { [GPU]: '1' } };
  arena = await Arena.start({ name: 'it-op-placement', fakeNodes: NODES.length, kwok: true, fakeNode });
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'placement' });
});

afterEach(() => arena?.clear());

afterAll(async () => {
  await operator?.kill();
  await arena?.down();
});

const nodesOf = (pods: readonly ShownPod[]) => pods.map((pod) => pod.spec.nodeName!).sort();
const countByNode = (pods: readonly ShownPod[]) => {
  const counts = new Map<string, number>();
  for (const node of nodesOf(pods)) counts.set(node, (counts.get(node) ?? 0) + 1);
  return Object.fromEntries(counts);
};

/** Applies a pool and waits until so many of its servers are ready and the others are said to wait. */
async function settle(wish: PoolWish, ready: number): Promise<ShownPod[]> {
  onTestFailed(() => console.log(operator.tail(10)));
  await arena.apply(poolManifest(wish));
  const waiting = (wish.replicas ?? 1) - ready;
  await until(`${ready} ready and ${waiting} waiting in ${wish.name}`, async () => {
    const status = await arena.poolStatus(wish.name);
    return status.readyReplicas === ready && status.pendingReplicas === waiting;
  });
  return arena.servers(wish.name);
}

const condition = async (pool: string, type: string) =>
  (await arena.poolStatus(pool)).conditions?.find((c) => c.type === type);

describe('hard constraints', () => {
  test('a node selector', async () => {
    await arena.cluster.kubectl('label', 'node', NODES[1]!, 'tier=gold');
    const podSpec = { nodeSelector: { tier: 'gold' } };
    const servers = await settle({ name: 'gold', replicas: 4, podSpec }, 4);
    expect(countByNode(servers)).toEqual({ [NODES[1]!]: 4 });
  });

  test('a node selector that no node matches is said in words', async () => {
    await settle({ name: 'nowhere', replicas: 2, podSpec: { nodeSelector: { tier: 'platinum' } } }, 0);
    await expect
      .poll(() => condition('nowhere', 'Placed'))
      .toMatchObject({
        status: 'False',
        reason: 'NoMatchingNode',
        message: "2 of 2 servers waiting: 0 of 4 nodes can take it: 4 didn't match the node selector",
      });
    expect(await arena.servers('nowhere')).toEqual([]);
  });

  test('required node affinity', async () => {
    const matchExpressions = [
      { key: 'topology.kubernetes.io/zone', operator: 'In', values: ['zone-2'] },
      { key: 'kubernetes.io/hostname', operator: 'NotIn', values: [NODES[3]] },
    ];
    const required = { nodeSelectorTerms: [{ matchExpressions }] };
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
    const servers = await settle({ name: 'affine', replicas: 3, podSpec: { affinity } }, 3);
    expect(countByNode(servers)).toEqual({ [NODES[1]!]: 3 });
  });

  test('taints: only who tolerates them, and cordons: nobody', async () => {
    const [first, second, third, fourth] = NODES as [string, string, string, string];
    await arena.cluster.kubectl('taint', 'node', first, 'arena=only:NoSchedule');
    await arena.cluster.kubectl('cordon', second);
    await arena.cluster.kubectl('cordon', third);
    try {
      // Too large for any node: it tells when the operator knows of all this.
      await arena.apply(poolManifest({ name: 'huge', cpu: '64' }));
      await until('taint and cordons to be known', async () => {
        const { message = '' } = await arena.poolStatus('huge');
        return message.includes('1 had an untolerated taint') && message.includes('2 were unschedulable');
      });
      const plain = await settle({ name: 'plain', replicas: 4 }, 4);
      expect(countByNode(plain)).toEqual({ [fourth]: 4 });
      const tolerations = [{ key: 'arena', operator: 'Equal', value: 'only', effect: 'NoSchedule' }];
      const podSpec = { tolerations, nodeSelector: { 'kubernetes.io/hostname': first } };
      const tolerant = await settle({ name: 'tolerant', replicas: 2, podSpec }, 2);
      expect(countByNode(tolerant)).toEqual({ [first]: 2 });

      await settle(
        { name: 'shut-out', replicas: 1, podSpec: { nodeSelector: { 'kubernetes.io/hostname': second } } },
        0,
      );
      const { message = '' } = await arena.poolStatus('shut-out');
      expect(message).toContain('unschedulable');
      await arena.cluster.kubectl('uncordon', second);
      await arena.ready('shut-out', 1);
    } finally {
      await arena.cluster.kubectl('taint', 'node', first, 'arena-');
      await arena.cluster.kubectl('uncordon', second, third);
    }
  });

  test('an extended resource', async () => {
    const servers = await settle({ name: 'gpu', replicas: 6, requests: { [GPU]: '1' } }, 4);
    expect(nodesOf(servers)).toEqual(NODES);
    await expect
      .poll(() => condition('gpu', 'Placed'))
      .toMatchObject({
        status: 'False',
        reason: 'InsufficientResources',
      });
    await expect
      .poll(async () => (await arena.poolStatus('gpu')).message)
      .toContain(`4 had insufficient ${GPU}`);
  });

  test('the number of Pods of a node', async () => {
    const servers = await settle({ name: 'tiny', replicas: 50, cpu: '1m' }, 48);
    expect(Object.values(countByNode(servers))).toEqual([12, 12, 12, 12]);
    await expect
      .poll(async () => (await arena.poolStatus('tiny')).message)
      .toContain('4 had insufficient pods');
  });

  test('cpu and memory, in the middle of a unit', async () => {
    const servers = await settle({ name: 'odd', replicas: 30, cpu: '0.301' }, 24);
    expect(Object.values(countByNode(servers))).toEqual([6, 6, 6, 6]);
  });
});

describe('host ports', () => {
  const fixed = { ports: [{ containerPort: 7000, hostPort: 7000, protocol: 'UDP' }] };

  test('fixed ones: one server on a node, whoever else wants the number', async () => {
    const first = await settle({ name: 'fixed-a', replicas: 3, container: fixed }, 3);
    expect(new Set(nodesOf(first)).size).toBe(3);
    const second = await settle({ name: 'fixed-b', replicas: 3, container: fixed }, 1);
    expect(nodesOf([...first, ...second])).toEqual(NODES);
    await expect.poll(async () => (await arena.poolStatus('fixed-b')).message).toContain('host ports');
  });

  test('dynamic ones of two pools beside a fixed one: no number twice on a node', async () => {
    const ports = [
      { name: 'game', containerPort: 8303, protocol: 'UDP' },
      { name: 'rcon', containerPort: 8304, protocol: 'TCPUDP' },
    ];
    const kept = await settle({ name: 'kept', replicas: 4, container: fixed }, 4);
    const a = await settle({ name: 'dyn-a', replicas: 12, spec: { ports, scheduling: 'Distributed' } }, 12);
    const b = await settle({ name: 'dyn-b', replicas: 12, spec: { ports } }, 12);
    const taken = [...kept, ...a, ...b].flatMap((pod) =>
      pod.spec.containers.flatMap(({ ports: own = [] }) =>
        own.map((p) => `${pod.spec.nodeName} ${p.protocol} ${p.hostPort}`),
      ),
    );
    expect(taken).toHaveLength(4 + 24 * 3);
    expect(new Set(taken).size).toBe(taken.length);
    const shown = a[0]!.metadata.annotations?.['proffer.dev/ports'] ?? '';
    expect(shown).toMatch(/^game=7\d{3}\/UDP,rcon=7\d{3}\/TCPUDP$/);
  });
});

describe('scheduling', () => {
  test('Packed fills a node before the next, Distributed gives each the same', async () => {
    const packed = await settle({ name: 'packed', replicas: 6 }, 6);
    expect(Object.values(countByNode(packed))).toEqual([6]);
    await arena.scale('packed', 0);
    await until('room again', async () => (await arena.pods('proffer.dev/pool=packed')).length === 0);
    const spread = await settle({ name: 'spread', replicas: 8, spec: { scheduling: 'Distributed' } }, 8);
    expect(Object.values(countByNode(spread))).toEqual([2, 2, 2, 2]);
  });
});

describe('rules about other Pods', () => {
  test('servers keep off each other, and the one too many says why it waits', async () => {
    const same = { labelSelector: { matchLabels: { 'proffer.dev/pool': 'apart' } } };
    const podSpec = {
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'kubernetes.io/hostname', ...same },
          ],
        },
      },
    };
    const servers = await settle({ name: 'apart', replicas: 5, podSpec }, 4);
    expect(Object.values(countByNode(servers))).toEqual([1, 1, 1, 1]);
    await expect
      .poll(() => condition('apart', 'Placed'))
      .toMatchObject({
        status: 'False',
        reason: 'NoMatchingNode',
        message: expect.stringContaining("4 didn't match pod anti-affinity rules"),
      });
  });

  test('servers are spread over zones, one more in one than in the other', async () => {
    const topologySpreadConstraints = [
      {
        maxSkew: 1,
        topologyKey: 'topology.kubernetes.io/zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { 'proffer.dev/pool': 'even' } },
      },
    ];
    const servers = await settle({ name: 'even', replicas: 7, podSpec: { topologySpreadConstraints } }, 7);
    const inZone = (odd: number) => nodesOf(servers).filter((node) => NODES.indexOf(node) % 2 === odd).length;
    expect(Math.abs(inZone(0) - inZone(1))).toBe(1);
  });
});

describe('classes that a template names', () => {
  const priorityClass = {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'arcade' },
    value: 1000,
    preemptionPolicy: 'Never',
  };
  const toleration = { key: 'sandbox', operator: 'Exists', effect: 'NoSchedule' };
  const runtimeClass = {
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: { name: 'sandbox' },
    handler: 'sandbox',
    overhead: { podFixed: { cpu: '500m', memory: '64Mi' } },
    scheduling: { nodeSelector: { sandbox: 'yes' }, tolerations: [toleration] },
  };

  afterAll(() => arena?.cluster.kubectl('delete', '--ignore-not-found', 'pc/arcade', 'runtimeclass/sandbox'));

  test('hold it while they do not exist, and count in full once they do', async () => {
    const [home] = NODES as [string];
    await arena.cluster.kubectl('label', 'node', home, 'sandbox=yes');
    await arena.cluster.kubectl('taint', 'node', home, 'sandbox=yes:NoSchedule');
    try {
      const podSpec = { priorityClassName: 'arcade', runtimeClassName: 'sandbox' };
      const wish = { name: 'boxed', replicas: 3, cpu: '500m', podSpec };
      await settle(wish, 0);
      const held = (text: string) =>
        until(text, async () => (await condition('boxed', 'Placed'))?.message.includes(text) === true);
      await held('template.spec.priorityClassName: there is no PriorityClass "arcade"');
      await expect
        .poll(() => condition('boxed', 'Placed'))
        .toMatchObject({ status: 'False', reason: 'ClassNotUsable' });
      await arena.apply(priorityClass);
      await held('template.spec.runtimeClassName: there is no RuntimeClass "sandbox"');
      await arena.apply(runtimeClass);

      // 2 cpus: with the overhead two servers fill them, without it there would be room for four.
      const servers = await settle(wish, 2);
      await held('1 of 3 servers waiting');
      expect(countByNode(servers)).toEqual({ [home]: 2 });
      for (const { spec } of servers) {
        expect(spec).toMatchObject({
          priorityClassName: 'arcade',
          priority: 1000,
          preemptionPolicy: 'Never',
          overhead: { cpu: '500m', memory: '64Mi' },
          nodeSelector: { sandbox: 'yes' },
          tolerations: expect.arrayContaining([toleration]) as unknown,
        });
      }
    } finally {
      await arena.cluster.kubectl('taint', 'node', home, 'sandbox-');
      await arena.cluster.kubectl('label', 'node', home, 'sandbox-');
    }
  });
});

describe('templates that cannot be honoured', () => {
  test('a field that Proffer does not know is named, and no Pod is made', async () => {
    const resourceClaims = [{ name: 'gpu', resourceClaimTemplateName: 'gpu' }];
    await arena.apply(poolManifest({ name: 'claims', replicas: 2, podSpec: { resourceClaims } }));
    await until('the condition', async () => (await condition('claims', 'Supported'))?.status === 'False');
    await expect
      .poll(() => condition('claims', 'Supported'))
      .toMatchObject({
        reason: 'UnsupportedField',
        message: 'not supported, remove it: template.spec.resourceClaims',
      });
    expect(await arena.pods('proffer.dev/pool=claims')).toEqual([]);

    await arena.cluster.kubectl(
      'patch',
      'gsp',
      'claims',
      '--type=json',
      '-p',
      '[{"op":"remove","path":"/spec/template/spec/resourceClaims"}]',
    );
    await arena.ready('claims', 2);
    await expect.poll(() => condition('claims', 'Supported')).toMatchObject({ status: 'True' });
  });
});
