import type { Avoidance } from '../recovery/avoidance.ts';
import { admittedWorkload, heldUntilKnown, openQuestions, type AdmittedClasses } from './admitted.ts';
import { avoidanceOf, classKey } from './class.ts';
import { customerSubjects, type CustomerPod } from './customer-groups.ts';
import type { Drafters, Subject } from './drafting.ts';
import { taskHolder, workloadHolder, workloadId } from './framework-id.ts';
import { numberReaders } from './index-labels.ts';
import { frozenDraft, unreadableHold } from './frozen.ts';
import type { PodFacts } from './task.ts';
import type { AgentFacts } from './agent.ts';
import type { DemandClass, Framework, FrameworkDraft, Hold } from './framework.ts';
import { REASON } from '../api/conditions.ts';
import { HEALTHY, type AgentHealth } from '../recovery/health.ts';
import { NO_MEMORY, type PreemptionMemory } from './preemption.ts';
import { NodePorts, type PortRange } from './ports.ts';
import { ResourceColumns, type Amounts } from './resources.ts';
import { grantHold, RoleAccounts, type Account } from './role-account.ts';
import { readRolePaths } from './role-tree.ts';
import { readRoles, reservationsOf, RoleHoldings, type Role } from './roles.ts';
import { NamedClasses } from './named-classes.ts';
import type { NamespaceFacts } from './namespace.ts';
import type { NamespaceLabels } from './pod-rules.ts';
import { PodNames } from './pod-names.ts';
import type { PriorityClassFacts } from './priority-class.ts';
import type { RuntimeClassFacts } from './runtime-class.ts';
import type { ServiceFacts, Services } from './service.ts';
import type { TaskPod, Watch } from './slots.ts';
import { readStorage, type Storage, type StorageInputs } from './volumes/storage.ts';
import { roleOf, type RoleFacts, type TaskShape, type Workload } from './workload.ts';

/** Everything the cycle looks at, as the stores hold it at one instant. */
export interface Inputs {
  /** ms since the epoch. */
  readonly now: number;
  readonly agents: Iterable<AgentFacts>;
  /** Every Pod of the cluster, then the launched ones that are not yet seen back. */
  readonly pods: Iterable<PodFacts>;
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
  readonly hostPorts: PortRange;
  /** What the API server makes of Pods of ours; when left out they are what their templates say, and nobody asks. */
  readonly admitted?: AdmittedClasses;
  /** Where classes failed lately; what the Pods say when left out. */
  readonly avoidance?: Pick<Avoidance, 'nodesOf' | 'portsOn'>;
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
  readonly supply: Float64Array;
  /** n x R: allocatable. */
  readonly allocatable: Float64Array;
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
  readonly services: Services;
  readonly accounts: RoleAccounts;
  /** The classes that Pods can name. */
  readonly named: NamedClasses;
  /** Amounts that the tasks of each framework hold, by column. */
  readonly held: readonly Float64Array[];
  readonly preemption: PreemptionMemory;
  /** What the API server makes of Pods of ours; undefined when nobody asks it. */
  readonly admitted: AdmittedClasses | undefined;
}

const byKey = <T extends { readonly key: string }>(items: Iterable<T>): T[] =>
  [...items].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));

/** Writes the amounts of one thing into a row; unknown resources get a column. */
function fillRow(row: Float64Array, offset: number, amounts: Amounts, columns: ResourceColumns): void {
  for (const name in amounts) row[offset + columns.add(name)] = amounts[name]!;
}

/**
 * A workload that is being deleted (in the foreground, or with its Pods orphaned) takes no more part: the garbage
 * collector ends its Pods, and would never be done if new ones came.
 */
const stays = ({ metadata }: Workload): boolean => metadata.deletionTimestamp === undefined;

