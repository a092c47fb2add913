import type { Launch } from '../allocator/placing/offer.ts';
import { ReservedRoom } from '../allocator/room/reserved-room.ts';
import type { Framework } from '../snapshot/framework.ts';
import type { Amounts } from '../snapshot/resources.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { sumReservations } from '../snapshot/reservations.ts';
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

/**
 * How all roles stand when a cycle has launched what it could, by path.
 * @param all outcomes by the number of the framework @param launches those of the cycle
 */
export function roleStandings(
  snapshot: Snapshot,
  all: readonly FrameworkOutcome[],
  launches: readonly Launch[],
): ReadonlyMap<string, RoleStanding> {
  const { roles, columns } = snapshot;
  const R = columns.count;
  const sum = (rowOf: (role: Role) => ArrayLike<number>) => subtreeSums(roles, R, rowOf);
  const taken = takenBy(launches, snapshot);
  const plus = (row: Float64Array, more: Float64Array | undefined) =>
    row.map((amount, r) => amount + (more?.[r] ?? 0));
  const held = sum((role) => plus(role.held, taken.get(role.path)?.all));
  const heldReserved = sum((role) => plus(role.heldReserved, taken.get(role.path)?.reserved));
  const offered = sum((role) => plus(offeredTo(role, snapshot), taken.get(role.path)?.all));
  const reserved = sum(({ reservations }) => sumReservations(reservations, R, 'amounts'));
  const used = sum(({ path, reservations }) =>
    plus(sumReservations(reservations, R, 'used'), taken.get(path)?.lent),
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

/** How many tasks ask for what and have not started, by the list that they stand in: it is the same until one changes. */
const notStarted = new WeakMap<Framework['live'], ReadonlyMap<Amounts, number>>();

function notStartedOf({ live }: Framework): ReadonlyMap<Amounts, number> {
  const known = notStarted.get(live);
  if (known) return known;
  // Most Pods ask for the same, and their requests are one object then.
  const counts = new Map<Amounts, number>();
  for (const { phase, requests } of live)
    if (phase !== 'Running') counts.set(requests, (counts.get(requests) ?? 0) + 1);
  notStarted.set(live, counts);
  return counts;
}

/** What those tasks of a role's frameworks hold whose containers have not started. */
function offeredTo(role: Role, { frameworks, columns }: Snapshot): Float64Array {
  const sum = new Float64Array(columns.count);
  for (const index of role.frameworks)
    for (const [requests, count] of notStartedOf(frameworks[index]!))
      for (const name in requests) {
        const column = columns.get(name);
        if (column !== undefined) sum[column]! += count * requests[name]!;
      }
  return sum;
}

/** What the launches of a cycle took. R amounts each. */
interface Taking {
  /** By tasks of exactly the role. */
  readonly all: Float64Array;
  /** The part of it that lies in reservations of the role or of one above it. */
  readonly reserved: Float64Array;
  /** By the role and those below it out of its own reservations. */
  readonly lent: Float64Array;
}

/** What the launches of a cycle took, by path: the accounts of the snapshot are from before them. */
function takenBy(launches: readonly Launch[], snapshot: Snapshot): ReadonlyMap<string, Taking> {
  const { frameworks, columns } = snapshot;
  const R = columns.count;
  const room = new ReservedRoom(snapshot);
  const takings = new Map<string, Taking>();
  const of = (path: string): Taking => {
    let taking = takings.get(path);
    if (!taking) {
      const row = () => new Float64Array(R);
      takings.set(path, (taking = { all: row(), reserved: row(), lent: row() }));
    }
    return taking;
  };
  for (const { offer } of launches) {
    const path = frameworks[offer.framework]!.rolePath;
    const { demand } = offer.demandClass.shape;
    const needs = Float64Array.from({ length: R }, (_, r) =>
      r === columns.shared ? 0 : (demand[columns.names[r]!] ?? 0),
    );
    const { all, reserved } = of(path);
    for (let r = 0; r < R; r++) all[r]! += needs[r]!;
    for (const { from, amounts } of room.draw(path, offer.agent, needs, 0, 1)) {
      const { lent } = of(from.role);
      for (let r = 0; r < R; r++) {
        reserved[r]! += amounts[r]!;
        lent[r]! += amounts[r]!;
      }
    }
  }
  return takings;
}
