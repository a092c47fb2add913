import { dominantColumn, dominantShare } from '../allocator/roles/shares.ts';
import { CONDITION, REASON, ROLE_REASON, setCondition, type Condition } from '../api/conditions.ts';
import type { OfferRoleStatus } from '../api/offerrole.ts';
import { boundedText } from '../lib/bounded-text.ts';
import { percent } from '../lib/figures.ts';
import { formatTime } from '../lib/time.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { shownId } from '../snapshot/framework-id.ts';
import { formatAmount } from '../snapshot/resources.ts';
import type { Role } from '../snapshot/roles.ts';
import type { RoleFacts } from '../snapshot/workload.ts';
import type { FrameworkOutcome } from './outcome.ts';
import type { RoleStanding } from './role-standing.ts';
import { limitsOfNothing, roleFaults } from './role-validity.ts';

/** Amounts that are there, by resource, as people write them. */
function amountsIn(row: Float64Array, { columns }: Snapshot): Record<string, string> {
  const out: Record<string, string> = {};
  columns.names.forEach((name, r) => {
    if (row[r]! > 0) out[name] = formatAmount(name, row[r]!);
  });
  return out;
}

const tasks = (n: number): string => `${n} ${n === 1 ? 'task waits' : 'tasks wait'}`;

/** Who waits, in one sentence. */
function waitingSentence(role: Role, { waiting }: RoleStanding, pending: number): string {
  const count = role.frameworks.length;
  if (pending === 0) return `${count} ${count === 1 ? 'framework' : 'frameworks'}, nothing waits`;
  const names = waiting.slice(0, 3).map(({ framework }) => shownId(framework.id));
  return `${tasks(pending)} in ${names.join(', ')}${waiting.length > 3 ? ' ...' : ''}`;
}

/** What a role lacks of its guarantee. */
interface Lack {
  /** Such as `2 cpu, 1Gi memory`; empty when nothing. */
  readonly text: string;
  /** The first of those that wait for some of it; undefined when nobody does. */
  readonly waiter: FrameworkOutcome | undefined;
}

function lackOf({ guarantee }: Role, { consumed, waiting }: RoleStanding, snapshot: Snapshot): Lack {
  const lacks = (guarantee ?? new Float64Array()).map((amount, r) => Math.max(0, amount - consumed[r]!));
  const amounts = Object.entries(amountsIn(lacks, snapshot));
  return {
    text: amounts.map(([name, amount]) => `${amount} ${name}`).join(', '),
    waiter: waiting.find((outcome) => amounts.some(([name]) => waitsFor(outcome, name))),
  };
}

/** Whether one of the tasks that wait asks for a resource. */
const waitsFor = ({ framework, untaken }: FrameworkOutcome, name: string): boolean =>
  framework.classes.some(
    ({ pending, shape }) => (pending.length > 0 || untaken > 0) && (shape.demand[name] ?? 0) > 0,
  );

type Told = Pick<Condition, 'status' | 'reason' | 'message'>;

function guaranteeCondition({ text: lack, waiter }: Lack): Told {
  if (lack === '') return { status: 'True', reason: REASON.ok, message: 'the role has what is guaranteed' };
  if (!waiter) {
    return {
      status: 'True',
      reason: ROLE_REASON.unneeded,
      message: `lacks ${lack}, and nothing waits for it`,
    };
  }
  return {
    status: 'False',
    reason: waiter.held?.reason ?? REASON.scheduling,
    message: `lacks ${lack}; ${shownId(waiter.framework.id)}: ${waiter.held?.message ?? 'placed in the next cycle'}`,
  };
}

/** The status of an OfferRole after a cycle; equal to the old one when nothing changed. */
export function roleStatus(
  object: RoleFacts,
  role: Role,
  standing: RoleStanding,
  snapshot: Snapshot,
): OfferRoleStatus {
  const { generation = 0 } = object.metadata;
  const { held, waiting } = standing;
  const column = dominantColumn(held, snapshot.total);
  const pending = waiting.reduce((sum, outcome) => sum + outcome.waiting, 0);
  const faults = roleFaults(role, standing, snapshot);
  const lack = lackOf(role, standing, snapshot);
  const sentence = waitingSentence(role, standing, pending);
  const wrong = faults.map(({ message }) => message).join('; ');
  const owed = lack.waiter ? [`lacks ${lack.text} of its guarantee`] : [];
  const unheard = limitsOfNothing(role, snapshot);
  const remarks = unheard === undefined ? [] : [unheard];
  const first = faults.slice(0, 1).map((fault) => fault.message);
  const message = boundedText([...first, ...owed, sentence, ...remarks].join('; '));

  let conditions: Condition[] = object.status.conditions ?? [];
  const set = (type: string, told: Told) => {
    const next = { type, ...told, observedGeneration: generation };
    conditions = setCondition(conditions, next, formatTime(snapshot.now));
  };
  set(
    CONDITION.valid,
    faults[0]
      ? { status: 'False', reason: faults[0].reason, message: wrong }
      : { status: 'True', reason: REASON.ok, message: ['every setting is in effect', ...remarks].join('; ') },
  );
  if (role.guarantee) set(CONDITION.guaranteeMet, guaranteeCondition(lack));
  else conditions = conditions.filter(({ type }) => type !== CONDITION.guaranteeMet);
  set(CONDITION.satisfied, {
    status: pending === 0 ? 'True' : 'False',
    reason: pending === 0 ? REASON.ok : (waiting[0]!.held?.reason ?? REASON.scheduling),
    message: sentence,
  });
  return {
    observedGeneration: generation,
    path: role.path,
    dominantShare: percent(dominantShare(held, snapshot.total, 1)),
    ...(column === undefined ? {} : { dominantResource: snapshot.columns.names[column]! }),
    weightedShare: percent(dominantShare(held, snapshot.total, role.weight)),
    allocated: amountsIn(held, snapshot),
    offered: amountsIn(standing.offered, snapshot),
    ...(role.reservations.length === 0
      ? {}
      : { reserved: amountsIn(standing.reserved, snapshot), unused: amountsIn(standing.unused, snapshot) }),
    frameworks: role.frameworks.length,
    pending,
    message,
    conditions,
  };
}
