import type { Store } from '../kube/store.ts';
import type { AgentFacts } from '../snapshot/agent.ts';
import type { NamespaceFacts } from '../snapshot/namespace.ts';
import type { PriorityClassFacts } from '../snapshot/priority-class.ts';
import type { RuntimeClassFacts } from '../snapshot/runtime-class.ts';
import type { ServiceFacts } from '../snapshot/service.ts';
import type { Inputs } from '../world/inputs.ts';
import { workloadId, type FrameworkRef, type FrameworkKind } from '../snapshot/framework-id.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { StorageFacts, StorageInputs, StorageKind } from '../snapshot/volumes/storage.ts';
import type { RoleFacts, Workload } from '../snapshot/workload.ts';
import type { Suspect } from './quarantine.ts';

/** Stores of what volumes are made of. */
export type StorageStores = { readonly [K in StorageKind]: Store<StorageFacts[K]> };

const storageInputs = (stores: StorageStores): StorageInputs => ({
  claims: stores.claims.values(),
  volumes: stores.volumes.values(),
  classes: stores.classes.values(),
  csiNodes: stores.csiNodes.values(),
  csiDrivers: stores.csiDrivers.values(),
  csiCapacities: stores.csiCapacities.values(),
  attachments: stores.attachments.values(),
});

/** Stores of workloads of ours, by kind. */
export type WorkloadStores = ReadonlyMap<FrameworkKind, Store<Workload>>;

/** The workload that a framework is; undefined when it is gone, and for Pods of others. */
export const workloadIn = (stores: WorkloadStores, { kind, key }: FrameworkRef): Workload | undefined =>
  stores.get(kind)?.get(key);

const allOf = (stores: WorkloadStores): Workload[] =>
  [...stores.values()].flatMap((store) => [...store.values()]);

/** The mirrored state of the cluster that the loops read. */
export interface Stores {
  readonly nodes: Store<AgentFacts>;
  readonly pods: Store<PodFacts>;
  readonly workloads: WorkloadStores;
  readonly roles: Store<RoleFacts>;
  readonly namespaces: Store<NamespaceFacts>;
  readonly services: Store<ServiceFacts>;
  readonly storage: StorageStores;
  readonly priorityClasses: Store<PriorityClassFacts>;
  readonly runtimeClasses: Store<RuntimeClassFacts>;
}

/** What a cycle takes from the stores. */
export const storeInputs = (stores: Stores) =>
  ({
    agents: stores.nodes.values(),
    workloads: allOf(stores.workloads),
    roles: stores.roles.values(),
    namespaces: stores.namespaces.values(),
    services: stores.services.values(),
    priorityClasses: stores.priorityClasses.values(),
    runtimeClasses: stores.runtimeClasses.values(),
    storage: storageInputs(stores.storage),
  }) satisfies Partial<Inputs>;

/** Every framework that there is. */
export function suspectsIn({ workloads, pods }: Stores): Suspect[] {
  const ids = new Map<string, string>();
  for (const workload of allOf(workloads)) ids.set(workloadId(workload), workload.metadata.namespace ?? '');
  for (const { customer, namespace } of pods.values())
    if (customer) ids.set(customer.framework.id, namespace);
  return Array.from(ids, ([id, namespace]) => ({ id, namespace }));
}
