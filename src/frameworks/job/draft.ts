import { JOB_CONDITION } from '../../api/job/reasons.ts';
import { parseTime } from '../../lib/time.ts';
import { append } from '../../lib/unbounded.ts';
import { backOffWords, countByNode, lastFailure, unsupportedHold } from '../../snapshot/class.ts';
import type { Subject } from '../../snapshot/drafting.ts';
import { neededBy, type ClassDraft, type Draft } from '../../snapshot/framework.ts';
import { ranked, type Ranked } from '../../snapshot/named-classes.ts';
import type { Removal, TaskPod, Watch } from '../../snapshot/slots.ts';
import { mountsTellAt, stuckTasks } from '../../snapshot/stuck.ts';
import { NO_LACK, OpenSlots } from '../../snapshot/vacancies.ts';
import { waitsSince } from '../common/waits-since.ts';
import type { JobFacts } from './facts.ts';
import type { JobFound } from './found.ts';
import { isKept, readGroup } from './group.ts';
import { historyStatus, startedAgain } from './history.ts';
import { hasWorkers, taskRules } from './size.ts';
import { cleanUp, suspend } from './leaving.ts';
import { progressOf } from './progress.ts';
import { replacedAmong } from './peer-marks.ts';
import { openSlots, resizing, type Resizing } from './resize.ts';
import { tasksToStart } from './tasks.ts';
import { attemptOf, attemptSuffix, isReturning, keptUntil, pauseOf } from './attempt.ts';
import { look, settledOf } from './seen.ts';
import type { BackingOff } from './slot.ts';
import { Stages } from './stages.ts';

/** What says that workers wait for room: not while the job is suspended, nor while all that it lacks back off. */
const QUEUED = { type: JOB_CONDITION.queued, status: 'True' } as const;

