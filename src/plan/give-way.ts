import type { Allocation } from '../allocator/allocate.ts';
import type { Snapshot } from '../snapshot/build.ts';
import type { Framework, FrameworkRef } from '../snapshot/framework.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { EvictCommand, NoticeCommand } from './command.ts';

const refOf = ({ id, kind, key }: Framework): FrameworkRef => ({ id, kind, key });

const ofPod = (framework: Framework, { namespace, name, uid, resourceVersion }: PodFacts) => ({
  framework: refOf(framework),
  namespace,
  name,
  uid,
  resourceVersion,
});

/** Whether a Pod that is to go has no time left. */
const isDue = ({ noticeMs, inverseOffer }: PodFacts, now: number): boolean =>
  noticeMs === 0 || (inverseOffer !== undefined && inverseOffer <= now);

/** When who is asked now has to be gone: a whole second, as times are written. */
const deadlineOf = ({ noticeMs }: PodFacts, now: number): number => Math.ceil((now + noticeMs) / 1000) * 1000;

/**
 * Carries evictions out: a Pod that wants notice is asked first, and evicted when its time is over and it is still in
 * the way. Who was asked and is in nobody's way any more is told so. All of it is on the Pods, so that whoever leads
 * next goes on with it.
 */
export function giveWay(snapshot: Snapshot, { evictions }: Allocation): (EvictCommand | NoticeCommand)[] {
  const { frameworks, now } = snapshot;
  const commands: (EvictCommand | NoticeCommand)[] = [];
  const inTheWay = new Set<string>();
  for (const { framework, pod, by } of evictions) {
    inTheWay.add(pod.uid);
    const victim = ofPod(frameworks[framework]!, pod);
    const preemptor = refOf(frameworks[by]!);
    if (isDue(pod, now)) commands.push({ kind: 'evict', ...victim, by: preemptor });
    else if (pod.inverseOffer === undefined)
      commands.push({ kind: 'notice', ...victim, until: deadlineOf(pod, now), by: preemptor });
  }
  for (const framework of frameworks) {
    for (const pod of framework.live) {
      if (pod.inverseOffer === undefined || pod.deleting || pod.terminal || inTheWay.has(pod.uid)) continue;
      commands.push({ kind: 'notice', ...ofPod(framework, pod), until: undefined, by: undefined });
    }
  }
  return commands;
}

/** When the next of those who were asked to go is due, ms since the epoch; Infinity when nobody was. */
export function nextDue({ now }: Snapshot, { evictions }: Allocation): number {
  return Math.min(
    Number.POSITIVE_INFINITY,
    ...evictions
      .filter(({ pod }) => !isDue(pod, now))
      .map(({ pod }) => pod.inverseOffer ?? deadlineOf(pod, now)),
  );
}
