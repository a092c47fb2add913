import { REASON } from '../../api/conditions.ts';
import { JOB_REASON } from '../../api/job/reasons.ts';
import type { TrainingJobSpec } from '../../api/trainingjob.ts';
import { listed } from '../../lib/bounded-text.ts';
import { parseTime } from '../../lib/time.ts';
import type { JobFacts } from './facts.ts';
import type { History } from './history.ts';

/** How far a group is. */
export interface GroupCount {
  readonly name: string;
  /** Workers or tasks that it is to have in all. */
  readonly size: number;
  /** Those that ended with exit code 0. */
  readonly completed: number;
  /** Indexes that failed for good. */
  readonly failed: number;
}

/** How a job ends. */
export interface Ending {
  readonly phase: 'Succeeded' | 'Failed';
  /** Of the condition Complete or Failed. */
  readonly reason: string;
  readonly message: string;
}

/** What has a say in the end of a job. */
type Rules = Pick<TrainingJobSpec, 'groups' | 'successPolicy' | 'activeDeadlineSeconds'>;

const number = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;

/**
 * Whether, and how, a job ends by what its groups have come to; undefined while it goes on. That work was done in time counts
 * for more than that time is over.
 * @param counts of all groups @param overdue its time is over
 */
export function endingOf(rules: Rules, counts: readonly GroupCount[], overdue: boolean): Ending | undefined {
  return (
    success(rules, counts) ??
    (overdue
      ? {
          phase: 'Failed',
          reason: JOB_REASON.deadline,
          message: `not done ${number(rules.activeDeadlineSeconds ?? 0, 'second')} after it began (activeDeadlineSeconds)`,
        }
      : failure(rules, counts))
  );
}

function success({ successPolicy }: Rules, counts: readonly GroupCount[]): Ending | undefined {
  if (!successPolicy) {
    if (counts.some(({ size, completed }) => completed < size)) return undefined;
    const all = counts.reduce((sum, { size }) => sum + size, 0);
    return { phase: 'Succeeded', reason: REASON.ok, message: `${number(all, 'worker')} succeeded` };
  }
  const done = counting(successPolicy, counts).filter((count) => hasSucceeded(successPolicy, count));
  const enough =
    successPolicy.operator === 'Any'
      ? done.length > 0
      : done.length === counting(successPolicy, counts).length;
  if (!enough) return undefined;
  const told = done.map(({ name, completed, size }) => `${completed} of ${size} of ${name}`);
  return {
    phase: 'Succeeded',
    reason: JOB_REASON.successPolicy,
    message: `${listed(told)} succeeded (successPolicy)`,
  };
}

/** How far the groups of a job are. */
export const countsOf = (history: History): GroupCount[] =>
  Array.from(history, ([name, { size, completed, lost }]) => ({
    name,
    size,
    completed: completed.size,
    failed: lost.size,
  }));

/** When the time of a job is over, ms since the epoch; Infinity while it does not run, or has no bound. */
export function deadlineOf({
  spec: { suspend, activeDeadlineSeconds },
  status: { startTime },
}: JobFacts): number {
  if (suspend || startTime === undefined || activeDeadlineSeconds === undefined) return Infinity;
  return parseTime(startTime) + activeDeadlineSeconds * 1000;
}

type Policy = NonNullable<TrainingJobSpec['successPolicy']>;

/** The groups that a policy looks at. */
const counting = ({ groups }: Policy, counts: readonly GroupCount[]): readonly GroupCount[] =>
  groups ? counts.filter(({ name }) => groups.includes(name)) : counts;

const hasSucceeded = (
  { succeededWorkers = Infinity }: Pick<Policy, 'succeededWorkers'>,
  { size, completed }: GroupCount,
): boolean => completed >= Math.min(size, succeededWorkers);

/** The end of a job with tasks that failed for good. */
function failure({ groups, successPolicy }: Rules, counts: readonly GroupCount[]): Ending | undefined {
  for (const { name, failed } of counts) {
    const { maxFailedIndexes = Infinity } = groups.find((group) => group.name === name) ?? {};
    if (failed > maxFailedIndexes)
      return {
        phase: 'Failed',
        reason: JOB_REASON.maxFailedIndexes,
        message: `${number(failed, 'task')} of ${name} failed for good, more than maxFailedIndexes (${maxFailedIndexes})`,
      };
  }
  // The others are tried to the end, whatever has failed.
  const asked = successPolicy ? counting(successPolicy, counts) : counts;
  const lost = asked.filter(
    (count) =>
      count.failed > 0 &&
      count.completed + count.failed === count.size &&
      !hasSucceeded(successPolicy ?? {}, count),
  );
  const isOver = successPolicy?.operator === 'Any' ? lost.length === asked.length : lost.length > 0;
  if (!isOver) return undefined;
  const told = lost.map(({ name, failed, size }) => `${failed} of ${size} tasks of ${name}`);
  return { phase: 'Failed', reason: JOB_REASON.failedIndexes, message: `${listed(told)} failed for good` };
}
