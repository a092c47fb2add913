import type { Attribute } from './attributes.ts';
import type { Quantities } from '../resources/quantities.ts';
import type { Resources } from '../resources/resource-bundle.ts';

export type AgentCapability = 'MULTI_ROLE' | 'HIERARCHICAL_ROLE' | 'RESERVATION_REFINEMENT';

/** MULTI_ROLE is always there and need not be named. */
export type FrameworkCapability =
  | 'GPU_RESOURCES'
  | 'REVOCABLE_RESOURCES'
  | 'SHARED_RESOURCES'
  | 'RESERVATION_REFINEMENT'
  | 'REGION_AWARE'
  | 'PARTITION_AWARE'
  | 'TASK_KILLING_STATE'
  | 'MULTI_ROLE';

/** Resources by role. */
export type ByRole = Readonly<Record<string, Resources>>;

/** Settings of a framework; those left out of an update stay as they are. */
export interface FrameworkSettings {
  /** Roles that it draws on, at least one. */
  readonly roles?: readonly string[];
  readonly capabilities?: readonly FrameworkCapability[];
  /**
   * By role: what an offer must hold, one of these at least, in place of the option `minAllocatable`. An empty
   * list takes anything.
   */
  readonly minAllocatable?: Readonly<Record<string, readonly Quantities[]>>;
  /** Roles for which it wants no offers now. */
  readonly suppressed?: readonly string[];
  /** All tasks that it wants to launch; null (and left out when it subscribes) = whatever it is offered. */
  readonly demand?: readonly Demand[] | null;
}

/**
 * Tasks of one shape that a framework wants to launch. Each launched task that takes exactly these amounts is one
 * less; tasks that end do not come back by themselves.
 */
export interface Demand {
  /** What one task takes, reserved or not; of ranges and sets, how many numbers or members. */
  readonly resources: Quantities;
  /** How many more. */
  readonly count: number;
  /** Under which of its roles; may be left out when it has one. */
  readonly role?: string;
}

/** What an attribute must be. The text predicates pass attributes that are no text. */
export type AttributePredicate =
  | { readonly is: 'exists' | 'notExists' }
  /** `matches`: a regular expression over the whole text. */
  | { readonly is: 'equals' | 'notEquals' | 'matches' | 'notMatches'; readonly value: string };

/** One condition on an agent. HOSTNAME, REGION and ZONE are properties of the agent, not attributes. */
export type AttributeConstraint = AttributePredicate &
  ({ readonly attribute: string } | { readonly property: 'HOSTNAME' | 'REGION' | 'ZONE' });

/** A change of reservation. `resources` are as they stand reserved: after `reserve`, before `unreserve`. */
export type Operation =
  | { readonly kind: 'reserve'; readonly resources: Resources }
  | { readonly kind: 'unreserve'; readonly resources: Resources }
  | { readonly kind: 'launch'; readonly tasks: readonly TaskSpec[] };

/** Something to run, with the exact resources that it takes out of what was offered. */
export interface TaskSpec {
  readonly id: string;
  readonly resources: Resources;
}

/**
 * Seconds for which a refused bundle, or less of the same agent, is not offered again to the framework under the
 * role: at least one allocation interval; 0 = not at all; negative = 5; over 365 days = 365 days. null = no filter.
 */
export type RefuseSeconds = number | null;

