import { agentFacts, type AgentFacts } from '../snapshot/agent.ts';
import type { Inputs } from '../world/inputs.ts';
import { DEFAULT_RANGE, PortRanges, type PortRange } from '../snapshot/port-ranges.ts';
import { namespaceFacts } from '../snapshot/namespace.ts';
import { nodeLease } from '../snapshot/node-lease.ts';
import { readPod } from '../snapshot/reading/pod.ts';
import type { Faulty } from '../snapshot/reading/schema.ts';
import { priorityClassFacts, type PriorityClassFacts } from '../snapshot/priority-class.ts';
import { runtimeClassFacts } from '../snapshot/runtime-class.ts';
import { serviceFacts } from '../snapshot/service.ts';
import { createPodReader, withOwnTime, type PodFacts } from '../snapshot/task.ts';
import { jobFacts } from '../frameworks/job/facts.ts';
import { poolFacts } from '../frameworks/pool/facts.ts';
import { roleFacts, type RawObject, type Workload } from '../snapshot/workload.ts';
import { healthOfAgents } from './health.ts';
import type { ClusterObjects, Found } from './objects.ts';
import type { PodSpec } from '../snapshot/reading/objects.ts';
import { STORAGE, type StorageInputs, type StorageKind } from '../snapshot/volumes/storage.ts';

/** What the cycle needs to know that no object says. */
export interface Circumstances {
  /** ms since the epoch. */
  readonly now: number;
  /** Host ports that offers hand out; the operator's flag. */
  readonly hostPorts: PortRange;
  /** Further ranges of them, by name. */
  readonly portRanges?: Readonly<Record<string, PortRange>>;
  /** Every kind of objects was listed, so that of what is not there, there is none; left out for files. */
  readonly complete?: boolean;
  /** Told, in a sentence, what of an object cannot be read. It counts as far as it can, as it does for the operator. */
  readonly complain?: (sentence: string) => void;
}

/** The inputs of a cycle, in lists. */
export type ClusterInputs = Inputs & {
  readonly agents: readonly AgentFacts[];
  readonly pods: readonly PodFacts[];
  readonly workloads: readonly Workload[];
};

/**
 * Gives every resource that a Pod may ask for a column, though no node has it: of nodes that list none of it there is
 * nothing to have.
 */
function withColumns(agents: readonly AgentFacts[], asked: Iterable<string>): AgentFacts[] {
  const none = Object.fromEntries([...asked].map((name) => [name, 0]));
  return agents.map((agent, i) =>
    i === 0 ? { ...agent, allocatable: { ...none, ...agent.allocatable } } : agent,
  );
}

/** Reads the objects of a cluster into what a cycle looks at, each with the operator's own reader. */
export function inputsOf(
  cluster: ClusterObjects,
  { now, hostPorts, portRanges, complete = false, complain = () => {} }: Circumstances,
): ClusterInputs {
  const all = <T extends Faulty>(found: ReadonlyMap<string, Found>, reader: (raw: RawObject) => T): T[] =>
    Array.from(found.values(), ({ object, where }) => {
      const facts = reader(object);
      for (const fault of facts.faults) complain(`${where}: ${fault}`);
      return facts;
    });
  const agents = all(cluster.nodes, agentFacts);
  const readFacts = createPodReader();
  const facts = all(cluster.pods, (raw) => withOwnTime(readFacts(raw), undefined, now));
  const workloads = [...all(cluster.pools, poolFacts), ...all(cluster.jobs, jobFacts)];
  const asked = new Set(facts.flatMap((pod) => (pod.node === undefined ? Object.keys(pod.requests) : [])));
  return {
    now,
    hostPorts: new PortRanges({ [DEFAULT_RANGE]: hostPorts, ...portRanges }),
    agents: withColumns(agents, asked),
    pods: facts,
    workloads,
    roles: all(cluster.roles, roleFacts),
    namespaces: all(cluster.namespaces, namespaceFacts),
    services: all(cluster.services, serviceFacts),
    priorityClasses:
      cluster.priorityClasses.size > 0
        ? all(cluster.priorityClasses, priorityClassFacts)
        : classesShown([
            ...Array.from(cluster.pods.values(), ({ object }) => readPod(object).pod.spec),
            ...workloads.flatMap(({ groups }) => groups.map(({ shape }) => shape.spec!)),
          ]),
    runtimeClasses: all(cluster.runtimeClasses, runtimeClassFacts),
    storage: storageOf(cluster, complete, all),
    health: healthOfAgents(agents, all(cluster.leases, nodeLease), now),
    // What the API server refused lately stands in no object.
    holds: new Map(),
  };
}

/**
 * PriorityClasses as far as Pods and templates show them, for a dump that was made without asking for any: a cluster
 * always has two of its own. A class is what Pods of it bear, or 0 when only templates name it.
 */
function classesShown(specs: readonly PodSpec[]): PriorityClassFacts[] {
  const shown = new Map<string, PriorityClassFacts>();
  for (const { priorityClassName: name, priority: value = 0, preemptionPolicy } of specs) {
    if (!name || shown.get(name)?.priority) continue;
    shown.set(name, priorityClassFacts({ metadata: { name }, value, preemptionPolicy }));
  }
  return [...shown.values()];
}

/**
 * Reads what volumes are made of.
 * @param complete every kind was listed: of what is not there, there is none
 * @param all reads the objects of a kind
 */
const storageOf = (
  objects: ClusterObjects,
  complete: boolean,
  all: <T extends Faulty>(found: ReadonlyMap<string, Found>, reader: (raw: RawObject) => T) => T[],
): StorageInputs => ({
  claims: all(objects.claims, STORAGE.claims.read),
  volumes: all(objects.volumes, STORAGE.volumes.read),
  classes: all(objects.classes, STORAGE.classes.read),
  csiNodes: all(objects.csiNodes, STORAGE.csiNodes.read),
  csiDrivers: all(objects.csiDrivers, STORAGE.csiDrivers.read),
  csiCapacities: all(objects.csiCapacities, STORAGE.csiCapacities.read),
  attachments: all(objects.attachments, STORAGE.attachments.read),
  unread: new Set(complete ? [] : KINDS.filter((kind) => objects[kind].size === 0)),
});

const KINDS = Object.keys(STORAGE) as StorageKind[];
