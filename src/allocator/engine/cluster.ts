import { addAt } from '../resources/amounts.ts';
import { word32 } from '../../lib/prng.ts';
import { Accounts } from '../roles/accounts.ts';
import { AgentClasses } from './agent-class.ts';
import { EngineClock, type Tick } from './clock.ts';
import { MinAllocatable } from '../resources/min-allocatable.ts';
import type { EngineOptions } from './options.ts';
import { Holds, Resources } from '../resources/resource-bundle.ts';
import { columnsOf } from '../resources/resource-kind.ts';
import type {
  AgentState,
  FrameworkState,
  Holding,
  Membership,
  OutstandingOffer,
  TaskRecord,
} from './state.ts';

/** All that the engine knows; what frameworks hold of agents changes in holdings.ts. */
export class Cluster {
  readonly options: EngineOptions;
  readonly clock: EngineClock;
  readonly defaultMin: MinAllocatable;
  readonly agents = new Map<string, AgentState>();
  readonly frameworks = new Map<string, FrameworkState>();
  /** Who holds how much, for quota and the order of serving. */
  readonly accounts: Accounts<Membership>;
  /** In no order. */
  readonly offers: OutstandingOffer[] = [];
  readonly tasks = new Map<string, TaskRecord>();
  readonly classes: AgentClasses;
  whitelist: ReadonlySet<string> | null = null;
  /** Agents that may not be offered now. */
  inactiveAgents = 0;
  /** After a failover: no run before so many agents are there, or that tick has come; null = runs are made. */
  hold: { readonly agents: number; readonly until: Tick } | null = null;
  /** Holdings of frameworks that have not subscribed, by their id. */
  readonly strangers = new Map<string, Set<Holding>>();

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
    this.accounts = new Accounts({ ...options, unshared: columnsOf(options.fairnessExcluded) });
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
      active: true,
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
    this.accounts.totals.add(agent.total);
    this.accounts.roles.countReservations(agent.total, 1);
    this.refreshAvailable(agent);
    return agent;
  }

  /** Forgets an agent that nothing is held on. */
  removeAgent(agent: AgentState): void {
    for (const framework of this.frameworks.values()) this.dropFilters(framework, agent);
    this.agents.delete(agent.id);
    if (!agent.active) this.inactiveAgents--;
    this.#sortedAgents = null;
    this.accounts.totals.remove(agent.total);
    this.accounts.roles.countReservations(agent.total, -1);
    this.#countRevocable(agent.available, -1);
    this.#freeSlots.push(agent.slot);
  }

  /** Agents that may be offered, of some. */
  offerable(agents: readonly AgentState[]): readonly AgentState[] {
    const { whitelist } = this;
    if (whitelist === null && this.inactiveAgents === 0) return agents;
    return agents.filter(({ active, hostname }) => active && (whitelist === null || whitelist.has(hostname)));
  }

  /** Whether some framework declares what it wants. */
  isDemanding(): boolean {
    if (!this.options.declaredDemand) return false;
    for (const { isDemanding } of this.frameworks.values()) if (isDemanding) return true;
    return false;
  }

  /** Whether runs wait for agents to come back after a failover. */
  isHeld(): boolean {
    if (this.hold === null) return false;
    if (this.agents.size >= this.hold.agents || this.clock.now >= this.hold.until) this.hold = null;
    return this.hold !== null;
  }

  /** Gives an agent another total. */
  setTotal(agent: AgentState, total: Resources): void {
    this.accounts.totals.remove(agent.total);
    this.accounts.totals.add(total);
    // The new reservations first, so that a role that keeps one is not forgotten in between.
    this.accounts.roles.countReservations(total, 1);
    this.accounts.roles.countReservations(agent.total, -1);
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
    const draft: Omit<Membership, 'client'> = {
      framework,
      role: this.accounts.open(rolePath),
      offered: false,
      fresh: false,
      bidding: false,
      holdings: 0,
      filters: null,
      declines: null,
      min: null,
      constraints: null,
      demand: null,
    };
    const membership = draft as Membership;
    membership.client = this.accounts.admit(framework.id, membership);
    framework.memberships.set(rolePath, membership);
    return membership;
  }

  /** Takes a framework out of a role that it left, once it holds nothing there. */
  leave(membership: Membership): void {
    const { framework, role, holdings } = membership;
    const isIn = framework.memberships.get(role.path) === membership;
    if (!isIn || framework.roles.has(role.path) || holdings > 0) return;
    framework.memberships.delete(role.path);
    this.accounts.dismiss(framework.id, membership);
  }

  /** Brings into effect whether offers can be made to a member. */
  refreshOffered(membership: Membership): void {
    const { framework, role } = membership;
    const offered =
      framework.active && framework.roles.has(role.path) && !framework.suppressed.has(role.path);
    this.accounts.setOffered(membership, offered);
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
      addAt(this.accounts.uncounted, kind.column, sign * amount);
    }
  }
}
