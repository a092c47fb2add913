import { customerFramework, type CustomerPod } from './customers.ts';
import type { PodFacts } from './task.ts';
import type { AgentFacts } from './agent.ts';
import type { DemandClass, Framework, FrameworkDraft, Hold } from './framework.ts';
import { HEALTHY, type AgentHealth } from '../recovery/health.ts';
import { NO_MEMORY, type PreemptionMemory } from './preemption.ts';
import { NodePorts, type PortRange } from './ports.ts';
import { ResourceColumns, type Amounts } from './resources.ts';
import { jobFramework } from './job.ts';
import { readRolePaths } from './role-tree.ts';
import { readRoles, reservationsOf, RoleHoldings, type Role } from './roles.ts';
import { NamedClasses, ranked } from './named-classes.ts';
import type { NamespaceFacts } from './namespace.ts';
import type { NamespaceLabels } from './pod-rules.ts';
import { PodNames } from './pod-names.ts';
import { poolFramework } from './pool.ts';
import type { PriorityClassFacts } from './priority-class.ts';
import type { RuntimeClassFacts } from './runtime-class.ts';
import type { TaskPod, Watch } from './slots.ts';
import { readStorage, type Storage, type StorageInputs } from './volumes/storage.ts';
import type { JobFacts, PoolFacts, RoleFacts } from './workload.ts';

/** Everything the cycle looks at, as the stores hold it at one instant. */
export interface Inputs {
  /** ms since the epoch. */
  readonly now: number;
  readonly agents: Iterable<AgentFacts>;
  /** Every Pod of the cluster, then the launched ones that are not yet seen back. */
  readonly pods: Iterable<PodFacts>;
  readonly pools: Iterable<PoolFacts>;
  readonly jobs: Iterable<JobFacts>;
  readonly roles: Iterable<RoleFacts>;
  readonly namespaces: Iterable<NamespaceFacts>;
  readonly priorityClasses: Iterable<PriorityClassFacts>;
  readonly runtimeClasses: Iterable<RuntimeClassFacts>;
  /** What volumes are made of. */
  readonly storage: StorageInputs;
  /** Health by node name; a node that is not listed is healthy. */
  readonly health: ReadonlyMap<string, AgentHealth>;
  /** Frameworks that the API server refuses Pods of for now, by framework id. */
  readonly holds: ReadonlyMap<string, Hold>;
  readonly hostPorts: PortRange;
  /** Of the last cycles; nothing when left out. */
  readonly preemption?: PreemptionMemory;
}

/** One immutable picture of the cluster. n agents, k classes, R resource columns. */
export interface Snapshot {
  readonly now: number;
  readonly columns: ResourceColumns;
  /** Sorted by name; the position is the agent's number. */
  readonly agents: readonly AgentFacts[];
  /** S, n x R: what each agent can still give; never negative. */
  readonly supply: Int32Array;
  /** n x R: allocatable. */
  readonly allocatable: Int32Array;
  /** R: sum of allocatable over the agents, the base of dominant shares. */
  readonly total: Float64Array;
  /** Host ports in use on each agent. */
  readonly ports: readonly NodePorts[];
  readonly health: readonly AgentHealth[];
  readonly frameworks: readonly Framework[];
  readonly classes: readonly DemandClass[];
  /** Sorted by path. */
  readonly roles: readonly Role[];
  /** Every Pod, bound or not, in no order. */
  readonly pods: readonly PodFacts[];
  /** Those of them that are bound and whose rules have a say in where others may go. */
  readonly ruling: readonly PodFacts[];
  /** Those of them that are bound, have not ended and use claims. */
  readonly claimants: readonly PodFacts[];
  readonly storage: Storage;
  /** Number of an agent by its name. */
  readonly numbers: ReadonlyMap<string, number>;
  readonly namespaces: NamespaceLabels;
  /** The classes that Pods can name. */
  readonly named: NamedClasses;
  /** Amounts that the tasks of each framework hold, by column. */
  readonly held: readonly Float64Array[];
  readonly preemption: PreemptionMemory;
}

const byKey = <T extends { readonly key: string }>(items: Iterable<T>): T[] =>
  [...items].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));

/** Writes the amounts of one thing into a row; unknown resources get a column. */
function fillRow(
  row: Int32Array | Float64Array,
  offset: number,
  amounts: Amounts,
  columns: ResourceColumns,
): void {
  for (const name in amounts) row[offset + columns.add(name)] = amounts[name]!;
}

/**
 * A workload that is being deleted (in the foreground, or with its Pods orphaned) takes no more part: the garbage
 * collector ends its Pods, and would never be done if new ones came.
 */
const stays = ({ metadata }: PoolFacts | JobFacts): boolean => metadata.deletionTimestamp === undefined;

