/** Failures of one thing, one after the other, and how far its back-off has come. */
export interface Setbacks {
  /** All of them. */
  readonly times: number;
  /** Those that came when the wait after the one before was over: what comes together counts once. */
  readonly steps: number;
  /** When the last one came, ms since the epoch. */
  readonly at: number;
  /** When the wait after them ends, ms since the epoch. */
  readonly until: number;
}

/** First and longest wait after setbacks, ms; each is twice the one before. */
const FIRST_MS = 1000;
export const LONGEST_MS = 60_000;

/** How long the wait after so many steps is, ms. */
export const waitAfter = (steps: number): number =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(steps - 1, 16));

/**
 * Setbacks after one more.
 * @param before those that are remembered; undefined when there are none
 * @param at when it came, ms since the epoch
 */
export function afterSetback(before: Setbacks | undefined, at: number): Setbacks {
  if (before && at < before.until) return { ...before, times: before.times + 1, at: Math.max(at, before.at) };
  const steps = (before?.steps ?? 0) + 1;
  return { times: (before?.times ?? 0) + 1, steps, at, until: at + waitAfter(steps) };
}
