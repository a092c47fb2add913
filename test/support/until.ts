import { systemClock } from '../../src/lib/clock.ts';

/**
 * Resolves with the first truthy value that `condition` yields. How long it asks is left to the test runner's
 * own limit; when the signal aborts first, it throws with `what` it waited for.
 */
export const until = async <T>(
  what: string,
  condition: () => T | Promise<T>,
  options: { everyMs?: number; signal?: AbortSignal } = {},
): Promise<NonNullable<T>> => {
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (options.signal?.aborted) throw new Error(`gave up waiting for ${what}`);
    await systemClock.sleep(options.everyMs ?? 25, options.signal);
  }
};
