import { podPath } from '../lib/pod-path.ts';
import { formatTime } from '../lib/time.ts';
import type { Unscheduled } from '../plan/pod-scheduled.ts';
import type { DesiredStatus } from './status-writer.ts';

/** Numbers in a message change all the time; while its reason stays it is renewed this often, ms. */
const RENEW_MS = 30_000;

/**
 * The status that a Pod of others has while it waits: PodScheduled is False, as kube-scheduler writes it and as node
 * autoscalers read it.
 * @param now ms since the epoch
 * @param onWritten called when it is written
 * @returns undefined when it is as it should be
 */
export function podStatus(
  { pod, reason, message, nominated }: Unscheduled,
  now: number,
  onWritten: () => void,
): DesiredStatus | undefined {
  const { told } = pod.customer!;
  const same = told?.reason === reason && pod.nominated === nominated;
  // Who said it may have had another clock: a time to come is as old as one that is past.
  if (same && (told.message === message || Math.abs(now - told.at) < RENEW_MS)) return undefined;
  const time = formatTime(now);
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason,
    message,
    lastProbeTime: time,
    ...(told ? {} : { lastTransitionTime: time }),
  };
  const { namespace, name, uid, resourceVersion } = pod;
  return {
    path: podPath(namespace, name),
    current: { reason: told?.reason ?? '', message: told?.message ?? '', nominated: pod.nominated ?? '' },
    desired: { reason, message, nominated: nominated ?? '' },
    patch: {
      // As it was seen: a Pod that was bound meanwhile must not be told that it waits.
      body: {
        metadata: { uid, resourceVersion },
        status: { conditions: [condition], nominatedNodeName: nominated ?? null },
      },
      contentType: 'application/strategic-merge-patch+json',
    },
    onWritten,
  };
}
