import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterError } from './errors.ts';

/** How `waitFor` polls. Times are milliseconds. */
export interface WaitOptions {
  readonly timeoutMs: number;
  readonly intervalMs?: number;
  /** Called before each look; may throw to end the wait early, as when the process waited for has died. */
  readonly check?: () => void;
}

/**
 * Polls until `look` gives a value. What `look` throws counts as "not yet" and is told if time runs out.
 * @throws ClusterError StartFailed naming `what` when the time is over
 */
export const waitFor = async <T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  options: WaitOptions,
): Promise<T> => {
  const deadline = performance.now() + options.timeoutMs;
  let last: unknown;
  for (;;) {
    options.check?.();
    try {
      const seen = await look();
      if (seen !== undefined) return seen;
    } catch (thrown) {
      last = thrown;
    }
    if (performance.now() > deadline) {
      const reason = last instanceof Error ? `: ${last.message}` : '';
      throw new ClusterError(
        'StartFailed',
        `${what} did not happen within ${options.timeoutMs / 1000} s${reason}`,
        {
          cause: last,
        },
      );
    }
    await sleep(options.intervalMs ?? 50);
  }
};
