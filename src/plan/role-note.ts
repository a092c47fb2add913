import { REASON } from '../api/conditions.ts';
import { parentOf } from '../lib/role-path.ts';
import type { Snapshot } from '../snapshot/build.ts';
import type { Framework } from '../snapshot/framework.ts';
import { grantHold } from '../snapshot/role-account.ts';
import type { Role } from '../snapshot/roles.ts';

/**
 * Says of a framework when the account that it draws on has not the settings that its owner may think: its namespace
 * may not draw on the role that it names, nothing of the OfferRole is in effect, or there is none at the path and one of
 * that name stands elsewhere, as after a new parent.
 * @returns undefined when there is nothing to say
 */
export function roleNotes({ roles }: Snapshot): (framework: Framework) => string | undefined {
  const byPath = new Map(roles.map((role) => [role.path, role]));
  const byName = new Map(roles.filter(({ exists }) => exists).map((role) => [role.name, role]));
  return ({ kind, metadata, rolePath, account, hold }) => {
    const refused =
      hold?.reason === REASON.role ? undefined : grantHold(kind, metadata.namespace ?? '', account);
    if (refused) return `${refused.message}; until then ${rolePath} is charged`;
    const broken = brokenOn(rolePath, byPath);
    if (broken) return `OfferRole ${broken.name}: ${broken.problem!.message}`;
    if (byPath.get(rolePath)?.exists) return undefined;
    const moved = byName.get(rolePath.slice(rolePath.lastIndexOf('/') + 1));
    if (!moved) return undefined;
    return `no OfferRole stands at ${rolePath}, but ${moved.name} at ${moved.path}: name that if it is meant`;
  };
}

/** The role, or the nearest above it, whose settings are not in effect. */
function brokenOn(path: string, byPath: ReadonlyMap<string, Role>): Role | undefined {
  for (let at: string | undefined = path; at !== undefined; at = parentOf(at)) {
    const role = byPath.get(at);
    if (role?.problem) return role;
  }
  return undefined;
}
