import { least } from '../../lib/unbounded.ts';
import type { Asking } from '../../snapshot/framework.ts';
import { deadlineFrom } from '../../snapshot/preemption.ts';
import type { Removal, TaskPod } from '../../snapshot/slots.ts';
import type { JobFacts } from './facts.ts';

/** How the workers of a suspended job go. */
export interface Suspension {
  /** Until when those may stay that get notice. */
  readonly asks: readonly Asking[];
  /** Those that have been told, or need not be. */
  readonly removals: readonly Removal[];
  /** When the time of the next one is over, ms since the epoch; Infinity when it is of none. */
  readonly wakeAt: number;
}

/**
 * Lets workers go with the notice that their Pods bear. The time that one was told stands on its Pod, so that it is the same for
 * whoever leads next; nobody gives it more than its notice by writing there.
 * @param live workers that have not ended @param now ms since the epoch
 */
export function suspend(live: readonly TaskPod[], now: number): Suspension {
  const timed = live.map((pod): Asking => {
    const latest = deadlineFrom(now, pod);
    return { pod, until: Math.min(pod.inverseOffer ?? latest, latest), why: 'its job is suspended' };
  });
  const isOver = ({ pod, until }: Asking): boolean =>
    pod.noticeMs === 0 || (pod.inverseOffer === until && until <= now);
  // Those whose time is over, too: nobody is to tell them that they may stay.
  const asks = timed.filter(({ pod }) => pod.noticeMs > 0);
  return {
    asks,
    removals: timed
      .filter(isOver)
      .map(({ pod }): Removal => ({ pod, reason: 'Suspended', signal: undefined })),
    wakeAt: least(asks.map(({ until }) => until).filter((until) => until > now)),
  };
}

/** Whether a Pod will not be over by itself: kubelets tell that the last container ended some time before they tell that. */
const stillRuns = ({ terminal, task }: TaskPod): boolean =>
  !terminal && (task.exit?.part !== 'main' || task.helpersRun);

/** The Pods that go when a job has ended. @param pods all of it */
export function cleanUp({ spec: { cleanPodPolicy } }: JobFacts, pods: readonly TaskPod[]): Removal[] {
  if (cleanPodPolicy === 'None') return [];
  return pods
    .filter((pod) => cleanPodPolicy === 'All' || stillRuns(pod))
    .map((pod): Removal => ({ pod, reason: 'JobEnded', signal: undefined }));
}
