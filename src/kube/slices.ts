import type { Clock } from '../lib/clock.ts';

interface Job {
  step: () => boolean;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Longest that one turn of the event loop is spent on all jobs together, milliseconds. */
const budgetMs = 5;

/**
 * Divides long work into slices, so that sockets are read and timers fire in between. All jobs share one budget
 * a turn of the event loop: eight busy reflectors pause it as little as one.
 */
export class Slices {
  readonly #clock: Clock;
  readonly #jobs: Job[] = [];
  #next = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Calls `step` until it returns false, a slice at a time, taking turns with the other jobs. A step should take
   * well under a millisecond. Rejects with what a step throws, which ends the job.
   */
  run(step: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ step, resolve, reject });
      if (this.#jobs.length === 1) setImmediate(this.#turn);
    });
  }

  readonly #turn = (): void => {
    const end = this.#clock.monotonic() + budgetMs;
    do {
      if (this.#next >= this.#jobs.length) this.#next = 0;
      const job = this.#jobs[this.#next];
      if (job === undefined) return;
      if (this.#step(job)) this.#next += 1;
      else this.#jobs.splice(this.#next, 1);
    } while (this.#jobs.length > 0 && this.#clock.monotonic() < end);
    if (this.#jobs.length > 0) setImmediate(this.#turn);
  };

  /** Runs one step; false when the job is over. */
  #step(job: Job): boolean {
    try {
      if (job.step()) return true;
      job.resolve();
    } catch (error) {
      job.reject(error);
    }
    return false;
  }
}
