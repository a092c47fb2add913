import type { Offer } from '../allocator/engine/outcome.ts';
import type { Resources } from '../allocator/resources/resources.ts';
import type { RefuseSeconds, TaskSpec } from '../allocator/engine/events.ts';

/** A framework that answers its offers by itself: as many tasks of one shape as fit. */
export interface Workload {
  readonly task: Resources;
  /** Tasks still to launch. */
  left: number;
  readonly perOffer: number;
  /** Seconds that a task runs, null: for ever. */
  readonly seconds: number | null;
  readonly refuseSeconds: RefuseSeconds;
}

/** The tasks that a workload launches in an offer. @param nextId names them */
export function tasksFor(workload: Workload, offer: Offer, nextId: () => string): TaskSpec[] {
  const { task, left, perOffer } = workload;
  const tasks: TaskSpec[] = [];
  let room = offer.resources;
  while (tasks.length < Math.min(left, perOffer) && room.contains(task)) {
    room = room.minus(task);
    tasks.push({ id: nextId(), resources: task });
  }
  return tasks;
}
