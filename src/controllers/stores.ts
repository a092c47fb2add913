import type { Store } from '../kube/store.ts';
import type { AgentFacts } from '../snapshot/agent.ts';
import type { NamespaceFacts } from '../snapshot/namespace.ts';
import type { PriorityClassFacts } from '../snapshot/priority-class.ts';
import type { RuntimeClassFacts } from '../snapshot/runtime-class.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { JobFacts, PoolFacts, RoleFacts } from '../snapshot/workload.ts';

/** The mirrored state of the cluster that the loops read. */
export interface Stores {
  readonly nodes: Store<AgentFacts>;
  readonly pods: Store<PodFacts>;
  readonly pools: Store<PoolFacts>;
  readonly jobs: Store<JobFacts>;
  readonly roles: Store<RoleFacts>;
  readonly namespaces: Store<NamespaceFacts>;
  readonly priorityClasses: Store<PriorityClassFacts>;
  readonly runtimeClasses: Store<RuntimeClassFacts>;
}
