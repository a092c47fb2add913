import type { TaskPod } from './slots.ts';

/** How long volumes and network of a task may take before it is told, ms. Kubelets tell it in events alone. */
const MOUNT_MS = 30_000;

/** When it is to be told that a task waits for its volumes or its network, ms since the epoch; undefined when it does not. */
const tellAt = ({ task, createdAt }: TaskPod): number | undefined =>
  task.unmounted && createdAt > 0 ? createdAt + MOUNT_MS : undefined;

/** What keeps one task from being ready; empty when nothing does. */
function causeOf(pod: TaskPod, now: number): string {
  if (pod.task.stuck !== '') return pod.task.stuck;
  const { verdict } = pod.task.asked ?? {};
  if (verdict?.unanswered) return verdict.message;
  const at = tellAt(pod);
  return at !== undefined && at <= now
    ? `its volumes or its network are not ready; kubectl describe pod ${pod.name} has the kubelet's events`
    : '';
}

/**
 * What keeps tasks from being ready: `arena-0: container main: ErrImagePull: ...`, and how many more there are.
 * @param live tasks in the order of their names
 */
export function stuckTasks(live: readonly TaskPod[], now: number): string {
  let first = '';
  let count = 0;
  for (const pod of live) {
    const cause = causeOf(pod, now);
    if (cause === '') continue;
    if (count++ === 0) first = `${pod.name}: ${cause}`;
  }
  return count > 1 ? `${first}, and ${count - 1} more` : first;
}

/** When the next task is to be told of that waits for its volumes or its network, ms since the epoch; Infinity when none does. */
export const mountsTellAt = (live: readonly TaskPod[], now: number): number =>
  live.reduce((next, pod) => {
    const at = tellAt(pod);
    return at !== undefined && at > now ? Math.min(next, at) : next;
  }, Number.POSITIVE_INFINITY);
