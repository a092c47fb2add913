import { CONDITION, REASON, setCondition } from '../api/conditions.ts';
import type { OfferRoleStatus } from '../api/offerrole.ts';
import { dominantColumn, dominantShare } from '../allocator/shares.ts';
import { formatTime } from '../lib/time.ts';
import type { Snapshot } from '../snapshot/build.ts';
import type { Role } from '../snapshot/roles.ts';
import { formatAmount } from '../snapshot/resources.ts';
import type { RoleFacts } from '../snapshot/workload.ts';
import type { FrameworkOutcome } from './outcome.ts';

/** Amounts that a role holds, by resource, as people write them. */
function heldAmounts(role: Role, snapshot: Snapshot): Record<string, string> {
  const out: Record<string, string> = {};
  snapshot.columns.names.forEach((name, r) => {
    if (role.held[r]! > 0) out[name] = formatAmount(name, role.held[r]!);
  });
  return out;
}

/**
 * The status of an OfferRole after a cycle; equal to the old one when nothing changed.
 * @param all outcomes by the number of the framework
 */
export function roleStatus(
  object: RoleFacts,
  role: Role,
  snapshot: Snapshot,
  all: readonly FrameworkOutcome[],
  now: number,
): OfferRoleStatus {
  const { generation = 0 } = object.metadata;
  const share = dominantShare(role.held, snapshot.total, 1);
  const column = dominantColumn(role.held, snapshot.total);
  const pending = role.frameworks.reduce((sum, f) => sum + all[f]!.waiting, 0);
  const waiting = role.frameworks.map((f) => all[f]!).filter((outcome) => outcome.waiting > 0);
  const names = waiting.slice(0, 3).map((outcome) => outcome.framework.id);
  const message =
    pending === 0
      ? `${role.frameworks.length} ${role.frameworks.length === 1 ? 'framework' : 'frameworks'}, nothing waits`
      : `${pending} ${pending === 1 ? 'task waits' : 'tasks wait'} in ${names.join(', ')}${waiting.length > 3 ? ' ...' : ''}`;
  return {
    observedGeneration: generation,
    dominantShare: `${(share * 100).toFixed(1)}%`,
    ...(column === undefined ? {} : { dominantResource: snapshot.columns.names[column]! }),
    allocated: heldAmounts(role, snapshot),
    frameworks: role.frameworks.length,
    pending,
    message,
    conditions: setCondition(
      object.status.conditions ?? [],
      {
        type: CONDITION.satisfied,
        status: pending === 0 ? 'True' : 'False',
        reason: pending === 0 ? REASON.ok : (waiting[0]!.held?.reason ?? REASON.scheduling),
        message,
        observedGeneration: generation,
      },
      formatTime(now),
    ),
  };
}
