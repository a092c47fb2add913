import type { OfferRecord } from '../allocator/offer.ts';
import type { Snapshot } from '../snapshot/build.ts';
import { offerViews, type OfferView } from './views/offers.ts';

/**
 * The last offers that were made, as people read them. An offer speaks of agents and frameworks by their numbers in
 * the snapshot of its own cycle, so it is put into words at once; old snapshots are then free to go.
 */
export class OfferLog {
  readonly #capacity: number;
  #entries: readonly OfferView[] = [];

  /** @param capacity most offers that are kept */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Newest last. The array never changes; a later cycle makes another. */
  get entries(): readonly OfferView[] {
    return this.#entries;
  }

  /** Adds the offers of one cycle, in the order in which they were made. */
  record(offers: readonly OfferRecord[], snapshot: Snapshot): void {
    if (offers.length === 0) return;
    const views = offerViews(offers.slice(-this.#capacity), snapshot);
    this.#entries = [...this.#entries, ...views].slice(-this.#capacity);
  }
}
