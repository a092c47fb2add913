import { backoffMs, type BackoffOptions } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import { KubeError } from './errors.ts';

/** How `withRetry` goes about it. */
export interface RetryOptions {
  clock: Clock;
  /** Yields [0, 1). */
  random: () => number;
  signal?: AbortSignal;
  /** Most calls of `fn`, the first included; 5 when left out. */
  attempts?: number;
  /** Waits between attempts when the server names none. */
  backoff?: BackoffOptions;
  /** Whether a failure that could pass is an answer, which no attempt changes; none is when left out. */
  isFinal?: ((error: KubeError) => boolean) | undefined;
  /** Called after each failure that another attempt follows, before the wait for it; `failures` counts them. */
  onFailure?: (error: KubeError, failures: number) => void;
}

/** What `fn` is told about the attempt it makes. */
export interface Attempt {
  /** 1 for the first. */
  number: number;
  /**
   * An earlier attempt may have taken effect although it failed. A create that now yields `alreadyExists` is
   * done then - if the object is the one it meant to make, which only the caller can tell.
   */
  ambiguous: boolean;
}

const defaultBackoff: BackoffOptions = { initialMs: 100, maxMs: 10_000 };

/** The longest `Retry-After` that is honoured, milliseconds: no answer of a proxy may park us for an hour. */
const longestRetryAfterMs = 60_000;

/**
 * The only place that repeats requests. Calls `fn` until it succeeds. 429 waits as long as the server asks;
 * 5xx, network errors and timeouts wait with exponential back-off and jitter. Everything else (conflict,
 * alreadyExists, notFound, gone, invalid, forbidden, unauthorized) is thrown at once: those need a decision.
 * Throws the last error when attempts run out, and the last error too when the signal aborts in a wait.
 * An eviction that a disruption budget forbids is a 429 as well: `isFinal` tells it.
 */
export const withRetry = async <T>(
  fn: (attempt: Attempt) => Promise<T>,
  options: RetryOptions,
): Promise<T> => {
  const { clock, random, signal, attempts = 5, backoff = defaultBackoff, isFinal } = options;
  let ambiguous = false;
  for (let number = 1; ; number += 1) {
    try {
      return await fn({ number, ambiguous });
    } catch (error) {
      if (!(error instanceof KubeError) || !error.retryable || number >= attempts || signal?.aborted)
        throw error;
      if (isFinal?.(error)) throw error;
      ambiguous ||= error.mayHaveApplied;
      options.onFailure?.(error, number);
      await clock.sleep(waitMs(error, backoff, number, random), signal);
      if (signal?.aborted) throw error;
    }
  }
};

/** How long to wait after `error`, the `failures`-th in a row: what the server asks, else the back-off. */
export const waitMs = (
  error: KubeError,
  backoff: BackoffOptions,
  failures: number,
  random: () => number,
): number => {
  const own = backoffMs(backoff, failures, random);
  if (error.retryAfterMs === undefined) return own;
  // A little on top, so that a crowd which was told the same second does not come back as one.
  return Math.min(error.retryAfterMs, longestRetryAfterMs) + own * 0.1;
};
