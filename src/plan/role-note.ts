import { REASON } from '../api/conditions.ts';
import { nearest } from '../lib/nearest.ts';
import { parentOf } from '../lib/role-path.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Framework } from '../snapshot/framework.ts';
import { grantHold } from '../snapshot/role-account.ts';
import type { Role } from '../snapshot/roles.ts';

/** Most roles that nobody declared for which a nearest one is looked for in one go: texts of users are compared. */
const MOST_GUESSES = 100;

/**
 * Says of a framework when the account that it draws on has not the settings that its owner may think: its namespace
 * may not draw on the role that it names, nothing of the OfferRole is in effect, or there is none at the path: one of that
 * name stands elsewhere, as after a new parent, or nobody declared it, as after a slip of the pen.
 * @returns undefined when there is nothing to say
 */
export function roleNotes({ roles, accounts }: Snapshot): (framework: Framework) => string | undefined {
  const byPath = new Map(roles.map((role) => [role.path, role]));
  const declared = roles.filter(({ exists }) => exists);
  const byName = new Map(declared.map((role) => [role.name, role]));
  const words = declared.flatMap(({ name, path }) => (name === path ? [name] : [name, path]));
  const guesses = new Map<string, string | undefined>();
  // Of others' roles a tenant hears nothing.
  const guess = (namespace: string, role: string): string | undefined => {
    const key = `${namespace} ${role}`;
    if (!guesses.has(key) && guesses.size < MOST_GUESSES) {
      const known = words.filter((word) => accounts.of(namespace, word).refusedBy === undefined);
      guesses.set(key, nearest(role, known));
    }
    return guesses.get(key);
  };
  return ({ makesPods, metadata: { namespace = '' }, role, rolePath, account, hold }) => {
    const refused = hold?.reason === REASON.role ? undefined : grantHold(makesPods, namespace, account);
    if (refused) return `${refused.message}; until then ${rolePath} is charged`;
    const broken = brokenOn(rolePath, byPath);
    if (broken) return `OfferRole ${broken.name}: ${broken.problem!.message}`;
    if (byPath.get(rolePath)?.exists || role === namespace || account.refusedBy !== undefined)
      return undefined;
    const moved = byName.get(rolePath.slice(rolePath.lastIndexOf('/') + 1));
    if (moved)
      return `no OfferRole stands at ${rolePath}, but ${moved.name} at ${moved.path}: name that if it is meant`;
    const meant = guess(namespace, role);
    if (meant !== undefined)
      return `role "${role}" is not declared, ${rolePath} is charged; nearest is "${meant}"`;
    // Whoever writes a path means to divide what stands at its beginning.
    return role.includes('/') ? undefined : `role "${role}" is not declared, ${rolePath} is charged`;
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
