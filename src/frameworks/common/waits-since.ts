import { parseTime } from '../../lib/time.ts';
import type { Condition } from '../../api/conditions.ts';
import type { Workload } from '../../snapshot/workload.ts';

/**
 * Since when a workload waits for room, ms since the epoch: since a condition of its says so, or, before it has any, since its
 * object exists. While none says that it waits it has not waited yet. The status bears it, so that no restart of the
 * operator sends anybody to the end of the line.
 * @param says the condition that tells it, and its status then
 */
export function waitsSince(
  { metadata, status: { conditions } }: Workload,
  says: Pick<Condition, 'type' | 'status'>,
): number {
  if (!conditions) return parseTime(metadata.creationTimestamp);
  const told = conditions.find(({ type, status }) => type === says.type && status === says.status);
  return told ? parseTime(told.lastTransitionTime) : Number.MAX_SAFE_INTEGER;
}
