import { systemClock } from '../../src/lib/clock.ts';

/** How long a condition is waited for, ms. A test that hangs is told by what it waits for, not by its own limit, which is larger. */
const PATIENCE_MS = 300_000;

/**
 * Resolves with the first truthy value that `condition` yields.
 * @throws Error once it has asked for five minutes, or when the signal aborts: with `what` it waited for
 */
export const until = async <T>(
  what: string,
  condition: () => T | Promise<T>,
  options: { everyMs?: number; signal?: AbortSignal } = {},
): Promise<NonNullable<T>> => {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (options.signal?.aborted || performance.now() > end) throw new Error(`gave up waiting for ${what}`);
    await systemClock.sleep(options.everyMs ?? 25, options.signal);
  }
};
