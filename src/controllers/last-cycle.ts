import { OfferLog } from '../views/offer-log.ts';
import type { Inspect, LastCycle } from '../views/inspect.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { CycleResult } from './cycle.ts';

/** Offers of past cycles that are kept for people. */
const KEPT_OFFERS = 1000;

/** Keeps the picture of the last cycle for the loop, and for people who look inside. */
export class LastCycleKeeper implements Inspect {
  readonly leader: () => boolean;
  readonly #offers = new OfferLog(KEPT_OFFERS);
  /** Live tasks by the id of their framework; made when it is asked for. */
  #live: ReadonlyMap<string, readonly PodFacts[]> | undefined;
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
    this.#live = undefined;
  }

  /** Live tasks of a framework, by its id, as the last cycle saw them; undefined when it saw none of it. */
  liveOf(id: string): readonly PodFacts[] | undefined {
    const frameworks = this.#last?.result.snapshot.frameworks ?? [];
    this.#live ??= new Map(frameworks.map((framework) => [framework.id, framework.live]));
    return this.#live.get(id);
  }

  latest(): LastCycle | undefined {
    if (!this.#last) return undefined;
    const { result, durationMs } = this.#last;
    return { snapshot: result.snapshot, offers: this.#offers.entries, at: result.snapshot.now, durationMs };
  }
}
