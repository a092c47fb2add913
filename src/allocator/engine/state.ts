import type { Attribute } from './attributes.ts';
import type { Tick } from './clock.ts';
import type { AgentCapability, FrameworkCapability, TaskSpec, Unavailability } from './events.ts';
import type { FilterTable } from './filter-table.ts';
import type { MinAllocatable } from '../resources/min-allocatable.ts';
import type { AgentTest } from './offer-constraints.ts';
import type { Offer } from './outcome.ts';
import type { Resources } from '../resources/resource-bundle.ts';
import type { TaskAmounts } from '../resources/task-room.ts';
import type { Member } from '../roles/accounts.ts';
import type { RoleState } from '../roles/role-tree.ts';

/** A framework as the engine knows it; one that agents speak of before it subscribes is not kept here. */
export interface FrameworkState {
  readonly id: string;
  active: boolean;
  capabilities: ReadonlySet<FrameworkCapability>;
  /** Bits of `Holds` that it cannot be offered. */
  barred: number;
  /** Roles that it draws on. */
  roles: ReadonlySet<string>;
  suppressed: Set<string>;
  /** Whether it declares what it wants. */
  isDemanding: boolean;
  /** By role: those that it draws on, and those that it left while it still holds something there. */
  readonly memberships: Map<string, Membership>;
  readonly offers: OutstandingOffer[];
  /** Until when inverse offers of an agent are refused. */
  readonly inverseFilters: Map<AgentState, Tick>;
}

/** The account of a role in the engine. */
export type RoleAccount = RoleState<Membership>;

/** Tasks of one shape that a framework still wants to launch under a role. */
export interface DemandState {
  readonly amounts: TaskAmounts;
  /** The same, to tell quickly where there is not even that. */
  readonly least: MinAllocatable;
  left: number;
}

/** A framework under one role. */
export interface Membership extends Member<Membership> {
  readonly framework: FrameworkState;
  /** Count of its holdings over all agents. */
  holdings: number;
  filters: FilterTable | null;
  /** By slot of the agent: declines in a row; kept only where they matter. */
  declines: Map<number, number> | null;
  /** Null = the engine's option. */
  min: MinAllocatable | null;
  constraints: AgentTest | null;
  /** What it wants under the role; null = whatever it is offered. */
  demand: DemandState[] | null;
}

/** An offer in the making or out. Names are read off what it links, since there are many offers. */
export class OutstandingOffer implements Offer {
  readonly #number: number;
  readonly #membership: Membership;
  readonly #holding: Holding;
  #resources: Resources;
  readonly #unavailability: Unavailability | null;
  /** The next older one of the holding. */
  #older: OutstandingOffer | null = null;
  // Where it stands on the list of all and on its framework's.
  #place = -1;
  #frameworkPlace = -1;

  /** @param number grows from offer to offer */
  constructor(number: number, membership: Membership, holding: Holding, resources: Resources) {
    this.#number = number;
    this.#membership = membership;
    this.#holding = holding;
    this.#resources = resources;
    this.#unavailability = holding.agent.unavailability;
  }

  get id(): string {
    return `O${this.#number}`;
  }
  get framework(): string {
    return this.#membership.framework.id;
  }
  get role(): string {
    return this.#membership.role.path;
  }
  get agent(): string {
    return this.#holding.agent.id;
  }
  get resources(): Resources {
    return this.#resources;
  }
  get unavailability(): Unavailability | null {
    return this.#unavailability;
  }
  get membership(): Membership {
    return this.#membership;
  }
  /** What it is a part of. */
  get holding(): Holding {
    return this.#holding;
  }
  get number(): number {
    return this.#number;
  }
  get isOut(): boolean {
    return this.#place >= 0;
  }

  toJSON(): Offer {
    const { id, framework, role, agent, resources, unavailability } = this;
    return { id, framework, role, agent, resources, unavailability };
  }

  /** Adds to an offer in the making. */
  grow(resources: Resources): void {
    this.#resources = this.#resources.plus(resources);
  }

  /** Puts an offer on the list of all, its framework's and its holding's. */
  static enlist(offer: OutstandingOffer, all: OutstandingOffer[]): void {
    const { offers } = offer.#membership.framework;
    offer.#place = all.length;
    offer.#frameworkPlace = offers.length;
    all.push(offer);
    offers.push(offer);
    offer.#older = offer.#holding.newestOffer;
    offer.#holding.newestOffer = offer;
  }

