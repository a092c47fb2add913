import { REASON, setCondition, type Condition } from '../../api/conditions.ts';
import { JOB_CONDITION, JOB_REASON } from '../../api/job/reasons.ts';
import type { GangRestart } from '../../api/job/restart.ts';
import type { TrainingJobStatus } from '../../api/trainingjob.ts';
import { neededBy } from '../../snapshot/framework.ts';
import type { FrameworkOutcome } from '../../plan/outcome.ts';
import type { JobFacts } from './facts.ts';
import type { JobFound } from './found.ts';
import { hasWorkers, taskRules } from './size.ts';

/** What a job does, as far as its conditions follow from it. */
export interface Doing {
  readonly phase: NonNullable<TrainingJobStatus['phase']>;
  readonly message: string;
  /** ISO 8601. */
  readonly time: string;
}

/**
 * Adds the conditions Queued, Running and, from the first suspension on, Suspended.
 * @param conditions those that there are
 */
export function lifeConditions(
  conditions: readonly Condition[],
  { spec, metadata }: JobFacts,
  { framework, waiting, held }: FrameworkOutcome,
  { phase, message, time }: Doing,
): Condition[] {
  const { generation: observedGeneration } = metadata;
  let all = [...conditions];
  const set = (type: string, isSo: boolean, reason: string, words: string): void => {
    const status = isSo ? 'True' : 'False';
    all = setCondition(all, { type, status, reason, message: words, observedGeneration }, time);
  };
  const isOver = phase === 'Succeeded' || phase === 'Failed';
  const instead = isOver ? phase : spec.suspend ? JOB_REASON.suspended : undefined;
  const isQueued = instead === undefined && waiting > 0;
  set(
    JOB_CONDITION.queued,
    isQueued,
    instead ?? (isQueued ? (held?.reason ?? REASON.scheduling) : REASON.ok),
    isQueued ? message : 'no worker waits for an offer',
  );
  const { live, ready, stuck, backingOff } = framework;
  // Of tasks by index some begin all the time.
  const isWhole = hasWorkers(spec) ? waiting + backingOff === 0 && ready === live.length : true;
  const isRunning = instead === undefined && phase === 'Running' && ready > 0 && isWhole;
  const idle =
    held?.reason ?? (backingOff > 0 ? REASON.backoff : stuck === '' ? REASON.starting : REASON.stuck);
  set(JOB_CONDITION.running, isRunning, instead ?? (isRunning ? REASON.ok : idle), message);
  const wasSuspended = conditions.some(({ type }) => type === JOB_CONDITION.suspended);
  const isSuspended = spec.suspend && !isOver;
  if (isSuspended || wasSuspended)
    set(
      JOB_CONDITION.suspended,
      isSuspended,
      isSuspended ? JOB_REASON.suspended : isOver ? phase : JOB_REASON.resumed,
      isSuspended ? message : 'the job is not suspended',
    );
  return all;
}

/** Adds the condition Restarting, from the first restart of all workers on. @param conditions those that there are */
export function restartCondition(
  conditions: Condition[],
  { metadata }: JobFacts,
  restart: GangRestart | undefined,
  { phase, time }: Doing,
): Condition[] {
  if (!restart) return conditions;
  const { attempt, reason: cause, finishTime } = restart;
  const isOver = phase === 'Succeeded' || phase === 'Failed';
  const isSo = finishTime === undefined && !isOver;
  const next = {
    type: JOB_CONDITION.restarting,
    status: isSo ? 'True' : 'False',
    reason: isSo ? JOB_REASON.gangRestart : isOver ? phase : REASON.ok,
    message: `restart ${attempt} of all workers: ${cause}`,
    observedGeneration: metadata.generation,
  } as const;
  return setCondition(conditions, next, time);
}

/** Whether all that start together are placed; of a job with nothing but tasks by index one is enough. */
export function isWhole({ spec }: JobFacts, { framework }: FrameworkOutcome, { counts }: JobFound): boolean {
  // Of those that are on their way the API server may yet refuse some.
  const stored = framework.live.filter(({ uid }) => uid !== '');
  if (!hasWorkers(spec)) return stored.length + framework.completed > 0;
  const workers = new Set(spec.groups.filter((group) => !taskRules(group)).map(({ name }) => name));
  const those = counts.filter(({ name }) => workers.has(name));
  const size = those.reduce((sum, count) => sum + count.size - count.completed, 0);
  // Groups that wait for others start after them.
  const later = framework.classes
    .filter(({ group, hold }) => hold?.reason === REASON.dependsOn && workers.has(group))
    .reduce((sum, each) => sum + neededBy(each), 0);
  const placed = stored.filter(({ task }) => workers.has(task!.group)).length;
  return placed + framework.completed > 0 && placed === size - later;
}

/** How far the tasks by index are, in words; empty for a job without any. */
export function progress({ spec }: JobFacts, { framework }: FrameworkOutcome, { counts }: JobFound): string {
  const names = new Set(spec.groups.filter(taskRules).map(({ name }) => name));
  if (names.size === 0) return '';
  const tasks = counts.filter(({ name }) => names.has(name));
  const sum = (of: 'size' | 'completed' | 'failed') => tasks.reduce((all, count) => all + count[of], 0);
  const lost = sum('failed') > 0 ? `, ${sum('failed')} failed for good` : '';
  return `${framework.ready} running, ${sum('completed')} of ${sum('size')} tasks succeeded${lost}`;
}
