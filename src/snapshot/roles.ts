import { parentOf } from '../lib/role-path.ts';
import type { AgentFacts } from './agent.ts';
import type { Framework } from './framework.ts';
import { attribute, placeReservations, type Reservation } from './reservations.ts';
import type { ResourceColumns } from './resources.ts';
import type { RolePaths, RoleProblem } from './role-tree.ts';
import type { QuotaFacts } from './workload.ts';

/** One account of the cluster. R amounts each, in column units. */
export interface Role {
  /** As OfferRoles name it; the path, when it has no object. */
  readonly name: string;
  /** From the top, such as studio/arena. */
  readonly path: string;
  /** Whether an OfferRole stands for it. */
  readonly exists: boolean;
  readonly weight: number;
  /** 0 = nothing; undefined = no guarantee. Only top-level roles have one. */
  readonly guarantee: Float64Array | undefined;
  /** Infinity = unlimited; undefined = no limit. A role is held to the limits of those above it too. */
  readonly limit: Float64Array | undefined;
  /** One for each agent on which something is kept. */
  readonly reservations: readonly Reservation[];
  /** Nodes that a reservation names and on which it is not in effect: what is asked for is not there any more. */
  readonly misfits: readonly string[];
  /** Labels, as `key=value`, of those of its reservations that no node bears. */
  readonly unmatched: readonly string[];
  /** What the tasks of exactly this role hold on agents. */
  readonly held: Float64Array;
  /** The part of it that lies in reservations of this role or of one above it. */
  readonly heldReserved: Float64Array;
  /** Numbers of the frameworks of exactly this role. */
  readonly frameworks: readonly number[];
  /** Why nothing of the spec is in effect; undefined when it is. */
  readonly problem: RoleProblem | undefined;
}

/** What the tasks of roles hold, by path. R amounts each. */
export interface RoleHoldings {
  readonly held: ReadonlyMap<string, Float64Array>;
  /** By agent, for reserved ones. */
  readonly heldOn: ReadonlyMap<number, ReadonlyMap<string, Float64Array>>;
}

/** The reservations that are in effect, by path; see {@link placeReservations}. */
export type Placed = ReturnType<typeof placeReservations>;

/** Where reservations are kept, before what tasks hold is known. */
export function reservationsOf(
  paths: RolePaths,
  agents: readonly AgentFacts[],
  allocatable: Float64Array,
  columns: ResourceColumns,
): Placed {
  const wanted = [...paths.objects]
    .filter(([path, { quota }]) => quota.reservations.length > 0 && !paths.problems.has(path))
    .map(([path, { quota }]) => ({ path, reservations: quota.reservations }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return placeReservations(wanted, agents, allocatable, columns);
}

/** Roles that have an object, a framework or tasks, and all above these; by path. */
export function readRoles(
  paths: RolePaths,
  frameworks: readonly Framework[],
  placed: Placed,
  holdings: RoleHoldings,
  columns: ResourceColumns,
): Role[] {
  const members = Map.groupBy(frameworks, (framework) => framework.rolePath);
  const inReservations = attribute(placed, holdings.heldOn, columns.count);
  const all = new Set<string>();
  for (const names of [paths.objects.keys(), members.keys(), holdings.held.keys()]) {
    for (const path of names) {
      for (let at: string | undefined = path; at !== undefined; at = parentOf(at)) all.add(at);
    }
  }
  const none = new Float64Array(columns.count);
  return [...all].sort().map((path): Role => {
    const object = paths.objects.get(path);
    const problem = paths.problems.get(path);
    const settings = problem === undefined ? object : undefined;
    return {
      name: object?.metadata.name ?? path,
      path,
      exists: object !== undefined,
      weight: settings?.spec.weight ?? 1,
      guarantee: settings && rowOf(settings.quota.guarantee, columns, 0),
      limit: settings && rowOf(settings.quota.limit, columns, Number.POSITIVE_INFINITY),
      reservations: placed.inEffect.get(path) ?? [],
      misfits: [...(placed.misfits.get(path) ?? [])],
      unmatched: placed.unmatched.get(path) ?? [],
      held: holdings.held.get(path) ?? none,
      heldReserved: inReservations.get(path) ?? none,
      frameworks: (members.get(path) ?? []).map((f) => f.index),
      problem,
    };
  });
}

/** Amounts as a row, or undefined when none is named. @param rest of the resources that are not named */
function rowOf(
  amounts: QuotaFacts['limit'],
  columns: ResourceColumns,
  rest: number,
): Float64Array | undefined {
  const names = Object.keys(amounts);
  if (names.length === 0) return undefined;
  const row = new Float64Array(columns.count).fill(rest);
  for (const name of names) row[columns.get(name)!] = amounts[name]!;
  return row;
}

/**
 * Sums over each role and all below it.
 * @param roles all roles, by path @param rowOf R amounts of exactly the role
 */
export function subtreeSums(
  roles: readonly Role[],
  R: number,
  rowOf: (role: Role) => ArrayLike<number>,
): Map<string, Float64Array> {
  const sums = new Map(roles.map((role) => [role.path, Float64Array.from(rowOf(role))]));
  // A role stands after those above it, so that its own sum is whole when it is added to the one above.
  for (const { path } of roles.toReversed()) {
    const above = parentOf(path);
    if (above === undefined) continue;
    const sum = sums.get(above)!;
    const own = sums.get(path)!;
    for (let r = 0; r < R; r++) sum[r]! += own[r]!;
  }
  return sums;
}
