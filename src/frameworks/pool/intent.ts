import { isProtected } from '../../recovery/rules.ts';
import type { Judged, Removal } from '../../snapshot/slots.ts';

/**
 * Why a server that is well is sent away by what its label says: by `Kill` whoever holds it, since a person said so; by
 * `Drain` as soon as nobody does. Undefined when it stays.
 */
export function sentAway({ action, pod: { task } }: Judged): Removal['reason'] | undefined {
  if (action !== 'keep') return undefined;
  if (task.intent === 'Kill') return 'Killed';
  return task.intent === 'Drain' && !isProtected(task.session) ? 'Drained' : undefined;
}

/** A server that goes by our order: its slot is filled again, and that recovers nothing. */
export const asDismissed = (judged: Judged): Judged => ({
  ...judged,
  pod: { ...judged.pod, dismissed: true },
  action: 'refill',
});
