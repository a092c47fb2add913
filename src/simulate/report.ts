import type {
  DroppedOperation,
  InverseOffer,
  Offer,
  Rescinded,
  RescindedInverse,
  TaskOutcome,
} from '../allocator/engine/outcome.ts';
import type { RoleReport } from '../allocator/engine/role-report.ts';

/** Dominant share of each role, or of each client of a sorter. */
export type Shares = Readonly<Record<string, number>>;

/** How shares stood at a time. */
export interface Sample {
  /** Number of the step, from 1. */
  readonly step: number;
  /** Seconds since the scenario began. */
  readonly time: number;
  readonly shares: Shares;
}

/** One way in which an expectation does not hold. */
export interface Difference {
  /** `missing`: expected, not there. `unexpected`: there, not expected. `other`: there, but not as expected. */
  readonly what: 'missing' | 'unexpected' | 'other';
  /** What it is about: "offer to F1 as role1 on A1". */
  readonly of: string;
  /** Empty when unexpected. */
  readonly expected: string;
  /** Empty when missing. */
  readonly found: string;
  /** What the one has more than the other, when both are there; may be empty. */
  readonly detail: string;
}

/** A task and whose it is. */
export interface TaskReport extends TaskOutcome {
  readonly framework: string;
}

/** What a step led to. */
export interface StepReport {
  /** From 1. */
  readonly step: number;
  /** Line of the file, from 1. */
  readonly line: number;
  readonly event: string;
  /** The step in a few words, for people. */
  readonly words: string;
  /** Seconds since the scenario began. */
  readonly time: number;
  readonly offers: readonly Offer[];
  readonly inverseOffers: readonly InverseOffer[];
  readonly rescinded: readonly Rescinded[];
  readonly rescindedInverse: readonly RescindedInverse[];
  readonly tasks: readonly TaskReport[];
  readonly dropped: readonly DroppedOperation[];
  /** Tasks of workloads that came to their end. */
  readonly ended: readonly { readonly task: string; readonly framework: string }[];
  /** Running tasks by framework; a view of the run that goes on changing with it. */
  readonly running: ReadonlyMap<string, number>;
  readonly shares: Shares;
  /** How the roles stand when it is called; none of a sorter. */
  readonly roles: () => readonly RoleReport[];
  /** One per interval that passed, else one. */
  readonly samples: readonly Sample[];
  /** Active clients, the next first; only of a sorter. */
  readonly order?: readonly string[];
  /** Null when the step expects nothing; empty when what it expects holds. */
  readonly differences: readonly Difference[] | null;
}

/** A report of a step at which nothing was offered. */
export const QUIET = {
  offers: [],
  inverseOffers: [],
  rescinded: [],
  rescindedInverse: [],
  tasks: [],
  dropped: [],
  ended: [],
  running: new Map<string, number>(),
  roles: () => [],
  differences: null,
} as const satisfies Partial<StepReport>;
