import type { Bundle } from '../resources/resource-bundle.ts';
import type { Allowance } from './allowance.ts';

/** What a bidder would take next. */
export interface Bid {
  /** Of one task; of all tasks together for a gang, which comes whole or not at all. */
  readonly bundle: Bundle;
  /** How many it wants; 1 for a gang. */
  readonly most: number;
}

/**
 * A framework that says what it wants, as progressive filling deals with it. In the course of a filling room and
 * allowances only shrink, so that a bid that found no room or was refused need not be made again.
 */
export interface Bidder<M> {
  /** Whose account is charged. */
  readonly member: M;
  /** It gives way to everybody who does not, and comes after them. */
  readonly revocable?: boolean;
  /** What it would take next, of the bids whose bundle counts; null when nothing. */
  next(allowance: Allowance): Bid | null;
  /**
   * Takes room for up to `tasks` of a bid, as far as the allowance goes, spends the allowance and charges the
   * account. A bid that gets less than that because there is no room, or because of the allowance (but not because
   * it stopped to count), is not made again; neither is that of a gang.
   * @returns whether it keeps anything; what it does not keep it has put back
   */
  take(bid: Bid, tasks: number, allowance: Allowance): boolean;
}
