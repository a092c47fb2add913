import type { ContainerState, ContainerStatus, Pod } from './objects.ts';
import { meta, statusCondition } from './meta.ts';
import { podSpec, resourceMap } from './pod-spec.ts';
import { list, object, read, reference, text, whole } from './schema.ts';

const requested = object<{ readonly requests?: NonNullable<ContainerStatus['allocatedResources']> }>({
  requests: resourceMap,
});

const containerState = object<ContainerState>({
  running: object<NonNullable<ContainerState['running']>>({ startedAt: text }),
  terminated: object<NonNullable<ContainerState['terminated']>>(
    {
      exitCode: whole,
      containerID: text,
      reason: text,
      message: text,
      startedAt: text,
      finishedAt: text,
    },
    ['exitCode'],
  ),
  waiting: object<NonNullable<ContainerState['waiting']>>({ reason: text, message: text }),
});

const containerStatus = object<ContainerStatus>(
  {
    name: text,
    containerID: text,
    state: containerState,
    lastState: containerState,
    allocatedResources: resourceMap,
    resources: requested,
  },
  ['name'],
);

const podSchema = object<Omit<Pod, 'spec'> & Partial<Pick<Pod, 'spec'>>>(
  {
    metadata: meta,
    spec: podSpec,
    status: object<NonNullable<Pod['status']>>({
      phase: text,
      reason: text,
      message: text,
      hostIP: text,
      podIP: reference,
      nominatedNodeName: reference,
      conditions: list(statusCondition),
      containerStatuses: list(containerStatus),
      initContainerStatuses: list(containerStatus),
      allocatedResources: resourceMap,
      resources: requested,
    }),
  },
  ['metadata'],
);

/** A Pod as far as it can be read. */
export interface PodReading {
  readonly pod: Pod;
  /** What of it cannot be read. */
  readonly faults: readonly string[];
  /** Its PodSpec as it came, with what no schema knows. */
  readonly sent: unknown;
}

/** Reads a Pod as far as it can be read, and says what cannot. */
export function readPod(raw: object): PodReading {
  const { value, faults } = read(podSchema, raw);
  const pod = { metadata: { name: '' }, spec: { containers: [] }, ...value };
  return { pod, faults, sent: (raw as { readonly spec?: unknown }).spec };
}
