import type { DemandClass, Framework } from '../../snapshot/framework.ts';
import type { Vacancy } from '../../snapshot/slots.ts';

/** Resources of one agent, held out to one framework in the name of its role: room for `tasks` tasks of one class. */
export interface Offer {
  readonly id: string;
  readonly framework: number;
  readonly role: string;
  /** Number of the agent in the snapshot. */
  readonly agent: number;
  readonly demandClass: DemandClass;
  readonly tasks: number;
  /** Host ports for the tasks, one run of the class's dynamic ports after the other. */
  readonly ports: readonly number[];
}

/** Offers of one turn: what the allocator found for a framework when it was the next in order of shares. */
export interface OfferBundle {
  readonly framework: Framework;
  readonly offers: readonly Offer[];
  /** Pending tasks of each class, by id, that earlier bundles of this cycle filled. */
  readonly filled: ReadonlyMap<number, number>;
}

/** One task that a framework launches on an offer. */
export interface Launch {
  readonly offer: Offer;
  readonly vacancy: Vacancy;
  /** Host port of each dynamic port, in the order of the class's ports. */
  readonly ports: readonly number[];
  /** Tasks that are launched with it, by the id of their class; left out where nobody asks. */
  readonly among?: ReadonlyMap<number, number>;
}

/** A framework's answer to a bundle: all of it, or none and why. */
export type Answer =
  | { readonly kind: 'accept'; readonly launches: readonly Launch[] }
  | { readonly kind: 'decline'; readonly reason: string };

/** The accept function of a framework: pure, so that it runs inside the cycle and nobody can hoard an offer. */
export type AnswerOffers = (bundle: OfferBundle) => Answer;

/** An offer with its answer, kept for people. */
export interface OfferRecord {
  readonly offer: Offer;
  readonly answer: 'accepted' | 'declined';
  /** Why it was declined; empty when it was accepted. */
  readonly reason: string;
}
