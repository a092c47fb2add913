import type { Attribute } from './attributes.ts';
import type { Tick } from './clock.ts';
import type { DemandState } from './demand.ts';
import type { AgentCapability, FrameworkCapability, TaskSpec, Unavailability } from './events.ts';
import type { FilterTable } from './filter-table.ts';
import type { MinAllocatable } from '../resources/min-allocatable.ts';
import type { AgentTest } from './offer-constraints.ts';
import type { OutstandingOffer } from './outstanding-offer.ts';
import type { Resources } from '../resources/resource-bundle.ts';
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
