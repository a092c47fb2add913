import { CONDITION, setCondition, type Condition } from '../api/conditions.ts';
import { formatTime } from '../lib/time.ts';
import type { Hold } from '../snapshot/framework.ts';
import type { WorkloadFacts } from '../snapshot/workload.ts';

/**
 * The status of a workload that nothing is decided for: the last one, with the reason. What it counted is not counted
 * anew.
 * @param now ms since the epoch
 */
export function frozenStatus<
  Status extends { conditions?: Condition[] | undefined; message?: string | undefined },
>(
  { status, metadata }: Pick<WorkloadFacts<unknown, Status>, 'status' | 'metadata'>,
  { reason, message }: Hold,
  now: number,
): Status {
  const { generation = 0 } = metadata;
  const told = {
    type: CONDITION.supported,
    status: 'False',
    reason,
    message,
    observedGeneration: generation,
  } as const;
  const conditions = setCondition(status.conditions ?? [], told, formatTime(now));
  return { ...status, observedGeneration: generation, message, conditions };
}
