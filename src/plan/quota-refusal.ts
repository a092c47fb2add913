import type { QuotaRefusal } from '../allocator/allocation.ts';
import { REASON } from '../api/conditions.ts';
import type { Explanation } from '../matrix/explain.ts';
import type { Snapshot } from '../snapshot/build.ts';
import { formatAmount } from '../snapshot/resources.ts';
import { subtreeSums } from '../snapshot/roles.ts';

/** Roles that a message lists. */
const FEW = 3;

/** Says which quota keeps a task from room that is there. @param path of the task's role */
export function explainRefusal(refusal: QuotaRefusal, path: string, snapshot: Snapshot): Explanation {
  const name = snapshot.columns.names[refusal.column]!;
  const say = (amount: number): string => formatAmount(name, amount);
  const needs = `the next one needs ${say(refusal.needs)}`;
  switch (refusal.kind) {
    case 'limit': {
      const { role, limit, used } = refusal;
      const message = `role ${role} has a limit of ${say(limit)} ${name}: ${say(used)} used or reserved, ${needs}`;
      return { reason: REASON.quota, message };
    }
    case 'headroom': {
      const { free, kept } = refusal;
      const roles = rolesOwed(refusal.column, path, snapshot);
      const whom = roles.slice(0, FEW).join(', ') + (roles.length > FEW ? ' ...' : '');
      const message = `${say(free)} ${name} free, ${say(kept)} kept for what ${whom || 'other roles'} lacks of its guarantee; ${needs}`;
      return { reason: REASON.kept, message };
    }
  }
}

/** Paths of the other roles that lack some of their guarantee of a resource, those that lack most first. */
function rolesOwed(column: number, path: string, { roles, columns }: Snapshot): string[] {
  const R = columns.count;
  const held = subtreeSums(roles, R, (role) => role.held);
  return roles
    .map((role) => ({
      path: role.path,
      lacks: (role.guarantee?.[column] ?? 0) - held.get(role.path)![column]!,
    }))
    .filter((role) => role.lacks > 0 && !path.startsWith(`${role.path}/`) && role.path !== path)
    .sort((a, b) => b.lacks - a.lacks || (a.path < b.path ? -1 : 1))
    .map((role) => role.path);
}