  /** Takes an offer off the lists; in those without order the last takes its place. */
  static delist(offer: OutstandingOffer, all: OutstandingOffer[]): void {
    const { offers } = offer.#membership.framework;
    const last = all.pop()!;
    if (last !== offer) {
      all[offer.#place] = last;
      last.#place = offer.#place;
    }
    const frameworkLast = offers.pop()!;
    if (frameworkLast !== offer) {
      offers[offer.#frameworkPlace] = frameworkLast;
      frameworkLast.#frameworkPlace = offer.#frameworkPlace;
    }
    offer.#place = -1;
    OutstandingOffer.#relink(offer, offer.#older);
  }

  /** Puts an offer with another form of the same amounts in the place of one. */
  static replace(offer: OutstandingOffer, resources: Resources, all: OutstandingOffer[]): OutstandingOffer {
    const holding = offer.#holding;
    const other = new OutstandingOffer(offer.#number, offer.#membership, holding, resources);
    other.#place = offer.#place;
    other.#frameworkPlace = offer.#frameworkPlace;
    other.#older = offer.#older;
    all[other.#place] = other;
    other.#membership.framework.offers[other.#frameworkPlace] = other;
    OutstandingOffer.#relink(offer, other);
    offer.#place = -1;
    return other;
  }

  /** Lets what leads to an offer in its holding lead to another. */
  static #relink(offer: OutstandingOffer, other: OutstandingOffer | null): void {
    const holding = offer.#holding;
    let newer: OutstandingOffer | null = null;
    for (let at = holding.newestOffer; at !== offer && at !== null; at = at.#older) newer = at;
    if (newer === null) holding.newestOffer = other;
    else newer.#older = other;
  }

  /** Whether an offer is the only one of its holding. */
  static isAlone(offer: OutstandingOffer): boolean {
    return offer.#holding.newestOffer === offer && offer.#older === null;
  }

  /** Those of a holding, the oldest first. */
  static of(holding: Holding): OutstandingOffer[] {
    const offers: OutstandingOffer[] = [];
    for (let at = holding.newestOffer; at !== null; at = at.#older) offers.push(at);
    return offers.reverse();
  }
}

/** Offers, the oldest first. */
export const byAge = (offers: readonly OutstandingOffer[]): OutstandingOffer[] =>
  offers.toSorted((a, b) => a.number - b.number);

/** What one framework has on an agent under one role, offered or in use. */
export interface Holding {
  readonly agent: AgentState;
  readonly frameworkId: string;
  readonly rolePath: string;
  /** Null until the framework subscribes; then sorters and quota count it. */
  membership: Membership | null;
  resources: Resources;
  /** Outstanding offers, part of the resources: the newest, which knows the older ones. */
  newestOffer: OutstandingOffer | null;
  /** What the present run offers of it. */
  draft: OutstandingOffer | null;
  /** Tasks that accepted offers launched; null without any. */
  tasks: Set<TaskRecord> | null;
  /** What the tasks have, part of the resources. */
  running: Resources;
}

export interface TaskRecord extends TaskSpec {
  readonly holding: Holding;
}

/** What decides, besides its free resources, whether an agent can be offered to a framework; shared by like agents. */
export interface AgentClass {
  readonly hasGpus: boolean;
  readonly remote: boolean;
  readonly multiRole: boolean;
  readonly hierarchicalRole: boolean;
  /** Free bundles that no framework could take, with the count of openings then; valid while `room` is as it was. */
  readonly refused: Map<Resources, number>;
  refusedRoom: number;
}

/** An agent. */
export interface AgentState {
  readonly id: string;
  /** Small number, unlike that of every other agent that is there. */
  readonly slot: number;
  /** A word of the id, for drawing lots. */
  readonly word: number;
  hostname: string;
  region: string | null;
  zone: string | null;
  attributes: readonly Attribute[];
  capabilities: ReadonlySet<AgentCapability>;
  class: AgentClass;
  /** Whether it may be offered; what runs on it counts in any case. */
  active: boolean;
  total: Resources;
  /** Sum of all holdings, shared things left out. */
  used: Resources;
  /** What may be offered: total - used; shared things always. */
  available: Resources;
  readonly holdings: Holding[];
  unavailability: Unavailability | null;
  /** Frameworks that have not answered an inverse offer, and when that is withdrawn. */
  readonly inverse: Map<FrameworkState, Tick>;

  /** Grows with everything that could make a refused agent welcome. */
  version: number;
  // Under what stamps all refused it last; see refusal.ts.
  refusedVersion: number;
  refusedOpenings: number;
  refusedRoom: number;
  refusedUntil: Tick;

  // Of the present run.
  servedInRun: number;
  /** Whether a filter or constraint of a framework, and not only its bundle and class, had a say in this run. */
  singled: boolean;
  filteredUntil: Tick;
  sharedOffered: Resources;
}
