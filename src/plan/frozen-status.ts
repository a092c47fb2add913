import { CONDITION, setCondition, type Condition } from '../api/conditions.ts';
import { formatTime } from '../lib/time.ts';
import type { Hold } from '../snapshot/hold.ts';
import type { ObjectFacts } from '../snapshot/workload.ts';

/**
 * The status of a workload that nothing is decided for: the last one, with the reason. What it counted is not counted
 * anew.
 * @param now ms since the epoch
 * @param unknown a condition of which nothing is known meanwhile
 */
export function frozenStatus<
  Status extends { conditions?: Condition[] | undefined; message?: string | undefined },
>(
  { status, metadata }: Pick<ObjectFacts<unknown, Status>, 'status' | 'metadata'>,
  { reason, message }: Hold,
  now: number,
  unknown?: string,
): Status {
  const { generation = 0 } = metadata;
  const told = { reason, message, observedGeneration: generation };
  const time = formatTime(now);
  let conditions = setCondition(
    status.conditions ?? [],
    { type: CONDITION.supported, status: 'False', ...told },
    time,
  );
  if (unknown !== undefined)
    conditions = setCondition(conditions, { type: unknown, status: 'Unknown', ...told }, time);
  return { ...status, observedGeneration: generation, message, conditions };
}
