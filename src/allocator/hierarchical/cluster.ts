import { addAt } from './amounts.ts';
import { word32 } from '../../lib/prng.ts';
import { AgentClasses } from './agent-class.ts';
import { EngineClock } from './clock.ts';
import { DrfSorter } from './drf-sorter.ts';
import { Ledger } from './ledger.ts';
import { MinAllocatable } from './min-allocatable.ts';
import type { OutstandingOffer } from './outstanding-offer.ts';
import type { EngineOptions, SorterKind } from './options.ts';
import { RandomSorter } from './random-sorter.ts';
import { Holds, Resources } from './resource-bundle.ts';
import { RoleTree, type RoleState } from './role-tree.ts';
import { SorterTotals } from './sorter-totals.ts';
import type { Sorter } from './sorter.ts';
import type { AgentState, FrameworkState, Holding, Membership, TaskRecord } from './state.ts';

/** Marks of roles in the role sorter: what a walk looks for. */
export const Marks = {
  /** Has an unsatisfied guarantee. */
  wanting: 1,
  /** Its limit leaves room for some plain scalar. */
  roomy: 2,
  /** Has a framework that offers can be made to. */
  offered: 4,
} as const;

/** All that the engine knows, and the steps by which holdings change so that every sum stays right. */
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

  /** Totals of the cluster, for every sorter. */
  readonly totals = new SorterTotals();
  readonly roleSorter: Sorter<RoleState>;
  /** Scalars held by frameworks that subscribe, by column. */
  readonly held = new Ledger();
  /** Of those the reserved ones. */
  readonly heldReserved = new Ledger();
  /** Revocable scalars that are free, by column. */
  readonly freeRevocable: number[] = [];

  /** Grows whenever a framework may become welcome where it was not. */
  openings = 0;
  /** Grows whenever quota may permit what it did not. */
  room = 0;
  /** Runs made. */
  runs = 0;
  #offersMade = 0;
  #sortedAgents: readonly AgentState[] | null = [];
  /** Holdings of frameworks that have not subscribed, by their id. */
  readonly #strangers = new Map<string, Set<Holding>>();
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
    this.#refreshAvailable(agent);
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
    this.#refreshAvailable(agent);
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
      this.openings++;
    } else role.sorter!.deactivate(client);
    this.roles.touch(role);
    this.refreshMarks(role);
  }

  /** Marks a role for walks; for one with quota the next run says how. */
  refreshMarks(role: RoleState, marks: number = Marks.roomy): void {
    if (role.client === null) return;
    this.roleSorter.mark(role.client, role.offeredMembers > 0 ? marks | Marks.offered : 0);
  }

  /** Lets a framework hold resources of an agent: they are offered to it or already in use. */
  hold(agent: AgentState, frameworkId: string, rolePath: string, resources: Resources): Holding {
    const framework = this.frameworks.get(frameworkId);
    if (framework === undefined) {
      const holding = this.#newHolding(agent, frameworkId, rolePath);
      if (!this.#strangers.has(frameworkId)) this.#strangers.set(frameworkId, new Set());
      this.#strangers.get(frameworkId)!.add(holding);
      this.#take(agent, holding, resources);
      return holding;
    }
    return this.holdAs(agent, this.join(framework, rolePath), resources);
  }

  /** The same for a framework under a role that is known to subscribe. */
  holdAs(agent: AgentState, membership: Membership, resources: Resources): Holding {
    let holding = holdingOf(agent, membership);
    if (holding === undefined) {
      holding = this.#newHolding(agent, membership.framework.id, membership.role.path);
      holding.membership = membership;
      membership.holdings++;
    }
    this.#take(agent, holding, resources);
    this.#count(agent, membership, resources);
    return holding;
  }

  /** What frameworks held before they subscribed counts from now on. */
  adopt(framework: FrameworkState): void {
    for (const holding of this.#strangers.get(framework.id) ?? []) {
      const membership = this.join(framework, holding.rolePath);
      holding.membership = membership;
      membership.holdings++;
      this.#count(holding.agent, membership, holding.resources);
    }
    this.#strangers.delete(framework.id);
  }

  /** Takes resources back from a holding. */
  release(holding: Holding, resources: Resources): void {
    const { agent, membership } = holding;
    holding.resources = holding.resources.minus(resources);
    agent.used = agent.used.minus(withoutShared(resources));
    this.#refreshAvailable(agent);
    if (membership !== null) {
      membership.role.sorter!.unallocate(membership.client, agent.id, resources);
      this.roleSorter.unallocate(membership.role.client!, agent.id, resources);
      this.roles.countPlain(membership.role, resources, -1);
      this.held.subtract(agent.id, resources);
      this.#countReserved(agent, resources, 'subtract');
    }
    if (!holding.resources.isEmpty) return;
    agent.holdings[agent.holdings.indexOf(holding)] = agent.holdings.at(-1)!;
    agent.holdings.pop();
    if (membership === null) {
      const holdings = this.#strangers.get(holding.frameworkId);
      holdings?.delete(holding);
      if (holdings?.size === 0) this.#strangers.delete(holding.frameworkId);
    } else {
      membership.holdings--;
      this.leave(membership);
    }
  }

  /** Turns held resources into another form of the same amounts, in the agent's total too. */
  convertHeld(holding: Holding, from: Resources, to: Resources): void {
    const { agent, membership } = holding;
    holding.resources = holding.resources.minus(from).plus(to);
    agent.used = agent.used.minus(withoutShared(from)).plus(withoutShared(to));
    if (membership !== null) {
      membership.role.sorter!.update(membership.client, agent.id, from, to);
      this.roleSorter.update(membership.role.client!, agent.id, from, to);
      this.roles.countPlain(membership.role, from, -1);
      this.roles.countPlain(membership.role, to, 1);
      this.held.subtract(agent.id, from);
      this.held.add(agent.id, to);
      this.#countReserved(agent, from, 'subtract');
      this.#countReserved(agent, to, 'add');
    }
    this.setTotal(agent, agent.total.minus(from).plus(to));
  }

  #sorter<T>(kind: SorterKind): Sorter<T> {
    return kind === 'drf'
      ? new DrfSorter<T>(this.totals, this.options.fairnessExcluded)
      : new RandomSorter<T>(this.totals, this.options.fairnessExcluded);
  }

  #newHolding(agent: AgentState, frameworkId: string, rolePath: string): Holding {
    const holding: Holding = {
      agent,
      frameworkId,
      rolePath,
      membership: null,
      resources: Resources.empty,
      newestOffer: null,
      draft: null,
      tasks: null,
      running: Resources.empty,
    };
    agent.holdings.push(holding);
    return holding;
  }

  #take(agent: AgentState, holding: Holding, resources: Resources): void {
    holding.resources = holding.resources.plus(resources);
    agent.used = agent.used.plus(withoutShared(resources));
    this.#refreshAvailable(agent);
  }

  #count(agent: AgentState, membership: Membership, resources: Resources): void {
    membership.role.sorter!.allocate(membership.client, agent.id, resources);
    this.roleSorter.allocate(membership.role.client!, agent.id, resources);
    this.roles.countPlain(membership.role, resources, 1);
    this.held.add(agent.id, resources);
    this.#countReserved(agent, resources, 'add');
  }

  #countReserved(agent: AgentState, resources: Resources, sign: 'add' | 'subtract'): void {
    if ((resources.flags & Holds.reserved) === 0) return;
    this.heldReserved[sign](
      agent.id,
      resources.filter((kind) => kind.reservations.length > 0),
    );
  }

  #refreshAvailable(agent: AgentState): void {
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

/** What a member has of an agent. */
export function holdingOf({ holdings }: AgentState, membership: Membership): Holding | undefined {
  for (let i = 0; i < holdings.length; i++) if (holdings[i]!.membership === membership) return holdings[i];
  return undefined;
}

const withoutShared = (resources: Resources): Resources =>
  (resources.flags & Holds.shared) === 0 ? resources : resources.filter((kind) => !kind.shared);
