import type { KubeClient } from '../kube/client.ts';
import type { Log } from '../kube/types.ts';
import { traceOf } from '../lib/errors.ts';
import type { Clock } from '../lib/clock.ts';

/** What a loop beside placement works with. */
export interface LoopMeans {
  readonly client: Pick<KubeClient, 'request'>;
  readonly clock: Clock;
  /** Yields [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** True while this process leads and its view of the cluster is as new as its leadership. */
  readonly mayDecide: () => boolean;
  /** Asked right before each write goes out. */
  readonly mayWrite: () => boolean;
}

/** A loop beside placement: it goes by the stores and by the last cycle, and holds up no cycle. */
export interface Loop {
  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Looks at all soon, since leadership began. */
  trigger?(): void;
}

/**
 * Looks every so often while this process leads, until the signal aborts. A look that throws is told, and the next one comes all
 * the same: what one object does to it ends no loop.
 * @param everyMs time between two looks, ms @param what is looked at, for the log
 */
export async function lookEvery(
  everyMs: number,
  { clock, log, mayDecide }: Pick<LoopMeans, 'clock' | 'log' | 'mayDecide'>,
  what: string,
  signal: AbortSignal,
  look: () => void | Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(everyMs, signal);
    if (signal.aborted || !mayDecide()) continue;
    try {
      await look();
    } catch (error) {
      log.error({ what, ...traceOf(error) }, 'a look failed, and it is tried again');
    }
  }
}
