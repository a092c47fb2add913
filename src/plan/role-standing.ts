import type { Snapshot } from '../snapshot/build.ts';
import { subtreeSums, type Role } from '../snapshot/roles.ts';
import { parentOf } from '../lib/role-path.ts';
import type { FrameworkOutcome } from './outcome.ts';

/** How a role and all below it stand after a cycle. R amounts each. */
export interface RoleStanding {
  readonly held: Float64Array;
  /** The part of it that tasks hold which took an offer and have not started. */
  readonly offered: Float64Array;
  readonly reserved: Float64Array;
  /** The part of the reservations that no task uses. */
  readonly unused: Float64Array;
  /** What counts against guarantee and limit: everything reserved, and what is held beside it. */
  readonly consumed: Float64Array;
  /** Frameworks with tasks that wait. */
  readonly waiting: readonly FrameworkOutcome[];
}

/** How all roles stand, by path. @param all outcomes by the number of the framework */
export function roleStandings(
  snapshot: Snapshot,
  all: readonly FrameworkOutcome[],
): ReadonlyMap<string, RoleStanding> {
  const { roles, columns } = snapshot;
  const R = columns.count;
  const sum = (rowOf: (role: Role) => ArrayLike<number>) => subtreeSums(roles, R, rowOf);
  const held = sum((role) => role.held);
  const heldReserved = sum((role) => role.heldReserved);
  const offered = sum((role) => offeredTo(role, snapshot));
  const reserved = sum((role) =>
    total(
      role.reservations.map(({ amounts }) => amounts),
      R,
    ),
  );
  const used = sum((role) =>
    total(
      role.reservations.map((reservation) => reservation.used),
      R,
    ),
  );
  const waiting = waitingBelow(all);
  return new Map(
    roles.map(({ path }) => {
      const row = (amount: (r: number) => number) => Float64Array.from({ length: R }, (_, r) => amount(r));
      const standing: RoleStanding = {
        held: held.get(path)!,
        offered: offered.get(path)!,
        reserved: reserved.get(path)!,
        unused: row((r) => reserved.get(path)![r]! - used.get(path)![r]!),
        consumed: row((r) => reserved.get(path)![r]! + held.get(path)![r]! - heldReserved.get(path)![r]!),
        waiting: waiting.get(path) ?? [],
      };
      return [path, standing];
    }),
  );
}

/** Outcomes with tasks that wait, by the path of their role and of each above it. */
function waitingBelow(all: readonly FrameworkOutcome[]): ReadonlyMap<string, readonly FrameworkOutcome[]> {
  const below = new Map<string, FrameworkOutcome[]>();
  for (const outcome of all) {
    if (outcome.waiting === 0) continue;
    for (let at: string | undefined = outcome.framework.rolePath; at !== undefined; at = parentOf(at)) {
      const known = below.get(at);
      if (known) known.push(outcome);
      else below.set(at, [outcome]);
    }
  }
  return below;
}

function total(rows: readonly Float64Array[], R: number): Float64Array {
  const sum = new Float64Array(R);
  for (const row of rows) for (let r = 0; r < R; r++) sum[r]! += row[r]!;
  return sum;
}

/** What those tasks of a role's frameworks hold whose containers have not started. */
function offeredTo(role: Role, { frameworks, columns }: Snapshot): Float64Array {
  const sum = new Float64Array(columns.count);
  for (const index of role.frameworks) {
    for (const { phase, requests } of frameworks[index]!.live) {
      if (phase === 'Running') continue;
      for (const name in requests) {
        const column = columns.get(name);
        if (column !== undefined) sum[column]! += requests[name]!;
      }
    }
  }
  return sum;
}