/** Builds the snapshot. The same inputs in any order give the same snapshot. */
export function buildSnapshot(inputs: Inputs): Snapshot {
  const agents = byKey(inputs.agents);
  const named = new NamedClasses(inputs.priorityClasses, inputs.runtimeClasses);
  const pools = byKey(inputs.pools)
    .filter(stays)
    .map((pool) => named.ofPool(pool));
  const jobs = byKey(inputs.jobs)
    .filter(stays)
    .map((job) => named.ofJob(job));
  const pods = [...inputs.pods];
  const columns = new ResourceColumns();
  for (const agent of agents) for (const name in agent.allocatable) columns.add(name);
  const roles = byKey(inputs.roles);
  for (const { quota } of roles) {
    const named = [quota.guarantee, quota.limit, ...quota.reservations.map(({ amounts }) => amounts)];
    for (const amounts of named) for (const name in amounts) columns.add(name);
  }
  const shapes = [...pools.map((p) => p.shape), ...jobs.flatMap((j) => j.shapes)];
  for (const { demand } of shapes) columns.share(demand);
  for (const { customer } of pods) if (customer?.shape) columns.share(customer.shape.demand);
  const R = columns.count;

  const rowOf = new Map(agents.map((agent, i) => [agent.name, i]));
  const allocatable = new Int32Array(agents.length * R);
  agents.forEach((agent, i) => fillRow(allocatable, i * R, agent.allocatable, columns));
  const total = new Float64Array(R);
  for (let i = 0; i < allocatable.length; i++) total[i % R]! += allocatable[i]!;

  const supply = allocatable.slice();
  const ports = agents.map(() => new NodePorts(inputs.hostPorts));
  const tasks = new Map<string, TaskPod[]>();
  const customers = new Map<string, CustomerPod[]>();
  const names = new Set<string>();
  const ruling: PodFacts[] = [];
  const claimants: PodFacts[] = [];
  const heldBy = new Map<string, Float64Array>();
  const paths = readRolePaths(roles);
  const placed = reservationsOf(paths, agents, allocatable, columns);
  const holdings = new RoleHoldings(columns, paths.pathOf, placed.agents);
  for (const pod of pods) {
    names.add(pod.key);
    if (pod.task) {
      const list = tasks.get(pod.task.owner);
      if (list) list.push(pod as TaskPod);
      else tasks.set(pod.task.owner, [pod as TaskPod]);
    } else if (pod.customer) {
      const list = customers.get(pod.customer.framework.id);
      if (list) list.push(pod as CustomerPod);
      else customers.set(pod.customer.framework.id, [pod as CustomerPod]);
    }
    if (pod.terminal) continue;
    // Another scheduler has cleared a node for it: the room is as good as taken.
    const node = pod.node ?? (pod.customer ? undefined : pod.nominated);
    const row = node === undefined ? undefined : rowOf.get(node);
    if (row !== undefined) {
      subtract(supply, row * R, pod.requests, columns);
      for (const port of pod.hostPorts) ports[row]!.take(port);
    }
    if (pod.node === undefined) continue;
    if (pod.standing) ruling.push(pod);
    if (pod.claims.length > 0) claimants.push(pod);
    const account = pod.task?.owner ?? pod.customer?.framework.id;
    if (account === undefined) continue;
    charge(heldBy, account, pod.requests, columns, R);
    holdings.add((pod.task ?? pod.customer)!.role, pod.requests, row);
  }

  const watch: Watch = {
    now: inputs.now,
    healthOf: (node) => (rowOf.has(node) ? (inputs.health.get(node) ?? HEALTHY) : undefined),
    names: new PodNames(names),
  };
  for (const list of tasks.values()) list.sort((a, b) => (a.key < b.key ? -1 : 1));
  const tasksOf = (uid: string | undefined) => tasks.get(uid ?? '') ?? [];
  const drafts: FrameworkDraft[] = [
    ...pools.map((p) =>
      ranked(poolFramework(p, tasksOf(p.metadata.uid), inputs.holds.get(`gsp/${p.key}`), watch), p.standing),
    ),
    ...jobs.map((j) =>
      ranked(jobFramework(j, tasksOf(j.metadata.uid), inputs.holds.get(`tj/${j.key}`), watch), j.standing),
    ),
    ...[...customers]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, theirs]) => customerFramework(theirs, inputs.holds.get(id), inputs.now)),
  ];
  const { frameworks, classes } = number(drafts, paths.pathOf);
  const none = new Float64Array(R);
  return {
    now: inputs.now,
    columns,
    agents,
    supply,
    allocatable,
    total,
    ports,
    health: agents.map((agent) => watch.healthOf(agent.name) ?? HEALTHY),
    frameworks,
    classes,
    roles: readRoles(paths, frameworks, placed, holdings, columns),
    pods,
    ruling,
    claimants,
    storage: readStorage(inputs.storage),
    numbers: rowOf,
    named,
    namespaces: new Map(Array.from(inputs.namespaces, ({ key, labels }) => [key, labels])),
    held: frameworks.map((f) => heldBy.get(f.metadata.uid ?? f.id) ?? none),
    preemption: inputs.preemption ?? NO_MEMORY,
  };
}

function subtract(supply: Int32Array, offset: number, requests: Amounts, columns: ResourceColumns): void {
  for (const name in requests) {
    const column = columns.get(name);
    if (column === undefined) continue;
    const at = offset + column;
    // Somebody else may have over-committed the node; below zero nothing more can be taken anyway.
    supply[at] = Math.max(0, supply[at]! - requests[name]!);
  }
}

function charge(
  accounts: Map<string, Float64Array>,
  account: string,
  requests: Amounts,
  columns: ResourceColumns,
  R: number,
): void {
  let held = accounts.get(account);
  if (!held) accounts.set(account, (held = new Float64Array(R)));
  for (const name in requests) {
    const column = columns.get(name);
    if (column !== undefined) held[column]! += requests[name]!;
  }
}

/** Gives frameworks and classes their numbers, and frameworks their place in the tree of roles. */
function number(
  drafts: readonly FrameworkDraft[],
  pathOf: (role: string) => string,
): { frameworks: Framework[]; classes: DemandClass[] } {
  const classes: DemandClass[] = [];
  const frameworks = drafts.map((draft, index): Framework => {
    const own = draft.classes.map((c): DemandClass => {
      const demandClass = { ...c, id: classes.length, framework: index };
      classes.push(demandClass);
      return demandClass;
    });
    return { ...draft, rolePath: pathOf(draft.role), index, classes: own };
  });
  return { frameworks, classes };
}
