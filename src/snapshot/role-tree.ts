import { ROLE_REASON, type RoleReason } from '../api/conditions.ts';
import { MOST_ROLE_LEVELS } from '../api/schema/names.ts';
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
  /** The path of an OfferRole by its name; any other text is a path already. */
  readonly pathOf: (role: string) => string;
}

/** Roles of a circle that a message lists. */
const FEW = 8;

/** Where one role stands. */
interface Place {
  /** Counted by parents, 1 = a top-level role. */
  readonly level: number;
  readonly path: string;
  readonly problem: RoleProblem | undefined;
}

/**
 * Puts OfferRoles into their tree. A role whose parent does not exist, that is above itself, or that lies too deep
 * stands at the top and nothing of its spec is in effect: its workloads go on as those of any role without settings,
 * so that a slip in an OfferRole never keeps a server from coming back. Without recursion: anybody who may write
 * OfferRoles can chain as many as the cluster stores.
 */
export function readRolePaths(facts: Iterable<RoleFacts>): RolePaths {
  const byName = new Map([...facts].map((role) => [role.metadata.name, role]));
  const places = new Map<string, Place>();
  for (const start of byName.keys()) {
    const { chain, circle } = trailFrom(start, byName, places);
    circle.forEach((name, i) => places.set(name, placeInCircle(circle, i)));
    // From the top on, so that what a role stands below has its place.
    for (const name of chain.toReversed()) {
      places.set(name, placeBelow(byName.get(name)!.spec.parent, name, places));
    }
  }
  const objects = new Map<string, RoleFacts>();
  const problems = new Map<string, RoleProblem>();
  for (const [name, { path, problem }] of places) {
    objects.set(path, byName.get(name)!);
    const [fault] = byName.get(name)!.faults;
    if (problem) problems.set(path, problem);
    else if (fault !== undefined)
      problems.set(path, {
        reason: ROLE_REASON.unreadable,
        message: `nothing of the spec is in effect: ${fault}`,
      });
  }
  return { objects, problems, pathOf: (role) => places.get(role)?.path ?? role };
}

/** A role and those above it that have no place yet, upwards; those at the end that go in a circle apart. */
function trailFrom(
  start: string,
  byName: ReadonlyMap<string, RoleFacts>,
  places: ReadonlyMap<string, Place>,
): { readonly chain: readonly string[]; readonly circle: readonly string[] } {
  const seen = new Set<string>();
  let at: string | undefined = start;
  while (at !== undefined && byName.has(at) && !places.has(at) && !seen.has(at)) {
    seen.add(at);
    at = byName.get(at)!.spec.parent;
  }
  const names = [...seen];
  const end = at !== undefined && seen.has(at) ? names.indexOf(at) : names.length;
  return { chain: names.slice(0, end), circle: names.slice(end) };
}

function placeBelow(parent: string | undefined, name: string, places: ReadonlyMap<string, Place>): Place {
  if (parent === undefined) return { level: 1, path: name, problem: undefined };
  const above = places.get(parent);
  if (above === undefined) {
    const why = `there is no OfferRole "${parent}", create it or correct parent`;
    return withoutSettings(name, 1, ROLE_REASON.unknownParent, why);
  }
  const level = above.level + 1;
  if (level > MOST_ROLE_LEVELS) {
    const why = `it lies on level ${level}, ${MOST_ROLE_LEVELS} is the deepest: name a parent that lies higher`;
    return withoutSettings(name, level, ROLE_REASON.tooDeep, why);
  }
  return { level, path: `${above.path}/${name}`, problem: undefined };
}

function placeInCircle(circle: readonly string[], at: number): Place {
  const around = Array.from(
    { length: Math.min(circle.length, FEW) },
    (_, i) => circle[(at + i) % circle.length]!,
  );
  const shown = [...around, ...(circle.length > FEW ? ['...'] : []), circle[at]!].join(' -> ');
  return withoutSettings(circle[at]!, 1, ROLE_REASON.parentCycle, `the parents go in a circle, ${shown}`);
}

const withoutSettings = (name: string, level: number, reason: RoleReason, why: string): Place => ({
  level,
  path: name,
  problem: { reason, message: `nothing of the spec is in effect: ${why}` },
});
