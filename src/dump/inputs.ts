import { agentFacts, type AgentFacts } from '../snapshot/agent.ts';
import type { Inputs } from '../snapshot/build.ts';
import type { Node, Pod } from '../snapshot/objects.ts';
import type { PortRange } from '../snapshot/ports.ts';
import { namespaceFacts } from '../snapshot/namespace.ts';
import { priorityClassFacts } from '../snapshot/priority-class.ts';
import { runtimeClassFacts } from '../snapshot/runtime-class.ts';
import { createPodReader, type PodFacts } from '../snapshot/task.ts';
import {
  jobFacts,
  poolFacts,
  roleFacts,
  type JobFacts,
  type PoolFacts,
  type RawObject,
} from '../snapshot/workload.ts';
import { complaint } from './complaint.ts';
import { DumpError } from './dump-error.ts';
import { healthOfAgents } from './health.ts';
import type { ClusterObjects, Found } from './objects.ts';
import { classesShown } from './shown-classes.ts';
import { storageOf } from './storage.ts';

/** What the cycle needs to know that no object says. */
export interface Circumstances {
  /** ms since the epoch. */
  readonly now: number;
  /** Host ports that offers hand out; the operator's flag. */
  readonly hostPorts: PortRange;
  /** Every kind of objects was listed, so that of what is not there, there is none; left out for files. */
  readonly complete?: boolean;
}

/** The inputs of a cycle, in lists. */
export type ClusterInputs = Inputs & {
  readonly agents: readonly AgentFacts[];
  readonly pods: readonly PodFacts[];
  readonly pools: readonly PoolFacts[];
  readonly jobs: readonly JobFacts[];
};

/** Reads one object as the operator does when the watch brings it. @throws DumpError */
function read<T>({ object, where }: Found, reader: (object: RawObject) => T): T {
  try {
    return reader(object);
  } catch (error) {
    throw new DumpError(`${where}: ${complaint(object, error)}`, { cause: error });
  }
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Checks the fields that the API server never leaves out, and hands the object on as what it is. @throws DumpError */
export function asPod({ object, where }: Found): Pod {
  const { spec } = object;
  const containers = isMap(spec) ? spec['containers'] : undefined;
  if (!Array.isArray(containers) || containers.length === 0) {
    throw new DumpError(`${where}: spec.containers is missing: a Pod has at least one container`);
  }
  containers.forEach((container: unknown, i) => {
    if (!isMap(container))
      throw new DumpError(`${where}: spec.containers[${i}] must be a map, as in a Pod manifest`);
  });
  return object as Pod;
}

const readNode = (raw: RawObject): AgentFacts => agentFacts(raw as Node);

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

/**
 * Reads the objects of a cluster into what a cycle looks at, each with the operator's own reader.
 * @throws DumpError that names the object and the field that cannot be read
 */
export function inputsOf(
  cluster: ClusterObjects,
  { now, hostPorts, complete = false }: Circumstances,
): ClusterInputs {
  const { nodes, pods, namespaces, pools, jobs, roles, leases } = cluster;
  const all = <T>(found: ReadonlyMap<string, Found>, reader: (raw: RawObject) => T): T[] =>
    [...found.values()].map((each) => read(each, reader));
  const agents = all(nodes, readNode);
  const readPod = createPodReader();
  const facts = [...pods.values()].map((found) => {
    const pod = asPod(found);
    return read(found, () => readPod(pod));
  });
  const asked = new Set(facts.flatMap((pod) => (pod.node === undefined ? Object.keys(pod.requests) : [])));
  return {
    now,
    hostPorts,
    agents: withColumns(agents, asked),
    pods: facts,
    pools: all(pools, poolFacts),
    jobs: all(jobs, jobFacts),
    roles: all(roles, roleFacts),
    namespaces: all(namespaces, namespaceFacts),
    priorityClasses: [...all(cluster.priorityClasses, priorityClassFacts), ...classesShown(cluster)],
    runtimeClasses: all(cluster.runtimeClasses, runtimeClassFacts),
    storage: storageOf(cluster, complete, all),
    health: healthOfAgents(agents, leases.values(), now),
    // What the API server refused lately stands in no object.
    holds: new Map(),
  };
}
