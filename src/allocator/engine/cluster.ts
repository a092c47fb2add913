import { addAt } from '../resources/amounts.ts';
import { word32 } from '../../lib/prng.ts';
import { AgentClasses } from './agent-class.ts';
import { EngineClock } from './clock.ts';
import { DrfSorter } from '../roles/drf-sorter.ts';
import { Ledger } from '../roles/ledger.ts';
import { MinAllocatable } from '../resources/min-allocatable.ts';
import type { OutstandingOffer } from './outstanding-offer.ts';
import type { EngineOptions, SorterKind } from './options.ts';
import { RandomSorter } from '../roles/random-sorter.ts';
import { Holds, Resources } from '../resources/resource-bundle.ts';
import { RoleTree, type RoleState } from '../roles/role-tree.ts';
import { SorterTotals } from '../roles/sorter-totals.ts';
import { ALL_MARKS, type Sorter } from '../roles/sorter.ts';
import type { AgentState, FrameworkState, Holding, Membership, TaskRecord } from './state.ts';

/** Marks of roles in the role sorter: what a walk looks for. */
export const Marks = {
  /** Has an unsatisfied guarantee. */
  wanting: 1,
  /** Its limit leaves room for some plain scalar. */
  roomy: 2,
  /** Has a framework that offers can be made to. */
  offered: 4,
  /** Roles and their members: has, or is, a fresh member. */
  fresh: 8,
} as const;

/** All that the engine knows; what frameworks hold of agents changes in holdings.ts. */
export class Cluster {
  readonly options: EngineOptions;
  readonly clock: EngineClock;
  readonly defaultMin: MinAllocatable;
  readonly agents = new Map<string, AgentState>();
  readonly frameworks = new Map<string, FrameworkState>();
  readonly roles = new RoleTree();
  /** In no order. */
  readonly offers: OutstandingOffer[] = [];
  readonly tasks = new Map<string, TaskRecord>();
  readonly classes: AgentClasses;
  whitelist: ReadonlySet<string> | null = null;
  /** Holdings of frameworks that have not subscribed, by their id. */
  readonly strangers = new Map<string, Set<Holding>>();

  /** Totals of the cluster, for every sorter. */
  readonly totals = new SorterTotals();
  readonly roleSorter: Sorter<RoleState>;
  /** Scalars held by frameworks that subscribe, by column. */
  readonly held = new Ledger();
  /** Of those the reserved ones. */
  readonly heldReserved = new Ledger();
  /** Revocable scalars that are free, by column. */
  readonly freeRevocable: number[] = [];

  /** Grows whenever a framework may become welcome where it was not; the framework is fresh then. */
  openings = 0;
  /** Who opened since this count is still marked as fresh. */
  freshSince = 0;
  readonly #fresh = new Set<Membership>();
  /** Grows whenever quota may permit what it did not. */
  room = 0;
  /** Runs made. */
  runs = 0;
  #offersMade = 0;
  #sortedAgents: readonly AgentState[] | null = [];
  readonly #freeSlots: number[] = [];
  #slots = 0;

  constructor(options: EngineOptions) {
    this.options = options;
    this.clock = new EngineClock(options.interval);
    this.defaultMin = new MinAllocatable(options.minAllocatable);
    this.classes = new AgentClasses(options.region);
    this.roleSorter = this.#sorter<RoleState>(options.roleSorter);
  }

  /** All agents, by id. */
  get sortedAgents(): readonly AgentState[] {
    this.#sortedAgents ??= [...this.agents.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    return this.#sortedAgents;
  }

  /** A new offer's number. */
  nextOffer(): number {
    return ++this.#offersMade;
  }

  /** Adds an agent with nothing used. */
  addAgent(
    fields: Pick<AgentState, 'id' | 'hostname' | 'region' | 'zone' | 'attributes' | 'capabilities' | 'total'>,
  ): AgentState {
    const agent: AgentState = {
      ...fields,
      slot: this.#freeSlots.pop() ?? this.#slots++,
      word: word32(fields.id),
      class: this.classes.of(fields),
      used: Resources.empty,
      available: Resources.empty,
      holdings: [],
      unavailability: null,
      inverse: new Map(),
      version: 0,
      refusedVersion: -1,
      refusedOpenings: -1,
      refusedRoom: -1,
      refusedUntil: 0,
      servedInRun: 0,
      singled: false,
      filteredUntil: 0,
      sharedOffered: Resources.empty,
    };
    this.agents.set(agent.id, agent);
    this.#sortedAgents = null;
    this.totals.add(agent.total);
    this.roles.countReservations(agent.total, 1);
    this.refreshAvailable(agent);
    return agent;
  }

  /** Forgets an agent that nothing is held on. */
  removeAgent(agent: AgentState): void {
    for (const framework of this.frameworks.values()) this.dropFilters(framework, agent);
    this.agents.delete(agent.id);
    this.#sortedAgents = null;
    this.totals.remove(agent.total);
    this.roles.countReservations(agent.total, -1);
    this.#countRevocable(agent.available, -1);
    this.#freeSlots.push(agent.slot);
  }

