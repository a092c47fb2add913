import type { KubeClient } from '../kube/client.ts';
import type { Log } from '../kube/types.ts';
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
