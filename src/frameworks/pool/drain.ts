import type { Eviction } from '../../api/pool/eviction.ts';
import { isProtected } from '../../recovery/rules.ts';
import type { Asking } from '../../snapshot/framework.ts';
import type { TaskPod, Watch } from '../../snapshot/slots.ts';
import { least } from '../../lib/unbounded.ts';

/** What becomes of servers with players whose node is drained. */
export interface Drain {
  /** Those that are told how long they may stay. */
  readonly asks: readonly Asking[];
  /** Those whose time is over. */
  readonly over: ReadonlySet<TaskPod>;
  /** When the time of the next one is over, ms since the epoch; Infinity when it is of none. */
  readonly wakeAt: number;
}

const NO_DRAIN: Drain = { asks: [], over: new Set(), wakeAt: Infinity };

/**
 * Lets servers with players go when the pool says how long a drain waits for them. The others need no word of ours: whoever drains
 * evicts them, and their slots are filled elsewhere at once. The time that a server was told stands on its Pod, so that it is
 * the same for whoever leads next.
 */
export function drain(alive: readonly TaskPod[], { drainSeconds }: Eviction, watch: Watch): Drain {
  if (drainSeconds === undefined) return NO_DRAIN;
  const { now, isDrained } = watch;
  const held = alive.filter(
    ({ node, task }) => isProtected(task.session) && node !== undefined && isDrained(node),
  );
  if (held.length === 0) return NO_DRAIN;
  // A whole second, as times are written, and to come: each is told before it goes. Nobody gives a server more time than that by
  // writing on its Pod.
  const latest = Math.ceil(now / 1000 + Math.max(1, drainSeconds)) * 1000;
  const asks = held.map((pod) => ({
    pod,
    until: Math.min(pod.inverseOffer ?? latest, latest),
    why: 'its node is to be empty',
  }));
  return {
    asks,
    over: new Set(asks.filter(({ until }) => until <= now).map(({ pod }) => pod)),
    // Also of those that are told in this cycle: that word of it comes back makes no cycle.
    wakeAt: least(asks.map(({ until }) => until).filter((until) => until > now)),
  };
}
