import type { Store } from '../kube/store.ts';
import type { AgentFacts } from '../snapshot/agent.ts';
import type { NamespaceFacts } from '../snapshot/namespace.ts';
import type { PriorityClassFacts } from '../snapshot/priority-class.ts';
import type { RuntimeClassFacts } from '../snapshot/runtime-class.ts';
import type { ServiceFacts } from '../snapshot/service.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { StorageFacts, StorageInputs, StorageKind } from '../snapshot/volumes/storage.ts';
import type { JobFacts, PoolFacts, RoleFacts } from '../snapshot/workload.ts';

/** Stores of what volumes are made of. */
export type StorageStores = { readonly [K in StorageKind]: Store<StorageFacts[K]> };

/** What they hold now. */
export const storageInputs = (stores: StorageStores): StorageInputs => ({
  claims: stores.claims.values(),
  volumes: stores.volumes.values(),
  classes: stores.classes.values(),
  csiNodes: stores.csiNodes.values(),
  csiDrivers: stores.csiDrivers.values(),
  csiCapacities: stores.csiCapacities.values(),
  attachments: stores.attachments.values(),
});

/** The mirrored state of the cluster that the loops read. */
export interface Stores {
  readonly nodes: Store<AgentFacts>;
  readonly pods: Store<PodFacts>;
  readonly pools: Store<PoolFacts>;
  readonly jobs: Store<JobFacts>;
  readonly roles: Store<RoleFacts>;
  readonly namespaces: Store<NamespaceFacts>;
  readonly services: Store<ServiceFacts>;
  readonly storage: StorageStores;
  readonly priorityClasses: Store<PriorityClassFacts>;
  readonly runtimeClasses: Store<RuntimeClassFacts>;
}
