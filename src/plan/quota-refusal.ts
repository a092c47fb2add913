import type { Refusal } from '../allocator/filling/allowance.ts';
import { REASON } from '../api/conditions.ts';
import type { Explanation } from '../matrix/explain.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Framework } from '../snapshot/framework.ts';
import { isWithin } from '../lib/role-path.ts';
import { formatAmount } from '../snapshot/resources.ts';
import { subtreeSums, type Role } from '../snapshot/roles.ts';

/** Roles that a message lists. */
const FEW = 3;

/** A role that lacks some of its guarantee of a resource. */
interface Owed {
  readonly path: string;
  readonly lacks: number;
}

/** Says which quota keeps a framework's tasks from room that is there. @param owed see {@link debts} */
export function explainRefusal(
  refusal: Refusal,
  { rolePath, gang, classes }: Framework,
  snapshot: Snapshot,
  owed: (column: number) => readonly Owed[],
): Explanation {
  const name = classes.flatMap(({ shape }) => snapshot.columns.namesIn(shape.demand, refusal.column))[0]!;
  const say = (amount: number): string => formatAmount(name, amount);
  // A gang has one turn, for everything that it lacks.
  const needs = `${gang ? 'the whole gang' : 'the next one'} needs ${say(refusal.needs)}`;
  switch (refusal.kind) {
    case 'limit': {
      const { role, limit, used } = refusal;
      const message = `role ${role} has a limit of ${say(limit)} ${name}: ${say(used)} used or reserved, ${needs}`;
      return { reason: REASON.quota, message };
    }
    case 'headroom': {
      const { free, kept } = refusal;
      const roles = owed(refusal.column).filter((role) => !isWithin(rolePath, role.path));
      const names = roles.slice(0, FEW).map((role) => role.path);
      const whom = names.length === 0 ? 'other roles' : names.join(', ') + (roles.length > FEW ? ' ...' : '');
      const lack = names.length === 1 ? 'lacks of its guarantee' : 'lack of their guarantees';
      const message = `${say(free)} ${name} free, ${say(kept)} kept for what ${whom} ${lack}; ${needs}`;
      return { reason: REASON.kept, message };
    }
  }
}

/** The roles that lack some of their guarantee of a column, those that lack most first; each column is summed up once. */
export function debts({ roles }: Snapshot): (column: number) => readonly Owed[] {
  const known = new Map<number, readonly Owed[]>();
  return (column) => {
    let owed = known.get(column);
    if (!owed) known.set(column, (owed = owedOf(column, roles)));
    return owed;
  };
}

function owedOf(column: number, roles: readonly Role[]): Owed[] {
  // What is reserved counts, in use or not, and what lies in it does not count again.
  const consumed = subtreeSums(roles, 1, ({ held, heldReserved, reservations }) => [
    reservations.reduce((sum, { amounts }) => sum + amounts[column]!, held[column]! - heldReserved[column]!),
  ]);
  return roles
    .map(({ path, guarantee }) => ({ path, lacks: (guarantee?.[column] ?? 0) - consumed.get(path)![0]! }))
    .filter(({ lacks }) => lacks > 0)
    .sort((a, b) => b.lacks - a.lacks || (a.path < b.path ? -1 : 1));
}
