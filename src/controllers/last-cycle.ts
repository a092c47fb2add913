import { OfferLog } from '../views/offer-log.ts';
import type { Inspect, LastCycle } from '../views/inspect.ts';
import type { Framework } from '../snapshot/framework.ts';
import type { CycleResult } from './cycle.ts';

/** Offers of past cycles that are kept for people. */
const KEPT_OFFERS = 1000;

/** Keeps the picture of the last cycle for the loop, and for people who look inside. */
export class LastCycleKeeper implements Inspect {
  readonly leader: () => boolean;
  readonly #offers = new OfferLog(KEPT_OFFERS);
  /** Frameworks by their id; made when one is asked for. */
  #frameworks: ReadonlyMap<string, Framework> | undefined;
  #last: { readonly result: CycleResult; readonly durationMs: number } | undefined;

  /** @param leader whether this process decides */
  constructor(leader: () => boolean) {
    this.leader = leader;
  }

  /** Undefined before the first cycle. */
  get result(): CycleResult | undefined {
    return this.#last?.result;
  }

  /** A cycle ended. */
  keep(result: CycleResult, durationMs: number): void {
    this.#offers.record(result.allocation.offers, result.snapshot);
    this.#last = { result, durationMs };
    this.#frameworks = undefined;
  }

  /** A framework by its id, as the last cycle saw it; undefined when it saw none of it. */
  frameworkOf(id: string): Framework | undefined {
    const frameworks = this.#last?.result.snapshot.frameworks ?? [];
    this.#frameworks ??= new Map(frameworks.map((framework) => [framework.id, framework]));
    return this.#frameworks.get(id);
  }

  latest(): LastCycle | undefined {
    if (!this.#last) return undefined;
    const { result, durationMs } = this.#last;
    return { snapshot: result.snapshot, offers: this.#offers.entries, at: result.snapshot.now, durationMs };
  }
}
