import type { Clock } from '../lib/clock.ts';

/**
 * Word among those who wait for one API server that does not answer: as soon as one of them gets through, the others try
 * at once, however long they meant to wait.
 */
export class Comeback {
  readonly #waiting = new Set<AbortController>();
  #count = 0;

  /** How often somebody got through who had failed. */
  get count(): number {
    return this.#count;
  }

  /** Somebody who had failed got through. */
  announce(): void {
    this.#count += 1;
    for (const news of this.#waiting) news.abort();
  }

  /**
   * Sleeps for `ms`, or until somebody gets through or the signal aborts.
   * @param since the count when the attempt began that failed
   * @returns whether somebody got through since then
   */
  async sleep(ms: number, since: number, clock: Clock, signal: AbortSignal): Promise<boolean> {
    if (this.#count > since) return true;
    const news = new AbortController();
    this.#waiting.add(news);
    await clock.sleep(ms, AbortSignal.any([signal, news.signal]));
    this.#waiting.delete(news);
    return news.signal.aborted;
  }
}
