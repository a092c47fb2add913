import type { Clock } from '../../lib/clock.ts';

/** What a caller may still ask. */
interface Bucket {
  left: number;
  at: number;
}

/** Most callers that are remembered. */
const MOST = 10_000;

/** How often each caller may ask: a bucket of calls that fills again. */
export class Rates {
  readonly #buckets = new Map<string, Bucket>();
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #clock: Pick<Clock, 'monotonic'>;

  /** @param burst the most calls at once, by who has not called for a while */
  constructor(perSecond: number, clock: Pick<Clock, 'monotonic'>, burst = perSecond) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#clock = clock;
  }

  /** Whether one more call is fine; it counts if so. */
  take(caller: string): boolean {
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(caller) ?? { left: this.#burst, at: now };
    const left = Math.min(this.#burst, bucket.left + ((now - bucket.at) / 1000) * this.#perSecond);
    // Who asked last stands last: the others have full buckets, or nearly so.
    this.#buckets.delete(caller);
    this.#buckets.set(caller, { left: left >= 1 ? left - 1 : left, at: now });
    if (this.#buckets.size > MOST) this.#buckets.delete(this.#buckets.keys().next().value!);
    return left >= 1;
  }
}