/** Reads one job: which workers live or are done, which slots are to be filled, which Pods are to go. */
export function jobDraft(subject: Subject<Ranked<JobFacts>, TaskPod>, watch: Watch): Draft {
  const { metadata, workload: job, pods, hold } = subject;
  const { spec, groups, standing } = job;
  const { name, namespace = '' } = metadata;
  const { now } = watch;
  const seen = look(job, pods, watch);
  const { current, former, stopping, history, attempt, restart, indexed, counts, isOver } = seen;
  const byGroup = Map.groupBy(current, ({ pod }) => pod.task.group);
  const isIdle = seen.isEnded || spec.suspend;
  const since = waitsSince(job, QUEUED);
  const pause = pauseOf(
    job,
    restart,
    [...stopping].filter(({ pod }) => !indexed.has(pod.task.group)),
    now,
  );
  const live: TaskPod[] = [];
  const removals = former.map(({ pod, signal }): Removal => {
    const why = signal === 'NeverStarted' ? signal : undefined;
    return { pod, reason: 'GangRestart', signal: why };
  });
  const backingOff: BackingOff[] = [];
  const completed = counts.reduce((sum, count) => sum + count.completed, 0);
  let restarts = 0;
  let size: Resizing | undefined;
  const stages = new Stages();
  const drafts = spec.groups.map((group, g): ClassDraft => {
    const mine = byGroup.get(group.name) ?? [];
    const past = history.get(group.name)!;
    const read = readGroup(group, past, mine, job, seen, now);
    append(live, read.live);
    append(removals, read.removals);
    append(backingOff, read.backingOff);
    restarts += read.restarts;
    stages.note(group, { live: read.live, succeeded: past.completed.size });
    const base = `${name}-${group.name}`;
    const rules = taskRules(group);
    const { reopened, known } = read;
    const elastic = resizing(group, job, read, past, current, now);
    size ??= elastic;
    const workers = { reopened, fresh: group.replicas - known.length, taken: known };
    const open = rules
      ? { reopened: tasksToStart(rules, past, reopened, known), fresh: 0, taken: [] }
      : {
          ...(elastic ? openSlots(elastic, reopened, known) : workers),
          suffix: attemptSuffix(attempt),
        };
    return {
      group: group.name,
      shape: groups[g]!.shape,
      scheduling: 'Packed',
      // Tasks by index have no rank among the workers.
      size: rules ? 0 : group.replicas,
      pending: isIdle ? NO_LACK : new OpenSlots({ namespace, base, ...open }),
      ...(elastic && !isIdle ? { least: elastic.wanted.least } : {}),
      hold: (rules ? undefined : pause?.hold) ?? stages.holdOf(group),
      leastPriority: undefined,
      perNode: countByNode(mine.filter(isKept).map((j) => j.pod)),
    };
  });

  const isGang = drafts.some((each, g) => !taskRules(spec.groups[g]!) && !each.hold && neededBy(each) > 0);
  // Tasks by index come when all workers are placed: room that they took might be missing to those. So do workers that join.
  const classes = drafts.map((each, g) =>
    isGang && (taskRules(spec.groups[g]!) || each.least === 0) ? { ...each, pending: NO_LACK } : each,
  );
  const joins = classes.some(({ least, pending }) => least === 0 && pending.length > 0);
  const isLast = attemptOf(restart) > attempt;
  const tellers = isLast ? current : stopping;
  const workers = [...live, ...[...tellers].map(({ pod }) => pod)];
  const far = progressOf(job, { ...seen, workers, pods, isLast }, now);
  const savedAt = far.progress?.checkpointTime;
  const leaving = spec.suspend && !seen.isEnded ? suspend(live, now) : undefined;
  if (leaving) append(removals, leaving.removals);
  const found: JobFound = {
    restart,
    attempt,
    counts,
    recent: seen.recent,
    progress: far.progress,
    resizing: size,
    checkpointPath: spec.checkpoint?.path,
    ending: seen.ending,
    groups: historyStatus(
      attemptOf(restart) > attempt ? startedAgain(history) : history,
      seen.recent ? Infinity : spec.maxRestarts + 1,
    ),
    replaced: replacedAmong(pods, live),
    peers: job.peers,
    version: metadata.resourceVersion,
  };
  const draft = {
    revocable: spec.revocable,
    waitsSince: since,
    noticeSeconds: spec.noticeSeconds,
    together: hasWorkers(spec),
    gang: isGang,
    ...(spec.topology
      ? { near: { key: spec.topology.key, isRequired: spec.topology.policy === 'Required' } }
      : {}),
    ...(seen.deadline < Infinity && !seen.isEnded ? { endsBy: seen.deadline } : {}),
    hold: unsupportedHold(groups.map(({ shape }) => shape)) ?? hold,
    classes,
    live,
    ...(size ? { spare: size.spare } : {}),
    ...(isIdle || !isReturning(seen)
      ? {}
      : { returning: { pods: former.map(({ pod }) => pod), by: keptUntil(job, restart!) } }),
    ...(savedAt === undefined ? {} : { savedAt: parseTime(savedAt) }),
    ready: live.filter((pod) => pod.ready).length,
    stranded: 0,
    stuck: stuckTasks(live, now),
    failed: seen.exhausted ? lastFailure(current) : backOffWords(backingOff),
    completed,
    backingOff: isIdle ? 0 : backingOff.length,
    removals: isOver ? cleanUp(job, pods) : removals,
    settled: settledOf(seen),
    asks: leaving?.asks ?? [],
    changes: [],
    failures: seen.failures,
    restarts: restarts + attempt,
    wasWhole: job.status.startTime !== undefined || seen.failures > 0 || completed > 0,
    // Until when it may hold the room of some of its workers while it finds none for the others.
    completeBy: since + spec.gangTimeoutSeconds * 1000,
    exhausted: seen.exhausted || seen.ending?.phase === 'Failed',
    // Of a job that ended nothing is tried again; but that a node was rebooted may yet be told.
    wakeAt: [
      ...current.filter(({ action }) => !seen.isEnded || action === 'keep'),
      ...(seen.isEnded ? [] : backingOff),
    ].reduce(
      (next, { due }) => (due > now ? Math.min(next, due) : next),
      Math.min(
        mountsTellAt(live, now),
        seen.isEnded ? Infinity : seen.deadline,
        leaving?.wakeAt ?? Infinity,
        pause?.until ?? Infinity,
        isIdle ? Infinity : (size?.wakeAt ?? Infinity),
        far.wakeAt,
        // Nobody else tells that all workers are placed.
        classes.some((each, g) => each !== drafts[g] && drafts[g]!.pending.length > 0) ? now : Infinity,
        restart && !restart.finishTime && !seen.isEnded ? now : Infinity,
      ),
    ),
    found,
  };
  const all = ranked(draft, standing);
  // Nobody is evicted for workers that the others can do without.
  return joins && !isGang ? { ...all, preempts: false } : all;
}
