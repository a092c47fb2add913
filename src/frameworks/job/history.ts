import type { GroupHistory } from '../../api/job/history.ts';
import type { TrainingJobSpec, TrainingJobStatus } from '../../api/trainingjob.ts';
import { Ranges } from '../../lib/ranges.ts';
import { formatTime, parseTime } from '../../lib/time.ts';
import type { Judged } from '../../snapshot/slots.ts';
import { groupSize, taskRules } from './size.ts';

/** How often a worker failed, and when it did last, ms since the epoch. */
export interface Failing {
  readonly failures: number;
  readonly lastAt: number;
}

/** What the workers of a group have done and suffered, by their number in it. */
export interface Past {
  readonly completed: Ranges;
  /** Those that failed and may yet succeed. */
  readonly failing: ReadonlyMap<number, Failing>;
  /** Tasks by index that failed for good. */
  readonly lost: Ranges;
  /** How often tasks by index were tried again that are done or lost: all that is kept of their failures. */
  readonly retried: number;
  /** Most failures of a task by index before it is lost; undefined for workers, whose job counts them together. */
  readonly mostFailures: number | undefined;
  /** How many there are to be in all. */
  readonly size: number;
}

/** The same for each group of a job. */
export type History = ReadonlyMap<string, Past>;

/** What the status of a job tells of its past. */
export function toldHistory(spec: TrainingJobSpec, { groups = [] }: TrainingJobStatus): History {
  const told = new Map(groups.map((group) => [group.name, group]));
  return new Map(
    spec.groups.map((group): [string, Past] => {
      const { completed = '', failed = [], failedIndexes = '', retried = 0 } = told.get(group.name) ?? {};
      const failing = failed.map(({ index, failures, lastTime }): [number, Failing] => [
        index,
        { failures, lastAt: parseTime(lastTime) },
      ]);
      const size = groupSize(group);
      const past = {
        completed: Ranges.read(completed, size),
        failing: new Map(failing),
        lost: Ranges.read(failedIndexes, size),
        retried,
        mostFailures: taskRules(group)?.maxRestartsPerIndex,
        size,
      };
      return [group.name, past];
    }),
  );
}

/**
 * The past with what Pods tell beside it. A Pod says how often its worker had failed before it. So its own end counts once,
 * however often it is looked at, and by however many operators: the count after it is one number, whoever writes it.
 * @param now ms since the epoch
 */
export function withEnds(told: History, ends: readonly Judged[], now: number): History {
  const byGroup = Map.groupBy(
    ends.filter(({ action, failures }) => action === 'complete' || failures > 0),
    ({ pod }) => pod.task.group,
  );
  return new Map([...told].map(([name, past]) => [name, withEndsOf(past, byGroup.get(name) ?? [], now)]));
}

function withEndsOf(past: Past, ends: readonly Judged[], now: number): Past {
  const { mostFailures } = past;
  const failing = new Map(past.failing);
  const done = new Set<number>();
  for (const { pod, action, failures } of ends) {
    const { slot } = pod.task;
    // What is kept of a task by index that is decided is counted already.
    if (slot >= past.size || (mostFailures !== undefined && isDecided(past, slot))) continue;
    if (action === 'complete') done.add(slot);
    if (failures <= (failing.get(slot)?.failures ?? 0)) continue;
    // One that tells of failures before it tells not when they were: before it was made.
    const lastAt = action === 'retry' ? (pod.endedAt ?? now) : pod.createdAt || now;
    failing.set(slot, { failures, lastAt });
  }
  const completed = past.completed.with(done);
  if (mostFailures === undefined) return { ...past, completed, failing };
  const lost: number[] = [];
  let { retried } = past;
  for (const [slot, { failures }] of failing) {
    const isLost = failures > mostFailures && !done.has(slot);
    if (!isLost && !done.has(slot)) continue;
    if (isLost) lost.push(slot);
    retried += isLost ? failures - 1 : failures;
    failing.delete(slot);
  }
  return { ...past, completed, failing, lost: past.lost.with(lost), retried };
}

/** The past of a job whose workers all start again: what they had done they do anew, together. */
export const startedAgain = (history: History): History =>
  new Map(
    [...history].map(([name, past]) => [
      name,
      past.mostFailures === undefined ? { ...past, completed: Ranges.read('', past.size) } : past,
    ]),
  );

/** Whether a worker is done, or a task by index has failed for good. */
export const isDecided = ({ completed, lost }: Past, slot: number): boolean =>
  completed.has(slot) || lost.has(slot);

/** Failures of all workers; those of tasks by index are counted task by task. */
export function failuresIn(history: History): number {
  let sum = 0;
  for (const { failing, mostFailures } of history.values())
    if (mostFailures === undefined) for (const { failures } of failing.values()) sum += failures;
  return sum;
}

/** Whether the past that is told counts how a worker ended. */
export function isTold(told: History, { pod, action, failures }: Judged): boolean {
  const { group, slot } = pod.task;
  const past = told.get(group);
  // Of a group, or a number, that the job has not.
  if (!past || slot >= past.size) return true;
  if (past.mostFailures !== undefined && isDecided(past, slot)) return true;
  if (action === 'complete') return past.completed.has(slot);
  return action !== 'retry' || (past.failing.get(slot)?.failures ?? 0) >= failures;
}

/**
 * The past as a status tells it: equal for equal ones.
 * @param most workers that failed of which it tells, the first by name and number: with more the job has failed for good
 */
export function historyStatus(history: History, most: number): GroupHistory[] {
  const groups: GroupHistory[] = [];
  let left = most;
  for (const [name, past] of [...history].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { completed, failing, lost, retried, mostFailures } = past;
    if (completed.size + failing.size + lost.size === 0) continue;
    const isWorkers = mostFailures === undefined;
    const failed = [...failing]
      .sort(([a], [b]) => a - b)
      .slice(0, isWorkers ? left : failing.size)
      .map(([index, { failures, lastAt }]) => ({ index, failures, lastTime: formatTime(lastAt) }));
    if (isWorkers) left -= failed.length;
    groups.push({
      name,
      ...(completed.size === 0 ? {} : { completed: String(completed) }),
      ...(lost.size === 0 ? {} : { failedIndexes: String(lost) }),
      ...(retried === 0 ? {} : { retried }),
      ...(failed.length === 0 ? {} : { failed }),
    });
  }
  return groups;
}