/** Builds the snapshot. The same inputs in any order give the same snapshot. */
export function buildSnapshot(inputs: Inputs, drivers: Drafters): Snapshot {
  const agents = byKey(inputs.agents);
  const { admitted } = inputs;
  const named = new NamedClasses(inputs.priorityClasses, inputs.runtimeClasses);
  const roles = byKey(inputs.roles);
  const paths = readRolePaths(roles);
  const namespaces: NamespaceLabels = new Map(
    Array.from(inputs.namespaces, ({ key, labels }) => [key, labels]),
  );
  const accounts = new RoleAccounts(paths, namespaces);
  const holdOf = (workload: Workload): Hold | undefined =>
    unreadableHold(workload) ?? inputs.holds.get(workloadId(workload));
  const byKind = Map.groupBy(inputs.workloads, ({ names }) => names.kind);
  const all = [...drivers.keys()].flatMap((kind) => byKey(byKind.get(kind) ?? [])).filter(stays);
  const workloads = all
    .filter((workload) => !holdOf(workload)?.freezes)
    .map((workload) => {
      const account = accounts.of(workload.metadata.namespace ?? '', roleOf(workload));
      const ranking = named.of(workload, account);
      return admitted ? admittedWorkload(ranking, admitted) : ranking;
    });
  const pods = [...inputs.pods];
  const services = [...inputs.services];
  const columns = new ResourceColumns();
  for (const agent of agents) for (const name in agent.allocatable) columns.add(name);
  for (const { quota } of roles) {
    const named = [quota.guarantee, quota.limit, ...quota.reservations.map(({ amounts }) => amounts)];
    for (const amounts of named) for (const name in amounts) columns.add(name);
  }
  const shapes = workloads.flatMap(({ groups }) => groups.map(({ shape }) => shape));
  for (const { demand } of shapes) columns.share(demand);
  for (const { customer } of pods) if (customer?.shape) columns.share(customer.shape.demand);
  const R = columns.count;

  const rowOf = new Map(agents.map((agent, i) => [agent.name, i]));
  const allocatable = new Float64Array(agents.length * R);
  agents.forEach((agent, i) => fillRow(allocatable, i * R, agent.allocatable, columns));
  const total = new Float64Array(R);
  for (let i = 0; i < allocatable.length; i++) total[i % R]! += allocatable[i]!;

  const supply = allocatable.slice();
  const { now, avoidance = avoidanceOf(pods) } = inputs;
  const ports = agents.map(({ name }) => new NodePorts(inputs.hostPorts, avoidance.portsOn(name, now)));
  const tasks = new Map<string, TaskPod[]>();
  const customers = new Map<string, CustomerPod[]>();
  const names = new Set<string>();
  const ruling: PodFacts[] = [];
  const claimants: PodFacts[] = [];
  const heldBy = new Map<string, Float64Array>();
  const placed = reservationsOf(paths, agents, allocatable, columns);
  const holdings = new RoleHoldings(columns, placed.agents);
  for (const workload of all) tasks.set(workloadHolder(workload), []);
  for (const pod of pods) {
    names.add(pod.key);
    const owner = pod.task && taskHolder(pod.task, pod.namespace);
    const siblings = owner === undefined ? undefined : tasks.get(owner);
    if (siblings) siblings.push(pod as TaskPod);
    else if (pod.customer) {
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
    // By the same words as it belongs to its framework: a Pod of no workload that names an owner draws as a customer.
    const part = siblings ? pod.task : (pod.customer ?? pod.task);
    // Anybody can write the name of a node that does not exist: what takes no room of anybody is charged to nobody.
    if (part === undefined || row === undefined) continue;
    const holder = siblings ? owner : pod.customer?.framework.id;
    if (holder !== undefined) charge(heldBy, holder, pod.requests, columns, R);
    holdings.add(accounts.of(pod.namespace, part.role).path, pod.requests, row);
  }

  const watch: Watch = {
    now: inputs.now,
    healthOf: (node) => (rowOf.has(node) ? (inputs.health.get(node) ?? HEALTHY) : undefined),
    bootOf: (node) => agents[rowOf.get(node) ?? -1]?.bootId,
    isCordoned: (node) => agents[rowOf.get(node) ?? -1]?.unschedulable ?? false,
  };
  for (const list of tasks.values()) list.sort((a, b) => (a.key < b.key ? -1 : 1));
  const subjectOf = (workload: Workload): Subject<Workload, TaskPod> => ({
    id: workloadId(workload),
    kind: workload.names.kind,
    key: workload.key,
    holder: workloadHolder(workload),
    makesPods: true,
    metadata: workload.metadata,
    role: roleOf(workload),
    workload,
    pods: tasks.get(workloadHolder(workload))!,
    hold: holdOf(workload),
  });
  const draftOf = (subject: Subject): FrameworkDraft => {
    const { id, kind, key, holder, makesPods, metadata, role, hold } = subject;
    const driver = drivers.get(kind)!;
    const draft = hold?.freezes
      ? frozenDraft(subject, driver.together(subject))
      : driver.draft(subject, watch);
    return { id, kind, key, holder, makesPods, metadata, role, ...draft };
  };
  // Without agents nothing can be placed, whatever the Pods become.
  const asks = admitted !== undefined && agents.length > 0;
  const openSince = asks ? openQuestions(admitted, now) : Infinity;
  const own = workloads.map(subjectOf).map(draftOf);
  const readsNumbers = numberReaders(shapes, pods, services);
  const drafts: FrameworkDraft[] = [
    ...(asks ? own.map((draft) => heldUntilKnown(draft, admitted, openSince)) : own),
    ...customerSubjects(customers, inputs.holds, readsNumbers).map(draftOf),
    ...all
      .filter((workload) => holdOf(workload)?.freezes)
      .map(subjectOf)
      .map(draftOf),
  ];
  const avoids: Avoids = (framework, group, { revision }) =>
    avoidance.nodesOf(classKey(framework.holder, group), revision, now);
  const { frameworks, classes } = number(drafts, accounts, avoids, new PodNames(names), now);
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
    namespaces,
    services: Map.groupBy(services, ({ namespace }) => namespace),
    accounts,
    held: frameworks.map((f) => heldBy.get(f.holder) ?? none),
    preemption: inputs.preemption ?? NO_MEMORY,
    admitted,
  };
}

