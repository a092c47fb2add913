import { isProtected } from '../../recovery/rules.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import type { TaskFacts } from '../../snapshot/task.ts';

/** Whether Proffer may delete a server that is well: nobody holds it, and nobody looks after it. */
export const mayGo = ({ session, intent }: TaskFacts): boolean =>
  !isProtected(session) && intent !== 'Maintenance';

/**
 * The order in which servers that may go are deleted, whoever deletes them: those that are not ready, since they have least to
 * lose; then by their deletion priority, the higher first; those on the node with the fewest of the pool, so that it becomes empty, or with the most, so that
 * the others stay spread; the youngest.
 * @param perNode servers of the pool on each node
 */
export function deletionOrder(
  scheduling: 'Packed' | 'Distributed',
  perNode: ReadonlyMap<string, number>,
): (a: TaskPod, b: TaskPod) => number {
  const sign = scheduling === 'Packed' ? 1 : -1;
  const crowd = ({ node }: TaskPod) => sign * (perNode.get(node ?? '') ?? 0);
  return (a, b) =>
    Number(a.ready) - Number(b.ready) ||
    b.task.deletionPriority - a.task.deletionPriority ||
    crowd(a) - crowd(b) ||
    b.createdAt - a.createdAt ||
    b.task.slot - a.task.slot ||
    (a.name < b.name ? -1 : 1);
}
