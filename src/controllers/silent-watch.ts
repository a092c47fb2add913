import type { AssumedPods } from '../writes/assumed.ts';
import type { Reflector } from '../kube/reflector.ts';
import type { Log } from '../kube/types.ts';
import type { Clock } from '../lib/clock.ts';
import type { PodFacts } from '../snapshot/task.ts';

/** How long the watch may bring nothing while it owes us a write of ours, ms. */
const PATIENCE_MS = 10_000;

export interface SilentWatchOptions {
  readonly assumed: Pick<AssumedPods, 'unseenSince'>;
  readonly mirror: Pick<Reflector<PodFacts>, 'lastEventAt' | 'resync'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Notices a watch of Pods that is open and brings nothing any more, long before its time-out: our own writes are the
 * evidence. A watch that is only slow is left alone, since it brings something all the time.
 */
export class SilentWatch {
  readonly #options: SilentWatchOptions;
  #listing = false;

  constructor(options: SilentWatchOptions) {
    this.#options = options;
  }

  /** Lists the Pods anew when the watch has gone silent; call it now and then. */
  check(): void {
    const { assumed, mirror, clock, log } = this.#options;
    const since = assumed.unseenSince();
    if (since === undefined || this.#listing) return;
    const silentMs = clock.now() - Math.max(since, mirror.lastEventAt);
    if (silentMs < PATIENCE_MS) return;
    log.warn({ silentMs }, 'watch of Pods is silent about our writes, listing anew');
    this.#listing = true;
    void mirror.resync().finally(() => {
      this.#listing = false;
    });
  }
}
