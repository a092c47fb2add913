import type { OfferRecord } from '../allocator/placing/offer.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { offerViews, type OfferView } from './offers.ts';

/**
 * The last offers that were made, as people read them. An offer speaks of agents and frameworks by their numbers in
 * the snapshot of its own cycle, so it is put into words at once; old snapshots are then free to go.
 */
export class OfferLog {
  readonly #capacity: number;
  #entries: readonly OfferView[] = [];
  /** What was recorded last for a framework and group: the reason why it declined, or '' when it accepted. */
  readonly #last = new Map<string, string>();

  /** @param capacity most offers that are kept */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Newest last. The array never changes; a later cycle makes another. */
  get entries(): readonly OfferView[] {
    return this.#entries;
  }

  /**
   * Adds the offers of one cycle, in the order in which they were made. A framework that declines for the same reason
   * cycle after cycle would push everything else out, so that only the first of such a row is kept.
   */
  record(offers: readonly OfferRecord[], snapshot: Snapshot): void {
    if (offers.length === 0) return;
    const views = offerViews(
      offers.filter((record) => this.#isNews(record, snapshot)).slice(-this.#capacity),
      snapshot,
    );
    if (views.length > 0) this.#entries = [...this.#entries, ...views].slice(-this.#capacity);
  }

  #isNews({ offer, answer, reason }: OfferRecord, snapshot: Snapshot): boolean {
    const key = `${snapshot.frameworks[offer.framework]!.id}/${offer.demandClass.group}`;
    const news = answer === 'accepted' || this.#last.get(key) !== reason;
    // Taken out and put back, so that the map is in the order of use and the first is the one to forget.
    this.#last.delete(key);
    this.#last.set(key, reason);
    if (this.#last.size > this.#capacity) this.#last.delete(this.#last.keys().next().value!);
    return news;
  }
}