function subtract(supply: Float64Array, offset: number, requests: Amounts, columns: ResourceColumns): void {
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

/** The nodes that a class of a framework avoids. */
type Avoids = (framework: FrameworkDraft, group: string, shape: TaskShape) => DemandClass['avoids'];

/** When a class looks at the nodes anew that it avoids, the next time after `now`, ms since the epoch. */
const nextTry = (avoids: DemandClass['avoids'], now: number): number =>
  Math.min(...[...avoids.values()].flatMap((a) => [a.closedUntil, a.until].filter((at) => at > now)));

/**
 * Gives frameworks and classes their numbers, vacancies their names, classes what they avoid, and frameworks the account
 * that they draw on.
 */
function number(
  drafts: readonly FrameworkDraft[],
  accounts: RoleAccounts,
  avoidsOf: Avoids,
  names: PodNames,
  now: number,
): { frameworks: Framework[]; classes: DemandClass[] } {
  const classes: DemandClass[] = [];
  const frameworks = drafts.map((draft, index): Framework => {
    let { wakeAt } = draft;
    const own = draft.classes.map((c): DemandClass => {
      const avoids = avoidsOf(draft, c.group, c.shape);
      if (avoids.size > 0) wakeAt = Math.min(wakeAt, nextTry(avoids, now));
      const demandClass = {
        ...c,
        pending: c.pending.named(names),
        avoids,
        id: classes.length,
        framework: index,
      };
      classes.push(demandClass);
      return demandClass;
    });
    const account = accounts.of(draft.metadata.namespace ?? '', draft.role);
    const hold = withGrant(draft, account);
    return { ...draft, account, rolePath: account.path, hold, index, classes: own, wakeAt };
  });
  return { frameworks, classes };
}

/** Who has no right to the role that it names takes nothing more; what runs of it is not concerned. */
function withGrant(
  { makesPods, metadata, hold, classes }: FrameworkDraft,
  account: Account,
): Hold | undefined {
  const lacks = classes.some(({ pending }) => pending.length > 0);
  if (!lacks || hold?.reason === REASON.unsupported) return hold;
  return grantHold(makesPods, metadata.namespace ?? '', account) ?? hold;
}
