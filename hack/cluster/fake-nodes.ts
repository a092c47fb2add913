import { ApiClient } from './api.ts';
import type { ClusterPaths } from './paths.ts';
import type { FakeNodeShape } from './shape.ts';

const REQUESTS_AT_ONCE = 32;

/** Put on a Node by admission when it is made; only the node-lifecycle controller would take it off. */
const NOT_READY = 'node.kubernetes.io/not-ready';

const fakeNode = (index: number, shape: FakeNodeShape): unknown => {
  const name = fakeNodeName(index);
  const { cpu, memory, pods } = shape;
  const resources = { cpu, memory, pods, 'ephemeral-storage': '200Gi', ...shape.extended };
  const now = new Date().toISOString();
  const condition = (type: string, status: string, reason: string): unknown => ({
    type,
    status,
    reason,
    message: 'fake node',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  });
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { 'kwok.x-k8s.io/node': 'fake', 'node.alpha.kubernetes.io/ttl': '0' },
      labels: {
        type: 'fake',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'topology.kubernetes.io/region': 'local',
        'topology.kubernetes.io/zone': `zone-${(index % shape.zones) + 1}`,
        ...shape.labels,
      },
    },
    status: {
      capacity: resources,
      allocatable: resources,
      addresses: [{ type: 'Hostname', address: name }],
      nodeInfo: {
        machineID: name,
        systemUUID: name,
        bootID: name,
        kernelVersion: 'fake',
        osImage: 'fake',
        containerRuntimeVersion: 'fake://1',
        kubeletVersion: 'fake',
        kubeProxyVersion: '',
        operatingSystem: 'linux',
        architecture: 'amd64',
      },
      conditions: [
        condition('Ready', 'True', 'KubeletReady'),
        condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory'),
        condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure'),
        condition('PIDPressure', 'False', 'KubeletHasSufficientPID'),
      ],
    },
  };
};

/** Name of the fake node with that index, counted from 0. */
const fakeNodeName = (index: number): string => `fake-${String(index).padStart(5, '0')}`;

/**
 * Adds fake nodes to a cluster, after those that it has, Ready and without taints.
 * @throws ClusterError CommandFailed for the first that the API server refused
 */
export const addFakeNodes = async (
  paths: ClusterPaths,
  server: string,
  count: number,
  shape: FakeNodeShape,
): Promise<void> => {
  const api = new ApiClient(server, paths.pki, REQUESTS_AT_ONCE);
  try {
    const present = await api.list('/api/v1/nodes?labelSelector=type%3Dfake');
    const taken = new Set(present.map((node) => node.metadata.name));
    const free: number[] = [];
    for (let index = 0; free.length < count; index++) if (!taken.has(fakeNodeName(index))) free.push(index);
    const queue = free.values();
    const worker = async (): Promise<void> => {
      for (const index of queue) {
        const made = await api.create('/api/v1/nodes', fakeNode(index, shape));
        if (made.spec?.taints?.some(({ key }) => key === NOT_READY))
          await api.patch(`/api/v1/nodes/${fakeNodeName(index)}`, { spec: { taints: null } });
      }
    };
    await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, worker));
  } finally {
    await api.close();
  }
};
