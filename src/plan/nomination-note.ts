import type { Allocation } from '../allocator/allocate.ts';
import { REASON } from '../api/conditions.ts';
import { listed } from '../lib/bounded-text.ts';
import type { Explanation } from '../matrix/explain.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { DemandClass } from '../snapshot/framework.ts';

/** Most nodes that are named. */
const MOST = 3;

/** Tasks of some classes that are nominated for room, and where. */
export interface NominationNote {
  readonly tasks: number;
  readonly message: string;
}

/** Says which room is being freed for tasks of some classes; undefined when none is. */
export function nominationNote(
  classes: readonly DemandClass[],
  { nominations }: Allocation,
  { agents }: Snapshot,
): NominationNote | undefined {
  const own = nominations.filter(({ demandClass }) => classes.includes(demandClass));
  if (own.length === 0) return undefined;
  const names = [...new Set(own.map(({ agent }) => agents[agent]!.name))];
  const tasks = own.reduce((sum, { tasks }) => sum + tasks, 0);
  return { tasks, message: `room is being freed on ${listed(names, ', ', String, MOST)}` };
}

/**
 * What holds tasks of which some, or all, wait for room that is being freed.
 * @param rest what holds the others
 */
export function explainNominations(
  note: NominationNote,
  waiting: number,
  rest: () => Explanation,
): Explanation {
  if (note.tasks >= waiting) return { reason: REASON.freeing, message: note.message };
  const { reason, message } = rest();
  return { reason, message: `${message}; ${note.tasks} of them wait: ${note.message}` };
}

/** What holds tasks for which others would have to go whom a budget protects. @param said by the API server */
export const explainBudget = (said: string): Explanation => ({
  reason: REASON.budget,
  message: `others would have to go, and a PodDisruptionBudget forbids it for now: ${said}`,
});
