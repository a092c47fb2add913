import type { Allocation } from '../allocator/allocate.ts';
import type { Eviction } from '../allocator/allocate.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { refOf } from '../snapshot/framework-id.ts';
import type { Framework } from '../snapshot/framework.ts';
import { mayBePlayed } from '../recovery/rules.ts';
import { deadlineFrom, dueTime } from '../snapshot/preemption.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { EvictCommand, NoticeCommand } from './command.ts';
import { least } from '../lib/unbounded.ts';

const ofPod = (framework: Framework, { namespace, name, uid, resourceVersion }: PodFacts) => ({
  framework: refOf(framework),
  namespace,
  name,
  uid,
  resourceVersion: mayBePlayed(framework.kind) ? resourceVersion : undefined,
});

/** Whether a Pod that is to go has no time left, or has used it: what its framework did was saved after it was asked. */
function isDue(pod: PodFacts, { savedAt = -Infinity }: Framework, { preemption, now }: Snapshot): boolean {
  const due = dueTime(pod, preemption, now);
  return pod.noticeMs === 0 || (due !== undefined && (due <= now || savedAt > due - pod.noticeMs));
}

/**
 * Carries evictions out: a Pod that wants notice is asked first, and evicted when its time is over and it is still in
 * the way. A gang goes when the last of it is due, those that it can do without each by itself, and what a budget kept of one follows. Nobody goes for a framework
 * while a budget keeps another one who is in its way. Who was asked and is in nobody's way any more is told so. All of it is
 * on the Pods, so that whoever leads next goes on with it; what Pods were told is remembered too, so that no owner can
 * write a later time on one.
 */
export function giveWay(snapshot: Snapshot, { evictions }: Allocation): (EvictCommand | NoticeCommand)[] {
  const { frameworks, preemption, now } = snapshot;
  const commands: (EvictCommand | NoticeCommand)[] = [];
  const inTheWay = new Set<string>();
  const gangs = gangsOf(snapshot, evictions);
  const companies = several(evictions, ({ by }) => by);
  for (const { framework, pod, by } of evictions) {
    inTheWay.add(pod.uid);
    const owner = frameworks[framework]!;
    const victim = ofPod(owner, pod);
    const preemptor = refOf(frameworks[by]!);
    const gang = gangs.get(framework);
    if ((gang ?? [pod]).every((each) => isDue(each, owner, snapshot)))
      commands.push({ kind: 'evict', ...victim, by: preemptor, gang, company: companies.get(by) });
    else if (dueTime(pod, preemption, now) === undefined)
      commands.push({ kind: 'notice', ...victim, until: deadlineFrom(now, pod), by: preemptor });
  }
  for (const framework of frameworks) {
    for (const { pod, until, why } of framework.asks) {
      inTheWay.add(pod.uid);
      if (pod.inverseOffer !== until && pod.uid !== '')
        commands.push({ kind: 'notice', ...ofPod(framework, pod), until, by: undefined, why });
    }
  }
  if (snapshot.asked.length === 0 && preemption.rest.size === 0) return commands;
  for (const framework of frameworks) {
    for (const pod of framework.live) {
      const by = preemption.rest.get(pod.uid);
      const isBarred = (preemption.blocked.get(pod.uid)?.until ?? 0) > now;
      if (by && !isBarred && !pod.deleting && !pod.terminal && !inTheWay.has(pod.uid))
        commands.push({ kind: 'evict', ...ofPod(framework, pod), by });
      if (pod.inverseOffer === undefined || pod.deleting || pod.terminal || inTheWay.has(pod.uid)) continue;
      commands.push({ kind: 'notice', ...ofPod(framework, pod), until: undefined, by: undefined });
    }
  }
  return commands;
}

/** The Pods of each gang of more than one that is to go, by the number of its framework. */
function gangsOf({ frameworks }: Snapshot, evictions: Allocation['evictions']): Map<number, PodFacts[]> {
  const gangs = [...Map.groupBy(evictions, ({ framework }) => framework)].filter(([index, going]) => {
    const { together, spare } = frameworks[index]!;
    const spares = new Set(spare);
    return together && going.some(({ pod }) => !spares.has(pod));
  });
  return several(
    gangs.flatMap(([, going]) => going),
    ({ framework }) => framework,
  );
}

/** Pods of evictions that have the same key, where there is more than one. */
function several(
  evictions: Allocation['evictions'],
  keyOf: (eviction: Eviction) => number,
): Map<number, PodFacts[]> {
  const groups = [...Map.groupBy(evictions, keyOf)].filter(([, { length }]) => length > 1);
  return new Map(groups.map(([key, group]) => [key, group.map(({ pod }) => pod)]));
}

/** When the next of those who were asked to go is due, ms since the epoch; Infinity when nobody was. */
export function nextDue(snapshot: Snapshot, { evictions }: Allocation): number {
  const { preemption, now } = snapshot;
  return least(
    evictions
      .filter(({ framework, pod }) => !isDue(pod, snapshot.frameworks[framework]!, snapshot))
      .map(({ pod }) => dueTime(pod, preemption, now) ?? deadlineFrom(now, pod)),
  );
}
