import type { Snapshot } from '../snapshot/snapshot.ts';
import type { OfferView } from './offers.ts';

/** What the placement loop saw and offered last. */
export interface LastCycle {
  readonly snapshot: Snapshot;
  /** Offers of this cycle and of those before it, newest last; an OfferLog keeps them. */
  readonly offers: readonly OfferView[];
  /** When the cycle began, ms since the epoch. */
  readonly at: number;
  /** How long it took. */
  readonly durationMs: number;
}

/** What the debug pages ask of the operator; reading it must not disturb the placement loop. */
export interface Inspect {
  /** The last cycle of this process; undefined before the first. */
  latest(): LastCycle | undefined;
  /** Whether this process leads: only the leader runs cycles. */
  leader(): boolean;
}