/** Whatever can happen to the engine. Runs that an event asks for are done before `apply` returns. */
export type EngineEvent =
  /** An agent registers. Runs over this agent. */
  | {
      readonly kind: 'agent';
      readonly id: string;
      /** Default: the id. */
      readonly hostname?: string;
      readonly total: Resources;
      /** By framework id, registered or not yet: what already runs there. */
      readonly used?: Readonly<Record<string, ByRole>>;
      /** Default: all. */
      readonly capabilities?: readonly AgentCapability[];
      readonly attributes?: readonly Attribute[];
      readonly region?: string;
      readonly zone?: string;
    }
  /** Settings of an agent change. Other attributes drop its filters; a change of anything runs over it. */
  | {
      readonly kind: 'updateAgent';
      readonly id: string;
      readonly hostname?: string;
      readonly total?: Resources;
      readonly capabilities?: readonly AgentCapability[];
      readonly attributes?: readonly Attribute[];
      readonly region?: string;
      readonly zone?: string;
    }
  /** An agent is gone: its offers are rescinded, what ran there is forgotten. No run. */
  | { readonly kind: 'removeAgent'; readonly id: string }
  /** An agent is not to be offered: its offers are rescinded, what runs there stays and counts. No run. */
  | { readonly kind: 'deactivateAgent'; readonly id: string }
  /** It may be offered again, from the next run on. No run. */
  | { readonly kind: 'activateAgent'; readonly id: string }
  /**
   * The master is back after a failover and has read how many agents there were; before the first agent. If a role
   * has quota, no run is made until four fifths of them are back, or ten minutes are over; what asked for a run in
   * the meantime waits for the next batch. No run.
   */
  | { readonly kind: 'failover'; readonly agents: number }
  /** A framework subscribes. Runs over all agents, unless it comes inactive. */
  | ({
      readonly kind: 'framework';
      readonly id: string;
      readonly roles: readonly string[];
      /** Default: true. */
      readonly active?: boolean;
    } & FrameworkSettings)
  /** Settings change; offers under roles that it leaves are rescinded. No run. */
  | ({ readonly kind: 'updateFramework'; readonly id: string } & FrameworkSettings)
  /** It wants offers again. Runs over all agents. */
  | { readonly kind: 'activate'; readonly framework: string }
  /** It cannot answer now: its offers are rescinded, its filters dropped; what it runs stays. No run. */
  | { readonly kind: 'deactivate'; readonly framework: string }
  /** It is gone: offers rescinded, all that it holds returned. No run. */
  | { readonly kind: 'removeFramework'; readonly framework: string }
  /** Weight (over 0) of a role; if a framework is in the role, every outstanding offer is rescinded. No run. */
  | { readonly kind: 'weight'; readonly role: string; readonly weight: number }
  /**
   * Guarantee and limit of a top-level role, empty = none; a name that the limit lacks is unlimited. Offers are
   * rescinded until the limit holds and the guarantee can be met. No run.
   */
  | {
      readonly kind: 'quota';
      readonly role: string;
      readonly guarantee: Quantities;
      readonly limit: Quantities;
      /** Refuse what Mesos refuses without `force`: a limit under what is consumed, guarantees over the cluster. Default: false. */
      readonly checked?: boolean;
    }
  /**
   * A framework returns part or all of what it was offered or runs. What it keeps of an offer counts as accepted.
   * No run.
   */
  | {
      readonly kind: 'recover';
      readonly framework: string;
      readonly role: string;
      readonly agent: string;
      readonly resources: Resources;
      readonly refuseSeconds: RefuseSeconds;
    }
  /** Every outstanding offer is returned, without filter. No run. */
  | { readonly kind: 'recoverAll' }
  /**
   * No more offers for these roles (left out or empty: all of its roles). Outstanding ones stay. One unknown role drops
   * the whole call.
   */
  | { readonly kind: 'suppress'; readonly framework: string; readonly roles?: readonly string[] }
  /**
   * Offers for these roles again (left out or empty: all); drops their filters. Runs over all agents. One unknown
   * role drops the whole call.
   */
  | { readonly kind: 'revive'; readonly framework: string; readonly roles?: readonly string[] }
  /** What a framework holds turns into another form of the same amounts (RESERVE and UNRESERVE). No run. */
  | {
      readonly kind: 'convert';
      readonly framework: string;
      readonly role: string;
      readonly agent: string;
      readonly from: Resources;
      readonly to: Resources;
    }
  /** The operator turns free resources of an agent into another form of the same amounts. No run. */
  | { readonly kind: 'reserve'; readonly agent: string; readonly from: Resources; readonly to: Resources }
  /** Host names that are offered, null = all. No run. */
  | { readonly kind: 'whitelist'; readonly hostnames: readonly string[] | null }
  /** A maintenance window of an agent, or null: its offers and inverse offers are rescinded. Runs over it. */
  | {
      readonly kind: 'unavailability';
      readonly agent: string;
      readonly window: Unavailability | null;
    }
  /** An answer to the outstanding inverse offer; an old answer is ignored, its filter is not. No run. */
  | {
      readonly kind: 'inverseAnswer';
      readonly framework: string;
      readonly agent: string;
      readonly accept: boolean;
      readonly refuseSeconds: RefuseSeconds;
    }
  /** Which agents a framework wants to be offered under a role: one group all of whose constraints hold. No run. */
  | {
      readonly kind: 'offerConstraints';
      readonly framework: string;
      readonly role: string;
      /** Empty = all agents. */
      readonly groups: readonly (readonly AttributeConstraint[])[];
    }
  /**
   * A framework uses offers of one agent under one role: the named ones, or all of them. The operations apply in
   * order; what they leave returns, converted parts without filter, the rest with `refuseSeconds`. No run.
   */
  | {
      readonly kind: 'accept';
      readonly framework: string;
      readonly agent: string;
      readonly role: string;
      readonly offers?: readonly string[];
      readonly operations: readonly Operation[];
      readonly refuseSeconds: RefuseSeconds;
    }
  /** A task has ended; its resources return without filter. No run. */
  | { readonly kind: 'finish'; readonly task: string }
  /** The periodic run over all agents. */
  | { readonly kind: 'batch' }
  /** No run until `resume`. */
  | { readonly kind: 'pause' }
  /** One run over everything that asked in the meantime. */
  | { readonly kind: 'resume' };

/** When an agent will be away, in seconds of the engine's clock. */
export interface Unavailability {
  readonly start: number;
  /** Left out: for good. */
  readonly duration?: number;
}

export type { Attribute } from './attributes.ts';
