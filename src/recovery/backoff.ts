/** A task that ran this long before it failed starts its count of failures anew. */
const FORGET_MS = 10 * 60_000;

/**
 * Failures in a row after one more.
 * @param before count that the failed task carried
 * @param ranMs how long it had run
 */
export function failuresAfter(before: number, ranMs: number): number {
  return ranMs >= FORGET_MS ? 1 : before + 1;
}

/**
 * How long after its end a task is recreated, ms: at once after the first failure, then 1, 2, 4 ... seconds.
 * @param failures in a row, this one included
 */
export function restartDelayMs(failures: number, maxMs: number): number {
  return failures <= 1 ? 0 : Math.min(maxMs, 1000 * 2 ** Math.min(failures - 2, 30));
}
