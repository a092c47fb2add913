/** Shape of an exponential back-off. Times in milliseconds. */
export interface BackoffOptions {
  /** First wait, before jitter. */
  initialMs: number;
  /** Longest wait, before jitter. */
  maxMs: number;
  /** Growth per failure; 2 when left out. */
  factor?: number;
  /** Share of each wait that is random, 0 to 1; 0.5 when left out, so that waits spread over [half, full]. */
  jitter?: number;
}

/** The wait after `failures` failures (1 = the first), in milliseconds; `random` yields [0, 1). Pure. */
export const backoffMs = (options: BackoffOptions, failures: number, random: () => number): number => {
  const { initialMs, maxMs, factor = 2, jitter = 0.5 } = options;
  const full = Math.min(maxMs, initialMs * factor ** Math.max(0, failures - 1));
  return full * (1 - jitter + jitter * random());
};

/** Counts failures in a row and says how long to wait after each. */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: () => number;
  #failures = 0;

  constructor(options: BackoffOptions, random: () => number) {
    this.#options = options;
    this.#random = random;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure and returns the wait in milliseconds. */
  next(): number {
    this.#failures += 1;
    return backoffMs(this.#options, this.#failures, this.#random);
  }

  /** Something succeeded: the next failure is the first again. */
  reset(): void {
    this.#failures = 0;
  }
}
