import { append, largest } from '../../lib/unbounded.ts';
import { backOffWords, countByNode, lastFailure, unsupportedHold } from '../../snapshot/class.ts';
import type { Subject } from '../../snapshot/drafting.ts';
import type { ClassDraft, Draft } from '../../snapshot/framework.ts';
import { ranked, type Ranked } from '../../snapshot/named-classes.ts';
import {
  judge,
  lastFirst,
  recoveredFrom,
  type Judged,
  type Removal,
  type TaskPod,
  type TaskRules,
  type Watch,
} from '../../snapshot/slots.ts';
import { mountsTellAt, stuckTasks } from '../../snapshot/stuck.ts';
import { NO_LACK, OpenSlots, type Reopened } from '../../snapshot/vacancies.ts';
import type { JobFacts } from './facts.ts';

/** A job counts its failures for good: `maxRestarts` bounds them. */
const RULES: TaskRules = { row: 'TrainingJob', failuresAfter: (before) => before + 1 };

/** True once the job has ended for good; nothing is created for it any more. */
export const jobEnded = (job: JobFacts): boolean =>
  job.status.phase === 'Succeeded' || job.status.phase === 'Failed';

/** What a worker slot that has Pods comes to: its task, or the vacancy it leaves, and the Pods that are in the way. */
interface Slot {
  readonly live: TaskPod | undefined;
  readonly done: boolean;
  readonly vacancy: Reopened | undefined;
  /** Whose back-off it waits for; undefined when it has none. */
  readonly backingOff: Judged | undefined;
  readonly removals: readonly Removal[];
}

/** Which of several live tasks of one slot stays: a ready one, then the oldest. Those on their way have no age yet. */
function keepFirst(a: TaskPod, b: TaskPod): number {
  const age = (pod: TaskPod) => pod.createdAt || Number.MAX_SAFE_INTEGER;
  return Number(b.ready) - Number(a.ready) || age(a) - age(b) || (a.name < b.name ? -1 : 1);
}

function readSlot(slot: number, tasks: readonly Judged[], now: number): Slot {
  const done = tasks.some((t) => t.action === 'complete');
  const running = tasks.filter((t) => t.action === 'keep').map((t) => t.pod);
  running.sort(keepFirst);
  // The work of a done slot is done, whoever else was set to it.
  const live = done ? undefined : running.shift();
  const removals = running.map((pod): Removal => ({ pod, reason: 'ScaledDown', signal: undefined }));
  const gone = tasks.filter((t) => t.action !== 'keep' && t.action !== 'complete');
  if (live || done) {
    for (const { pod, signal, action } of gone) {
      if (action !== 'refill') removals.push({ pod, reason: 'Replaced', signal });
    }
    return { live, done, vacancy: undefined, backingOff: undefined, removals };
  }
  // Somebody ended there: who is neither live nor done is gone.
  const last = gone.sort(lastFirst)[0]!;
  if (last.due > now) return { live, done, vacancy: undefined, backingOff: last, removals };
  const vacancy = { slot, failures: last.failures, after: recoveredFrom(last), ended: last.ended };
  return { live, done, vacancy, backingOff: undefined, removals };
}

/** Tasks by their slot, the lowest first. */
const slotsOf = (tasks: readonly Judged[]): Map<number, Judged[]> =>
  Map.groupBy(
    tasks.toSorted((a, b) => a.pod.task.slot - b.pod.task.slot),
    ({ pod }) => pod.task.slot,
  );

/** Reads one job: which workers live or are done, which slots are to be filled, which Pods are to go. */
export function jobDraft(subject: Subject<Ranked<JobFacts>, TaskPod>, watch: Watch): Draft {
  const { metadata, workload: job, pods, hold } = subject;
  const { spec, groups, standing } = job;
  const { name, namespace = '' } = metadata;
  const judged = pods.map((pod) => judge(pod, RULES, spec.recovery, watch));
  const byGroup = Map.groupBy(judged, ({ pod }) => pod.task.group);
  const bySlot = new Map([...byGroup].map(([group, tasks]) => [group, slotsOf(tasks)]));
  // A failed Pod and its replacement carry the same failure: the slot counts it once.
  let failures = 0;
  let restarts = 0;
  for (const tasks of [...bySlot.values()].flatMap((slots) => [...slots.values()])) {
    failures += largest(tasks.map((t) => t.failures));
    restarts += largest(tasks.map((t) => t.pod.task.failures));
  }
  const exhausted = failures > spec.maxRestarts;
  // Its live Pods carry a part of that count: they go once the status says Failed, or a crash here would forget it.
  const over = jobEnded(job);
  const ended = exhausted || over;

  const live: TaskPod[] = [];
  const removals: Removal[] = [];
  const backingOff: Judged[] = [];
  let completed = 0;
  const classes = spec.groups.map((group, g): ClassDraft => {
    // Slots without Pods are not looked at: they are only counted.
    const slots = [...(bySlot.get(group.name) ?? [])].filter(([i]) => i >= 0 && i < group.replicas);
    const reopened: Reopened[] = [];
    for (const [i, tasks] of slots) {
      const slot = readSlot(i, tasks, watch.now);
      if (slot.live) live.push(slot.live);
      if (slot.done) completed++;
      if (slot.vacancy) reopened.push(slot.vacancy);
      if (slot.backingOff) backingOff.push(slot.backingOff);
      append(removals, slot.removals);
    }
    const base = `${name}-${group.name}`;
    const taken = slots.map(([i]) => i);
    const fresh = group.replicas - slots.length;
    const mine = byGroup.get(group.name) ?? [];
    return {
      group: group.name,
      shape: groups[g]!.shape,
      scheduling: 'Packed',
      size: group.replicas,
      pending: ended ? NO_LACK : new OpenSlots({ namespace, base, reopened, fresh, taken }),
      leastPriority: undefined,
      perNode: countByNode(mine.filter((j) => j.action === 'keep').map((j) => j.pod)),
    };
  });

  const draft = {
    revocable: spec.revocable,
    noticeSeconds: spec.noticeSeconds,
    together: true,
    gang: true,
    hold: unsupportedHold(groups.map(({ shape }) => shape)) ?? hold,
    classes,
    live,
    ready: live.filter((pod) => pod.ready).length,
    stranded: 0,
    stuck: stuckTasks(live, watch.now),
    failed: exhausted ? lastFailure(judged) : backOffWords(backingOff),
    completed,
    backingOff: ended ? 0 : backingOff.length,
    removals: over
      ? judged
          .filter((j) => j.action === 'keep')
          .map(({ pod }): Removal => ({ pod, reason: 'JobEnded', signal: undefined }))
      : removals,
    failures,
    restarts,
    wasWhole: job.status.startTime !== undefined || failures > 0 || completed > 0,
    exhausted,
    // Of a job that ended nothing is tried again; but that a node was rebooted may yet be told.
    wakeAt: judged
      .filter(({ action }) => !ended || action === 'keep')
      .reduce(
        (next, { due }) => (due > watch.now ? Math.min(next, due) : next),
        mountsTellAt(live, watch.now),
      ),
  };
  return ranked(draft, standing);
}
