import { ROLE_REASON, type RoleReason } from '../api/conditions.ts';
import type { RoleFacts } from './workload.ts';

/** Settings that are not in effect, and why. */
export interface RoleProblem {
  readonly reason: RoleReason;
  readonly message: string;
}

/** Where the roles stand. */
export interface RolePaths {
  /** Object of each path that has one. */
  readonly objects: ReadonlyMap<string, RoleFacts>;
  /** Why the spec of an object is not in effect, by its path. */
  readonly problems: ReadonlyMap<string, RoleProblem>;
  /** The path that a workload or Pod means by its role: the name of an OfferRole, or a path. */
  readonly pathOf: (role: string) => string;
}

/**
 * Puts OfferRoles into their tree. A role whose parent does not exist, or that is above itself, stands at the top
 * and nothing of its spec is in effect: its workloads go on as those of any role without settings, so that a slip in
 * an OfferRole never keeps a server from coming back.
 */
export function readRolePaths(facts: Iterable<RoleFacts>): RolePaths {
  const byName = new Map([...facts].map((role) => [role.metadata.name, role]));
  const objects = new Map<string, RoleFacts>();
  const problems = new Map<string, RoleProblem>();
  const paths = new Map<string, string>();

  const pathFrom = (name: string): string => {
    const known = paths.get(name);
    if (known !== undefined) return known;
    const role = byName.get(name)!;
    const problem = problemOf(role, byName);
    const parent = problem === undefined ? role.spec.parent : undefined;
    const path = parent === undefined ? name : `${pathFrom(parent)}/${name}`;
    paths.set(name, path);
    objects.set(path, role);
    if (problem) problems.set(path, problem);
    return path;
  };
  for (const name of byName.keys()) pathFrom(name);
  return { objects, problems, pathOf: (role) => paths.get(role) ?? role };
}

function problemOf(
  { metadata, spec }: RoleFacts,
  byName: ReadonlyMap<string, RoleFacts>,
): RoleProblem | undefined {
  const { parent } = spec;
  if (parent === undefined) return undefined;
  if (!byName.has(parent)) {
    return {
      reason: ROLE_REASON.unknownParent,
      message: `nothing of the spec is in effect: there is no OfferRole "${parent}", create it or correct parent`,
    };
  }
  const seen = new Set([metadata.name]);
  for (let at: string | undefined = parent; at !== undefined; at = byName.get(at)?.spec.parent) {
    if (at === metadata.name) {
      return {
        reason: ROLE_REASON.parentCycle,
        message: `nothing of the spec is in effect: the parents go in a circle, ${[...seen, at].join(' -> ')}`,
      };
    }
    // A circle further up is the business of the roles in it.
    if (seen.has(at)) return undefined;
    seen.add(at);
  }
  return undefined;
}
