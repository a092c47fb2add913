import { ROLE_REASON, type RoleReason } from '../api/conditions.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { formatAmount } from '../snapshot/resources.ts';
import type { Role } from '../snapshot/roles.ts';
import type { RoleStanding } from './role-standing.ts';

/** Something about a role's settings that people have to mend. */
export interface Fault {
  readonly reason: RoleReason;
  readonly message: string;
}

/** What is wrong with the settings of a role, the gravest first; of no length when all are in effect and can be met. */
export function roleFaults(role: Role, { consumed }: RoleStanding, snapshot: Snapshot): Fault[] {
  if (role.problem) return [role.problem];
  return [
    ...overcommittedGuarantees(role, snapshot),
    ...overLimit(role, consumed, snapshot),
    ...misplacedReservations(role),
  ];
}

/** Every guarantee of a resource stays in effect when all together are more than there is; each is met as far as it can. */
function overcommittedGuarantees({ guarantee }: Role, { roles, total, columns }: Snapshot): Fault[] {
  if (!guarantee) return [];
  return columns.names.flatMap((name, r) => {
    const sum = roles.reduce((all, role) => all + (role.guarantee?.[r] ?? 0), 0);
    if (!guarantee[r] || sum <= total[r]!) return [];
    const [asked, there] = [sum, total[r]!].map((amount) => formatAmount(name, amount));
    const message = `all guarantees of ${name} sum to ${asked}, the cluster has ${there}: each is met as far as possible, lower some`;
    return [{ reason: ROLE_REASON.guarantees, message }];
  });
}

function overLimit({ limit }: Role, consumed: Float64Array, { columns }: Snapshot): Fault[] {
  if (!limit) return [];
  return columns.names.flatMap((name, r) => {
    if (consumed[r]! <= limit[r]!) return [];
    const [used, most] = [consumed[r]!, limit[r]!].map((amount) => formatAmount(name, amount));
    const message = `${used} ${name} used or reserved, the limit is ${most}: nothing more is given, nothing is taken away`;
    return [{ reason: ROLE_REASON.overLimit, message }];
  });
}

const nodes = (n: number): string => `${n} ${n === 1 ? 'node' : 'nodes'}`;

/** Names of nodes that a message lists. */
const FEW = 3;

/** Some of many, for a message. */
const few = (all: readonly string[]): string =>
  all.slice(0, FEW).join(', ') + (all.length > FEW ? ' ...' : '');

function misplacedReservations({ reservations, misfits, unmatched }: Role): Fault[] {
  const faults: Fault[] = [];
  const { reservation: reason } = ROLE_REASON;
  if (misfits.length > 0) {
    const message = `a reservation is not in effect where there is no room for it: on ${few(misfits)}; in effect on ${nodes(reservations.length)}`;
    faults.push({ reason, message });
  }
  if (unmatched.length > 0) {
    const message = `no node bears the labels that a reservation asks for: ${few(unmatched)}`;
    faults.push({ reason, message });
  }
  return faults;
}

/**
 * Resources that a limit names and no node has. That is no fault: such nodes may be about to come. It may as well be a
 * slip, and then the limit holds nobody.
 */
export function limitsOfNothing({ limit }: Role, { total, columns, agents }: Snapshot): string | undefined {
  if (agents.length === 0) return undefined;
  const names = columns.names.filter(
    (_, r) => total[r] === 0 && limit !== undefined && limit[r] !== Infinity,
  );
  if (names.length === 0) return undefined;
  return `the limit names ${few(names)}, of which no node has any: correct the name unless such nodes are to come`;
}
