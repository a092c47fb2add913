import { REASON, setCondition, type Condition } from '../../../api/conditions.ts';
import type { GameServerPoolStatus } from '../../../api/gameserverpool.ts';
import type { PoolAutoscaleStatus } from '../../../api/pool/autoscale.ts';
import { SCALING_CONDITION } from '../../../api/pool/scaling-reasons.ts';
import { boundedText } from '../../../lib/bounded-text.ts';
import { formatTime } from '../../../lib/time.ts';
import type { Workload, WorkloadStatus } from '../../../snapshot/workload.ts';
import type { Decision } from './decide.ts';
import { scalesItself } from './pool.ts';

/** What the autoscaler says of a pool. */
export interface Scaling extends Pick<Decision, 'desired' | 'policy' | 'because' | 'active' | 'limited'> {
  /** When it scaled last, ISO 8601; undefined when it never did. */
  readonly scaledAt: string | undefined;
}

const withField = (status: WorkloadStatus, autoscale: PoolAutoscaleStatus): GameServerPoolStatus => ({
  ...status,
  autoscale,
});

const TYPES: readonly string[] = Object.values(SCALING_CONDITION);

/**
 * The status of a workload, with what its autoscaler says.
 * @param scaling undefined when it has said nothing yet; what the object has stands then
 * @param now ms since the epoch
 */
export function withScaling(
  workload: Workload,
  status: WorkloadStatus,
  scaling: Scaling | undefined,
  now: number,
): WorkloadStatus {
  const { conditions = [] } = status;
  if (!scalesItself(workload)) {
    const left = conditions.filter(({ type }) => !TYPES.includes(type));
    return left.length === conditions.length ? status : { ...status, conditions: left };
  }
  const { autoscale: before } = workload.status;
  if (!scaling) return before ? withField(status, before) : status;
  const { desired, policy, because, active, limited, scaledAt = before?.lastScaleTime } = scaling;
  const message = boundedText(because);
  const condition = (
    type: string,
    reason: string,
    isTrue: boolean,
  ): Omit<Condition, 'lastTransitionTime'> => ({
    type,
    status: isTrue ? 'True' : 'False',
    reason,
    message,
    observedGeneration: workload.metadata.generation ?? 0,
  });
  const time = formatTime(now);
  const withActive = setCondition(
    conditions,
    condition(SCALING_CONDITION.active, active, active === REASON.ok),
    time,
  );
  const limits = condition(SCALING_CONDITION.limited, limited, limited !== REASON.ok);
  return withField(
    { ...status, conditions: setCondition(withActive, limits, time) },
    {
      desired,
      reason: message,
      ...(policy === undefined ? {} : { activePolicy: policy }),
      ...(scaledAt === undefined ? {} : { lastScaleTime: scaledAt }),
    },
  );
}
