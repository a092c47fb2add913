import { CONDITION, REASON, setCondition, type Condition } from '../../api/conditions.ts';
import { JOB_REASON } from '../../api/job/reasons.ts';
import type { GangRestart } from '../../api/job/restart.ts';
import type { TrainingJobStatus } from '../../api/trainingjob.ts';
import { boundedText } from '../../lib/bounded-text.ts';
import { formatTime } from '../../lib/time.ts';
import { attemptOf } from './attempt.ts';
import { jobEnded } from './seen.ts';
import type { JobFacts } from './facts.ts';
import { isWhole, lifeConditions, progress, restartCondition } from './life.ts';
import { nextRestart, type Resizing } from './resize.ts';
import { groupSize } from './size.ts';
import { foundOf, type JobFound } from './found.ts';
import type { FrameworkOutcome } from '../../plan/outcome.ts';
import { toldQueue } from '../../plan/queue.ts';

const workers = (n: number): string => `${n} ${n === 1 ? 'worker' : 'workers'}`;

/** Number of workers that the job asks for. */
export const workersOf = (job: JobFacts): number => job.spec.groups.reduce((sum, g) => sum + groupSize(g), 0);

/** Names what keeps a task from starting. */
const because = (stuck: string): string => (stuck === '' ? '' : ` (${stuck})`);

const isEnd = (type: string): boolean => type === CONDITION.complete || type === CONDITION.failed;

type Phase = NonNullable<TrainingJobStatus['phase']>;

/** The restart of all workers, as the status tells it. @param whole now, when all of them are placed */
function restartStatus(
  { restart, attempt, resizing }: JobFound,
  { declined }: FrameworkOutcome,
  whole: string | undefined,
  now: number,
): GangRestart | undefined {
  // It was offered room for more workers, who cannot join those that run.
  if (
    resizing?.elastic.isFixed &&
    resizing.wanted.least === 0 &&
    declined > 0 &&
    attemptOf(restart) === attempt
  )
    return nextRestart(restart, `room for ${declined} more ${declined === 1 ? 'worker' : 'workers'}`, now);
  const isDone = restart && restart.attempt === attempt && !restart.finishTime && whole !== undefined;
  return isDone ? { ...restart, finishTime: whole } : restart;
}

/** How large the elastic group is, and since when. @param time now */
function elasticStatusOf(
  { status }: JobFacts,
  { members }: Resizing,
  time: string,
): TrainingJobStatus['elastic'] {
  const known = status.elastic;
  return known?.workers === members ? known : { workers: members, changeTime: time };
}

/** Workers as people read them. @param total that the job may have */
function sizeText(job: JobFacts, total: number, resized: Resizing | undefined): string {
  if (jobEnded(job)) return job.status.size ?? String(total);
  return resized ? `${total - resized.elastic.most + resized.members}/${total}` : String(total);
}

/** Ended jobs stay ended, whatever becomes of their Pods. */
function phaseOf(job: JobFacts, outcome: FrameworkOutcome, started: boolean): Phase {
  if (jobEnded(job)) return job.status.phase!;
  const { ending } = foundOf(outcome.framework)!;
  if (ending) return ending.phase;
  if (outcome.framework.exhausted) return 'Failed';
  if (job.spec.suspend) return 'Suspended';
  // One that gave way, or lost all its nodes, waits as it did at first.
  const { framework, waiting, launched } = outcome;
  return started && (framework.live.length > 0 || launched > 0 || waiting === 0) ? 'Running' : 'Pending';
}

function sentence(job: JobFacts, phase: Phase, outcome: FrameworkOutcome, total: number): string {
  const { framework, held, waiting } = outcome;
  const found = foundOf(framework)!;
  const tasks = progress(job, outcome, found);
  switch (phase) {
    case 'Succeeded':
    case 'Failed':
      return (
        found.ending?.message ??
        `more failures than maxRestarts (${job.spec.maxRestarts}) allows` +
          // The Pods that failed may be gone, and only counted on those that came after them.
          (framework.failed === '' ? '' : `; the last: ${framework.failed}`)
      );
    case 'Suspended': {
      const left = framework.live.length === 0 ? '' : `; ${workers(framework.live.length)} on their way out`;
      return `suspended${left}; ${framework.completed} of ${workers(total)} succeeded`;
    }
    case 'Pending':
    case 'Running':
      if (tasks !== '' && held) return `${tasks}; ${waiting} waiting: ${held.message}`;
      if (tasks !== '') return `${tasks}${because(framework.stuck)}`;
      if (held && waiting > 0) return `${waiting} of ${workers(total)} waiting: ${held.message}`;
      if (held) return held.message;
      if (framework.backingOff > 0)
        return `${workers(framework.backingOff)} backing off after failures: ${framework.failed}`;
      return `${framework.ready} of ${workers(total)} running, ${framework.completed} succeeded${because(framework.stuck)}`;
  }
}

