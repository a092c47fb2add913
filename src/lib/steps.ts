import type { Clock } from './clock.ts';

/** Work that can be left for a while after each of its steps. What it reads must not change meanwhile. */
export type Steps<T> = Generator<void, T, void>;

/** Does all of it without a pause. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The longest time that work goes on before others have their turn, ms; a step is never cut. */
const SLICE_MS = 8;

/**
 * Does it in slices, and lets whatever else waits in this process have its turn between them.
 * @returns undefined when the signal aborts before the end; then the rest is not done
 */
export async function inSlices<T>(
  steps: Steps<T>,
  clock: Pick<Clock, 'monotonic' | 'sleep'>,
  signal: AbortSignal,
): Promise<T | undefined> {
  let start = clock.monotonic();
  while (!signal.aborted) {
    const { done, value } = steps.next();
    if (done) return value;
    if (clock.monotonic() - start < SLICE_MS) continue;
    await clock.sleep(0, signal);
    start = clock.monotonic();
  }
  return undefined;
}
