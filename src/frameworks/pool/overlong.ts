import { least } from '../../lib/unbounded.ts';
import type { Asking } from '../../snapshot/framework.ts';
import { firstEnd } from '../../snapshot/sessions.ts';
import type { TaskPod } from '../../snapshot/slots.ts';

/** How long a server has to end a session that is over, when its pool gives no notice, ms. */
const GRACE_MS = 60_000;

/** Servers with a session that lasts too long. */
export interface Overlong {
  readonly asks: readonly Asking[];
  /** When the next session has lasted for as long as it may, ms since the epoch; Infinity when none has an end. */
  readonly wakeAt: number;
}

/**
 * Asks servers to go that have a session which has lasted for as long as it may. Once their time is over the allocation takes the
 * session off, and lets the server drain. The time that a server was told stands on its Pod.
 * @param spoken servers that are asked for another reason
 * @param now ms since the epoch
 */
export function overlong(alive: readonly TaskPod[], spoken: readonly Asking[], now: number): Overlong {
  const others = new Set(spoken.map(({ pod }) => pod));
  const asks: Asking[] = [];
  const ends: number[] = [];
  for (const pod of alive) {
    const end = pod.task.session === '' ? Infinity : firstEnd(pod.task.sessions);
    if (end === Infinity || others.has(pod)) continue;
    if (end > now) ends.push(end);
    else {
      // A whole second, as times are written. Nobody gives a server more time than that by writing on its Pod.
      const latest = Math.ceil((now + (pod.noticeMs || GRACE_MS)) / 1000) * 1000;
      const until = Math.min(pod.inverseOffer ?? latest, latest);
      asks.push({ pod, until, why: 'a session on it lasts too long' });
    }
  }
  return { asks, wakeAt: least(ends) };
}
