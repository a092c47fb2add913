import type { Avoidance } from '../recovery/avoidance.ts';
import type { AgentHealth } from '../recovery/health.ts';
import type { AdmittedClasses } from '../snapshot/admitted.ts';
import type { AgentFacts } from '../snapshot/agent.ts';
import type { Hold } from '../snapshot/hold.ts';
import type { NamespaceFacts } from '../snapshot/namespace.ts';
import type { PortRanges } from '../snapshot/port-ranges.ts';
import type { PreemptionMemory } from '../snapshot/preemption.ts';
import type { PriorityClassFacts } from '../snapshot/priority-class.ts';
import type { RuntimeClassFacts } from '../snapshot/runtime-class.ts';
import type { ServiceFacts } from '../snapshot/service.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { StorageInputs } from '../snapshot/volumes/storage.ts';
import type { RoleFacts, Workload } from '../snapshot/workload.ts';

/** Everything the cycle looks at beside the Pods, as the stores hold it at one instant. */
export interface Surroundings {
  /** ms since the epoch. */
  readonly now: number;
  readonly agents: Iterable<AgentFacts>;
  /** Of all kinds, in any order. */
  readonly workloads: Iterable<Workload>;
  readonly roles: Iterable<RoleFacts>;
  readonly namespaces: Iterable<NamespaceFacts>;
  readonly services: Iterable<ServiceFacts>;
  readonly priorityClasses: Iterable<PriorityClassFacts>;
  readonly runtimeClasses: Iterable<RuntimeClassFacts>;
  /** What volumes are made of. */
  readonly storage: StorageInputs;
  /** Health by node name; a node that is not listed is healthy. */
  readonly health: ReadonlyMap<string, AgentHealth>;
  /** Frameworks that the API server refuses Pods of for now, by framework id. */
  readonly holds: ReadonlyMap<string, Hold>;
  readonly hostPorts: PortRanges;
  /** What the API server makes of Pods of ours; when left out they are what their templates say, and nobody asks. */
  readonly admitted?: AdmittedClasses;
  /** Where classes failed lately; what the Pods say when left out. */
  readonly avoidance?: Pick<Avoidance, 'nodesOf' | 'portsOn'>;
  /** Of the last cycles; nothing when left out. */
  readonly preemption?: PreemptionMemory;
}

/** Everything the cycle looks at. */
export interface Inputs extends Surroundings {
  /** Every Pod of the cluster, then the launched ones that are not yet seen back. */
  readonly pods: Iterable<PodFacts>;
}
