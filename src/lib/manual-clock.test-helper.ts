import type { Clock } from './clock.ts';

/** A clock that stands still until a test moves it; wall clock and monotonic time are the same. */
export class ManualClock implements Clock {
  #now: number;
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  /** @param now ms since the epoch */
  constructor(now: number) {
    this.#now = now;
  }

  now = (): number => this.#now;
  monotonic = (): number => this.#now;

  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((wake) => {
      if (signal?.aborted) return wake();
      this.#sleepers.push({ at: this.#now + ms, wake });
      signal?.addEventListener('abort', () => wake(), { once: true });
    });

  /** Lets time go on, and everybody act whose sleep ends meanwhile, in the order of time. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settled();
      const next = this.#sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#sleepers = this.#sleepers.filter((each) => each !== next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    this.#now = end;
  }
}

/** Waits until all promises that can go on have done so. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
