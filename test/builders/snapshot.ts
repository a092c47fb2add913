import type { Admitted } from '../../src/snapshot/admitted.ts';
import { agentFacts } from '../../src/snapshot/agent.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import type { Inputs } from '../../src/world/inputs.ts';
import { buildSnapshot } from '../../src/world/world.ts';
import type { Hold } from '../../src/snapshot/hold.ts';
import { namespaceFacts, type NamespaceFacts } from '../../src/snapshot/namespace.ts';
import { priorityClassFacts, type RawPriorityClass } from '../../src/snapshot/priority-class.ts';
import { runtimeClassFacts, type RawRuntimeClass } from '../../src/snapshot/runtime-class.ts';
import { serviceFacts, type ServiceFacts } from '../../src/snapshot/service.ts';
import { PortRanges, type PortRange } from '../../src/snapshot/port-ranges.ts';
import { createPodReader } from '../../src/snapshot/task.ts';
import { jobFacts } from '../../src/frameworks/job/facts.ts';
import { poolFacts } from '../../src/frameworks/pool/facts.ts';
import { roleFacts } from '../../src/snapshot/workload.ts';
import { HEALTHY, type AgentHealth } from '../../src/recovery/health.ts';
import { JobBuilder } from './job.ts';
import { NodeBuilder } from './node.ts';
import { PodBuilder } from './pod.ts';
import { PoolBuilder } from './pool.ts';
import { RoleBuilder } from './role.ts';
import { storageOf, type RawStorage } from './storage.ts';
import { NOW } from './time.ts';
import { DRIVERS } from '../../src/frameworks/drivers.ts';

/** A thing that a cluster can hold. */
export type Buildable = NodeBuilder | PodBuilder | PoolBuilder | JobBuilder | RoleBuilder;

/** Makes a snapshot of built objects, each read as the operator reads it. */
export class SnapshotBuilder {
  readonly #objects: Buildable[] = [];
  readonly #health = new Map<string, AgentHealth>();
  readonly #holds = new Map<string, Hold>();
  readonly #namespaces: NamespaceFacts[] = [];
  readonly #services: ServiceFacts[] = [];
  #storage: RawStorage = {};
  readonly #priorityClasses: RawPriorityClass[] = [];
  readonly #runtimeClasses: RawRuntimeClass[] = [];
  #now = NOW;
  #admitted: ReadonlyMap<string, Admitted> | undefined;
  #hostPorts: Record<string, PortRange> = { default: { first: 7000, last: 8000 } };

  /** Nodes, Pods, pools, jobs and roles, in any order. */
  with(...objects: readonly Buildable[]): this {
    this.#objects.push(...objects);
    return this;
  }

  /** What monitoring knows of a node; fields left out are those of a healthy one. */
  health(node: string, health: Partial<AgentHealth>): this {
    this.#health.set(node, { ...HEALTHY, ...health });
    return this;
  }

  /** A framework, by id, that the API server refuses Pods of. */
  hold(framework: string, hold: Hold): this {
    this.#holds.set(framework, hold);
    return this;
  }

  /** Labels of a namespace. */
  namespace(name: string, labels: Readonly<Record<string, string>>): this {
    this.#namespaces.push(namespaceFacts({ metadata: { name, labels } }));
    return this;
  }

  /** A Service of the namespace default, by what it selects. */
  service(name: string, selector: Readonly<Record<string, string>>): this {
    this.#services.push(serviceFacts({ metadata: { name, namespace: 'default' }, spec: { selector } }));
    return this;
  }

  /** A PriorityClass; further fields as in its manifest. */
  priorityClass(name: string, value: number, fields: Partial<RawPriorityClass> = {}): this {
    this.#priorityClasses.push({ metadata: { name }, value, ...fields });
    return this;
  }

  /** A RuntimeClass with the fields of its manifest. */
  runtimeClass(name: string, fields: Partial<RawRuntimeClass>): this {
    this.#runtimeClasses.push({ metadata: { name }, ...fields });
    return this;
  }

  /** What volumes are made of. */
  storage(raw: RawStorage): this {
    this.#storage = raw;
    return this;
  }

  /** What the API server makes of classes of Pods; when left out nobody asks it. */
  admitted(...classes: readonly (readonly [key: string, Admitted])[]): this {
    this.#admitted = new Map(classes);
    return this;
  }

  /** A range of host ports; the one that ports without a range come from when it has no name. */
  hostPorts(first: number, last: number, name = 'default'): this {
    this.#hostPorts[name] = { first, last };
    return this;
  }

  /** Moves the instant of the snapshot, seconds after NOW. */
  later(seconds: number): this {
    this.#now = NOW + seconds * 1000;
    return this;
  }

  /** The inputs of buildSnapshot. */
  inputs(): Inputs {
    const read = createPodReader();
    return {
      now: this.#now,
      agents: this.#objects.filter((o) => o instanceof NodeBuilder).map((o) => agentFacts(o.build())),
      pods: this.#objects.filter((o) => o instanceof PodBuilder).map((o) => read(o.build())),
      workloads: [
        ...this.#objects.filter((o) => o instanceof PoolBuilder).map((o) => poolFacts(o.build())),
        ...this.#objects.filter((o) => o instanceof JobBuilder).map((o) => jobFacts(o.build())),
      ],
      roles: this.#objects.filter((o) => o instanceof RoleBuilder).map((o) => roleFacts(o.build())),
      namespaces: this.#namespaces,
      services: this.#services,
      storage: storageOf(this.#storage),
      priorityClasses: this.#priorityClasses.map(priorityClassFacts),
      runtimeClasses: this.#runtimeClasses.map(runtimeClassFacts),
      health: this.#health,
      holds: this.#holds,
      hostPorts: new PortRanges(this.#hostPorts),
      ...(this.#admitted ? { admitted: this.#admitted } : {}),
    };
  }

  build(): Snapshot {
    return buildSnapshot(onceOnly(this.inputs()), DRIVERS);
  }
}

/** What can be gone through once. */
function* once<T>(items: Iterable<T>): Generator<T, void> {
  yield* items;
}

/** The same inputs as the operator's stores give them: each list can be gone through once. */
const onceOnly = (inputs: Inputs): Inputs => ({
  ...inputs,
  agents: once(inputs.agents),
  pods: once(inputs.pods),
  workloads: once(inputs.workloads),
  roles: once(inputs.roles),
  namespaces: once(inputs.namespaces),
  services: once(inputs.services),
  priorityClasses: once(inputs.priorityClasses),
  runtimeClasses: once(inputs.runtimeClasses),
});

export const aSnapshot = (): SnapshotBuilder => new SnapshotBuilder();