/**
 * The status of a job after a cycle; equal to the old one when nothing changed.
 * @param now ms since the epoch
 */
export function jobStatus(job: JobFacts, outcome: FrameworkOutcome, now: number): TrainingJobStatus {
  const { framework, launched, waiting, untaken, held, note, queue } = outcome;
  const { generation = 0 } = job.metadata;
  const total = workersOf(job);
  const found = foundOf(framework)!;
  const time = formatTime(now);
  const begins = isWhole(job, outcome, found) ? time : undefined;
  const begun = job.status.startTime ?? begins;
  const phase = phaseOf(job, outcome, begun !== undefined);
  // It begins anew when it is resumed, as in batch/v1.
  const startTime = phase === 'Suspended' ? undefined : begun;
  const ended = phase === 'Succeeded' || phase === 'Failed';
  const unsupported = held?.reason === REASON.unsupported;
  // What an ended job counted stays: its Pods may be cleaned away.
  const kept = jobEnded(job) ? job.status : undefined;
  const told = sentence(job, phase, outcome, total);
  const words = note === undefined || ended || unsupported ? told : `${told}; ${note}`;
  const message = kept?.message ?? boundedText(words);

  const known = job.status.conditions?.find(({ type, status }) => isEnd(type) && status === 'True')?.reason;
  const endReason = found.ending?.reason ?? known;
  let conditions: Condition[] = job.status.conditions ?? [];
  const set = (type: string, status: boolean, reason: string, text: string) => {
    conditions = setCondition(
      conditions,
      { type, status: status ? 'True' : 'False', reason, message: text, observedGeneration: generation },
      time,
    );
  };
  set(
    CONDITION.supported,
    !unsupported,
    unsupported ? REASON.unsupported : REASON.ok,
    unsupported ? held.message : 'every field of the templates is honoured',
  );
  if (!ended) {
    const placed = phase !== 'Suspended' && waiting === 0 && framework.backingOff === 0 && !held;
    const not = phase === 'Suspended' ? JOB_REASON.suspended : REASON.backoff;
    set(
      CONDITION.placed,
      placed,
      placed ? REASON.ok : (held?.reason ?? not),
      placed ? 'every worker has accepted an offer' : message,
    );
  }
  set(
    CONDITION.complete,
    phase === 'Succeeded',
    phase === 'Succeeded' ? (endReason ?? REASON.ok) : phase,
    message,
  );
  if (phase === 'Failed') set(CONDITION.failed, true, endReason ?? REASON.tooManyRestarts, message);
  const restart = kept ? kept.restart : restartStatus(found, outcome, begins, now);
  conditions = lifeConditions(conditions, job, outcome, { phase, message, time });
  conditions = restartCondition(conditions, job, restart, { phase, message, time });
  const { resizing: resized } = found;
  const elastic = kept ? kept.elastic : resized && elasticStatusOf(job, resized, time);
  const recent = kept ? kept.recentFailures : found.recent;
  const groups = kept ? kept.groups : found.groups;
  const progress = kept ? kept.progress : found.progress;
  const completionTime = job.status.completionTime ?? (ended ? time : undefined);
  return {
    observedGeneration: generation,
    phase,
    workers: total,
    size: sizeText(job, total, resized),
    ...(elastic === undefined ? {} : { elastic }),
    active: ended ? 0 : framework.live.length + launched - untaken,
    succeeded: kept?.succeeded ?? framework.completed,
    // Whom a Pod that is gone had been recreated as is known no more.
    restarts: kept?.restarts ?? Math.max(job.status.restarts ?? 0, framework.restarts),
    ...(groups === undefined || groups.length === 0 ? {} : { groups: [...groups] }),
    ...(restart === undefined ? {} : { restart }),
    ...(queue === undefined || ended ? {} : { queue: toldQueue(queue) }),
    ...(progress === undefined ? {} : { progress }),
    ...(recent === undefined || recent.length === 0 ? {} : { recentFailures: [...recent] }),
    ...(startTime === undefined ? {} : { startTime }),
    ...(completionTime === undefined ? {} : { completionTime }),
    message,
    conditions,
  };
}
