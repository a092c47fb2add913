import { parentOf } from '../lib/role-path.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { placeInLine } from '../snapshot/framework-id.ts';
import type { Framework } from '../snapshot/framework.ts';
import { subtreeSums, type Role } from '../snapshot/roles.ts';
import { dominantShare } from './roles/shares.ts';

/** Weighted dominant share of each role with all below it, by path. */
export function weightedShares({ roles, columns, total }: Snapshot): ReadonlyMap<string, number> {
  const held = subtreeSums(roles, columns.count, (role) => role.held);
  return new Map(roles.map(({ path, weight }) => [path, dominantShare(held.get(path)!, total, weight)]));
}

/** Each role followed by those below it; siblings in the order in which they come next: by share, then name. */
export function rolesInTurn(roles: readonly Role[], shares: ReadonlyMap<string, number>): Role[] {
  const below = Map.groupBy(roles, ({ path }) => parentOf(path));
  const from = (path: string | undefined): Role[] =>
    (below.get(path) ?? [])
      .toSorted((a, b) => shares.get(a.path)! - shares.get(b.path)! || (a.path < b.path ? -1 : 1))
      .flatMap((role) => [role, ...from(role.path)]);
  return from(undefined);
}

/** The frameworks of a role in the order in which they come next: by priority, then share, then age, then id. */
export function membersInTurn({ frameworks, held, total }: Snapshot, role: Role): Framework[] {
  return role.frameworks
    .map((index) => ({
      framework: frameworks[index]!,
      share: dominantShare(held[index]!, total, 1),
    }))
    .sort(
      (a, b) =>
        b.framework.priority - a.framework.priority ||
        a.share - b.share ||
        (placeInLine(a.framework) < placeInLine(b.framework) ? -1 : 1),
    )
    .map(({ framework }) => framework);
}
