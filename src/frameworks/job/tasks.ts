import type { Judged, Removal } from '../../snapshot/slots.ts';
import type { Reopened } from '../../snapshot/vacancies.ts';
import { isDecided, type Past } from './history.ts';
import type { TaskRules } from './size.ts';

/**
 * The tasks that a group by index is to start: those that failed and are due, then the lowest that nobody has begun. It costs
 * what runs at a time, and not what there is to do.
 * @param due tasks that are to be tried again @param known those of which there are Pods or failures
 */
export function tasksToStart(
  { completions, parallelism }: TaskRules,
  past: Past,
  due: readonly Reopened[],
  known: readonly number[],
): Reopened[] {
  const begun = new Set(known.filter((index) => !isDecided(past, index)));
  const next: Reopened[] = [];
  for (let index = 0; begun.size + next.length < parallelism; index++) {
    for (let at = -1; at !== index;) {
      at = index;
      index = past.lost.firstMissing(past.completed.firstMissing(index));
    }
    if (index >= completions) break;
    if (!begun.has(index)) next.push({ slot: index, failures: 0, after: undefined });
  }
  return [...due, ...next];
}

/** How many finished Pods of a group by index are kept, for their logs. */
const KEPT = 500;

/** Finished Pods of a group by index that are too many: the oldest, and none whose end is not counted for good. */
export function countedAway(tasks: readonly Judged[], isTold: (judged: Judged) => boolean): Removal[] {
  if (tasks.length <= KEPT) return [];
  const finished = tasks
    .filter((each) => each.pod.terminal && each.pod.tracked === undefined && isTold(each))
    .sort((a, b) => (b.pod.endedAt ?? 0) - (a.pod.endedAt ?? 0));
  return finished.slice(KEPT).map(({ pod }): Removal => ({ pod, reason: 'Counted', signal: undefined }));
}
