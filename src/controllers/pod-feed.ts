import type { AssumedPods } from '../writes/assumed.ts';
import type { Store } from '../kube/store.ts';
import type { Steps } from '../lib/steps.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { Ledger } from '../world/ledger.ts';

/**
 * Keeps the ledger at what the store of Pods holds, with our own writes that the watch has not shown yet. It remembers which
 * Pods something happened to, and looks them up when asked: what comes twice, late or in another order does no harm.
 */
export class PodFeed {
  readonly #store: Store<PodFacts>;
  readonly #assumed: AssumedPods;
  readonly #ledger: Ledger;
  readonly #touched: Set<string>;

  constructor(store: Store<PodFacts>, assumed: AssumedPods, ledger: Ledger) {
    this.#store = store;
    this.#assumed = assumed;
    this.#ledger = ledger;
    this.#touched = new Set(store.keys());
    store.subscribe(({ object }) => this.#touched.add(object.key));
    assumed.subscribe((key) => this.#touched.add(key));
  }

  /** Brings the ledger up to date, in steps; what happens meanwhile is taken in as well. */
  *take(): Steps<void> {
    for (const key of this.#touched) {
      const pod = this.#assumed.asDecided(key, this.#store.get(key));
      if (pod) this.#ledger.put(pod);
      else this.#ledger.delete(key);
      this.#touched.delete(key);
      yield;
    }
  }
}
