import type { Snapshot } from '../../snapshot/snapshot.ts';

/**
 * Whether what is free on an agent counts as headroom: guarantees can not be met from what few tasks may have (on a
 * cordoned agent those that tolerate it), or none.
 */
export function isCounted({ agents, health }: Snapshot, agent: number): boolean {
  const { deleting, unfitMs } = health[agent]!;
  return !agents[agent]!.unschedulable && !deleting && unfitMs === 0;
}
