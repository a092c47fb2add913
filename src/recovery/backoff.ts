/** A task that ran this long before it failed starts its count of failures anew. */
const FORGET_MS = 10 * 60_000;

/** One that was ready, and ran this long, does so too: what it is made of is good enough to be tried again at once. */
const FORGET_READY_MS = 60_000;

/**
 * Failures in a row after one more.
 * @param before count that the failed task carried
 * @param ranMs how long it had run
 * @param wasReady whether it was ready meanwhile
 */
export function failuresAfter(before: number, ranMs: number, wasReady: boolean): number {
  return ranMs >= (wasReady ? FORGET_READY_MS : FORGET_MS) ? 1 : before + 1;
}

/**
 * How long after its end a task is recreated, ms: at once after the first failure, then 1, 2, 4 ... seconds.
 * @param failures in a row, this one included
 */
export function restartDelayMs(failures: number, maxMs: number): number {
  return failures <= 1 ? 0 : Math.min(maxMs, 1000 * 2 ** Math.min(failures - 2, 30));
}
