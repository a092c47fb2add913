import { parseTime } from '../lib/time.ts';
import type { NodeTraits } from './constraints.ts';
import type { Node } from './objects.ts';
import { amountsOf, type Amounts } from './resources.ts';

/** What Proffer keeps of a Node: an agent that offers resources. */
export interface AgentFacts extends NodeTraits {
  /** Store key: the node's name. */
  readonly key: string;
  readonly uid: string;
  /** Whole units, rounded down. */
  readonly allocatable: Amounts;
  /** Status of the Ready condition. */
  readonly ready: 'True' | 'False' | 'Unknown';
  /** When the Ready condition last changed, ms since the epoch. */
  readonly readySince: number;
  /** Pressure conditions that are True: MemoryPressure, DiskPressure, PIDPressure, NetworkUnavailable. */
  readonly pressures: readonly string[];
  readonly deleting: boolean;
  /** Where its kubelet listens: its internal address, or the first it has; empty when it has none. */
  readonly address: string;
}

const PRESSURES = new Set(['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable']);

/** Reads a Node. @throws QuantityError when an allocatable quantity cannot be read. */
export function agentFacts(node: Node): AgentFacts {
  const { metadata, spec, status } = node;
  const conditions = status?.conditions ?? [];
  const addresses = status?.addresses ?? [];
  const ready = conditions.find((c) => c.type === 'Ready');
  return {
    key: metadata.name,
    name: metadata.name,
    uid: metadata.uid ?? '',
    labels: metadata.labels ?? {},
    taints: spec?.taints ?? [],
    unschedulable: spec?.unschedulable ?? false,
    allocatable: amountsOf(status?.allocatable, 'down'),
    ready: ready?.status === 'True' || ready?.status === 'False' ? ready.status : 'Unknown',
    readySince: parseTime(ready?.lastTransitionTime),
    pressures: conditions.filter((c) => PRESSURES.has(c.type) && c.status === 'True').map((c) => c.type),
    deleting: metadata.deletionTimestamp !== undefined,
    address: (addresses.find((a) => a.type === 'InternalIP') ?? addresses[0])?.address ?? '',
  };
}