  /** Gives an agent another total. */
  setTotal(agent: AgentState, total: Resources): void {
    this.totals.remove(agent.total);
    this.totals.add(total);
    // The new reservations first, so that a role that keeps one is not forgotten in between.
    this.roles.countReservations(total, 1);
    this.roles.countReservations(agent.total, -1);
    agent.total = total;
    agent.class = this.classes.of(agent);
    this.refreshAvailable(agent);
  }

  dropFilters(framework: FrameworkState, agent: AgentState): void {
    framework.inverseFilters.delete(agent);
    for (const { filters } of framework.memberships.values()) {
      if (filters?.delete(agent.slot) === true) agent.version++;
    }
  }

  /** Puts a framework under a role; offers are not made to it yet. */
  join(framework: FrameworkState, rolePath: string): Membership {
    const known = framework.memberships.get(rolePath);
    if (known !== undefined) return known;
    const role = this.roles.obtain(rolePath);
    if (role.sorter === null) {
      role.sorter = this.#sorter<Membership>(this.options.frameworkSorter);
      role.client = this.roleSorter.add(rolePath, role);
      this.roleSorter.activate(role.client);
      this.refreshMarks(role);
    }
    this.roles.touch(role);
    const membership: Omit<Membership, 'client'> & { client: Membership['client'] | null } = {
      framework,
      role,
      client: null,
      offered: false,
      fresh: false,
      holdings: 0,
      filters: null,
      min: null,
      constraints: null,
    };
    membership.client = role.sorter.add(framework.id, membership as Membership);
    role.members.set(framework.id, membership as Membership);
    framework.memberships.set(rolePath, membership as Membership);
    return membership as Membership;
  }

  /** Takes a framework out of a role that it left, once it holds nothing there. */
  leave(membership: Membership): void {
    const { framework, role, client, holdings } = membership;
    const isIn = framework.memberships.get(role.path) === membership;
    if (!isIn || framework.roles.has(role.path) || holdings > 0) return;
    if (this.#fresh.delete(membership)) role.freshMembers--;
    role.sorter!.remove(client);
    role.members.delete(framework.id);
    framework.memberships.delete(role.path);
    this.roles.touch(role);
    if (role.members.size === 0) {
      this.roleSorter.remove(role.client!);
      role.client = null;
      role.sorter = null;
      this.roles.prune(role);
    }
  }

  /** Brings into effect whether offers can be made to a member. */
  refreshOffered(membership: Membership): void {
    const { framework, role, client } = membership;
    const offered =
      framework.active && framework.roles.has(role.path) && !framework.suppressed.has(role.path);
    if (offered === membership.offered) return;
    membership.offered = offered;
    role.offeredMembers += offered ? 1 : -1;
    if (offered) {
      role.sorter!.activate(client);
      this.open(membership);
    } else role.sorter!.deactivate(client);
    this.roles.touch(role);
    this.refreshMarks(role);
  }

  /** A member may be welcome where it was not: agents that all refused are shown to it again. */
  open(membership: Membership): void {
    this.openings++;
    if (membership.fresh) return;
    const { role, client } = membership;
    membership.fresh = true;
    this.#fresh.add(membership);
    role.freshMembers++;
    role.sorter!.mark(client, ALL_MARKS | Marks.fresh);
    if (role.offeredMembers > 0) this.roleSorter.mark(role.client!, role.client!.node.marks | Marks.fresh);
  }

  /** All agents have been shown to the fresh members. */
  settleFresh(): void {
    for (const membership of this.#fresh) {
      const { role, client } = membership;
      membership.fresh = false;
      role.freshMembers = 0;
      role.sorter!.mark(client, ALL_MARKS);
      this.roleSorter.mark(role.client!, role.client!.node.marks & ~Marks.fresh);
    }
    this.#fresh.clear();
    this.freshSince = this.openings;
  }

  /** Marks a role for walks; for one with quota the next run says how. */
  refreshMarks(role: RoleState, marks: number = Marks.roomy): void {
    if (role.client === null) return;
    const fresh = role.freshMembers > 0 ? Marks.fresh : 0;
    this.roleSorter.mark(role.client, role.offeredMembers > 0 ? marks | Marks.offered | fresh : 0);
  }

  #sorter<T>(kind: SorterKind): Sorter<T> {
    return kind === 'drf'
      ? new DrfSorter<T>(this.totals, this.options.fairnessExcluded)
      : new RandomSorter<T>(this.totals, this.options.fairnessExcluded);
  }

  /** Brings into effect that an agent's total or what is used of it changed. */
  refreshAvailable(agent: AgentState): void {
    const available = agent.total.minus(agent.used);
    if (available === agent.available) return;
    this.#countRevocable(agent.available, -1);
    this.#countRevocable(available, 1);
    agent.available = available;
    agent.version++;
  }

  #countRevocable(resources: Resources, sign: 1 | -1): void {
    if ((resources.flags & Holds.revocable) === 0) return;
    for (const { kind, amount } of resources.items) {
      if (!kind.revocable || kind.type !== 'scalar') continue;
      addAt(this.freeRevocable, kind.column, sign * amount);
    }
  }
}
