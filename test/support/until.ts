import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { KubeError } from '../../src/kube/errors.ts';
import { systemClock } from '../../src/lib/clock.ts';

/** How long a condition is waited for, ms. The test runner's own limits are larger: they say nothing of what is missing. */
const PATIENCE_MS = 300_000;
/** Most that is told of what was seen last, characters. */
const TOLD = 2000;

/** What a condition saw last: what it noted by `saw`, else what it came to. */
interface Seen {
  last: unknown;
  noted: boolean;
}

const seenBy = new AsyncLocalStorage<Seen>();
let over = new AbortController();

/** Notes what the condition that runs has read: `until` tells it when it gives up. @returns what it was given */
export function saw<T>(value: T): T {
  const seen = seenBy.getStore();
  if (seen) Object.assign(seen, { last: value, noted: true });
  return value;
}

/** Ends all waiting: the test that waits is over, and its cluster may be gone. */
export function endWaits(): void {
  over.abort();
  over = new AbortController();
}

/** What is not there yet may come, says kubectl or our own client. */
const isNotFound = (error: unknown): boolean =>
  error instanceof KubeError ? error.status === 404 : String(error).includes('(NotFound)');

/**
 * Resolves with the first truthy value that `condition` yields. An object that it asks for may be missing until then;
 * every other error ends the wait.
 * @throws Error with `what` it waited for: with what was seen last, after five minutes or when the test is over; or with
 * the error of the condition as its cause
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  { everyMs = 25, patienceMs = PATIENCE_MS } = {},
): Promise<NonNullable<T>> {
  const test = over.signal;
  const limit = AbortSignal.any([test, AbortSignal.timeout(patienceMs)]);
  const seen: Seen = { last: 'no answer', noted: false };
  const ask = async (): Promise<NonNullable<T> | undefined> => {
    while (!limit.aborted) {
      const from = performance.now();
      try {
        const value = await seenBy.run(seen, condition);
        if (value) return value;
        if (!seen.noted) seen.last = value;
      } catch (error) {
        if (!isNotFound(error)) throw new Error(`waiting for ${what}: ${String(error)}`, { cause: error });
        seen.last = error;
      }
      // Half of the time at most is spent on asking: it takes from the cores that the cluster has.
      await systemClock.sleep(Math.max(everyMs, performance.now() - from), limit);
    }
    return undefined;
  };
  // A question that nobody answers is not waited for either.
  const given = await Promise.race([
    ask(),
    new Promise<undefined>((end) => limit.addEventListener('abort', () => end(undefined))),
  ]);
  if (given !== undefined) return given;
  const last = inspect(seen.last, { depth: 8, breakLength: 120 }).slice(0, TOLD);
  const message = `gave up waiting for ${what}; seen last: ${last}`;
  // Nobody reads the error of a test that has failed already.
  if (test.aborted) console.error(message);
  throw new Error(message);
}
