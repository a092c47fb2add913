import { parseTime } from '../lib/time.ts';
import type { NodeTraits } from './constraints.ts';
import { record } from '../lib/record.ts';
import { readNode } from './reading/node.ts';
import type { Faulty } from './reading/schema.ts';
import { amountsOf, type Amounts } from './resources.ts';

/** What Proffer keeps of a Node: an agent that offers resources. */
export interface AgentFacts extends NodeTraits, Faulty {
  /** Store key: the node's name. */
  readonly key: string;
  readonly uid: string;
  /** Whole units, rounded up as kube-scheduler does. */
  readonly allocatable: Amounts;
  /** Status of the Ready condition; Missing when there is none. */
  readonly ready: 'True' | 'False' | 'Unknown' | 'Missing';
  /** When the Ready condition last changed, ms since the epoch; 0 when it does not say. */
  readonly readySince: number;
  /** Pressure conditions that are True: MemoryPressure, DiskPressure, PIDPressure, NetworkUnavailable. */
  readonly pressures: readonly string[];
  readonly deleting: boolean;
  /** It is to be empty: somebody cordoned it, or a node autoscaler takes it away. */
  readonly drained: boolean;
  /** Names the run of its machine: another one after each reboot; undefined when it does not say. */
  readonly bootId: string | undefined;
  /** Where its kubelet listens: its internal address, or the first it has; empty when it has none. */
  readonly address: string;
  /** All of its addresses, as its Pods tell them: `ExternalIP=203.0.113.7,InternalIP=10.0.0.5`. */
  readonly addresses: string;
}

/** Taints by which cluster-autoscaler and Karpenter say that they are about to take a node away. */
const GOING = new Set(['ToBeDeletedByClusterAutoscaler', 'karpenter.sh/disrupted']);

/** Most addresses of a node that are told. */
const MOST_ADDRESSES = 16;

const PRESSURES = new Set(['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable']);

/**
 * Reads a Node. One of which something cannot be read takes no new tasks: that may be the taint that keeps them away.
 */
export function agentFacts(raw: object): AgentFacts {
  const { object, faults } = readNode(raw);
  const { metadata, spec, status } = object;
  const conditions = status?.conditions ?? [];
  const addresses = status?.addresses ?? [];
  const ready = conditions.find((c) => c.type === 'Ready');
  return {
    key: metadata.name,
    name: metadata.name,
    uid: metadata.uid ?? '',
    labels: metadata.labels ?? record(),
    taints: spec?.taints ?? [],
    unschedulable: faults.length > 0 || (spec?.unschedulable ?? false),
    allocatable: amountsOf(status?.allocatable, 'up'),
    ready: readyOf(ready?.status),
    readySince: parseTime(ready?.lastTransitionTime),
    pressures: conditions.filter((c) => PRESSURES.has(c.type) && c.status === 'True').map((c) => c.type),
    deleting: metadata.deletionTimestamp !== undefined,
    // Of a node that cannot be read nobody knows: nobody is sent away from there.
    drained:
      faults.length === 0 &&
      ((spec?.unschedulable ?? false) || (spec?.taints ?? []).some(({ key }) => GOING.has(key))),
    bootId: status?.nodeInfo?.bootID,
    address: (addresses.find((a) => a.type === 'InternalIP') ?? addresses[0])?.address ?? '',
    addresses: addresses
      .slice(0, MOST_ADDRESSES)
      .map(({ type, address }) => `${type}=${address}`)
      .join(','),
    faults,
  };
}

/** Reads the status of a Ready condition; undefined where there is none. */
function readyOf(status: string | undefined): AgentFacts['ready'] {
  if (status === undefined) return 'Missing';
  return status === 'True' || status === 'False' ? status : 'Unknown';
}

/**
 * What monitoring goes by of the Ready condition.
 * @param now of the same clock as `readySince`, ms
 */
export const readiness = ({ ready, readySince }: Pick<AgentFacts, 'ready' | 'readySince'>, now: number) => ({
  notReadyMs: ready === 'True' ? undefined : readySince === 0 ? 0 : now - readySince,
  unreported: ready === 'Missing',
});
