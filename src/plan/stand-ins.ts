import { REASON, type Reason } from '../api/conditions.ts';
import type { Launch } from '../allocator/placing/offer.ts';
import { parentOf } from '../lib/role-path.ts';
import type { DemandClass, Framework } from '../snapshot/framework.ts';
import type { ResourceColumns } from '../snapshot/resources.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { FrameworkOutcome, Waits } from './outcome.ts';
import { roleStandings, type RoleStanding } from './role-standing.ts';

/** Tasks of a class that more nodes would help. */
export interface StandInWish {
  readonly framework: Framework;
  readonly demandClass: DemandClass;
  readonly count: number;
  /** Why they wait. */
  readonly message: string;
}

/** Layers that more nodes would help with. Who waits for room that is being freed needs none. */
const NODES_WOULD_HELP: ReadonlySet<Reason> = new Set([
  REASON.resources,
  REASON.constraints,
  REASON.faults,
  REASON.gang,
  REASON.budget,
]);

/** The largest group of a gang that is stood in for: half of it would bring nodes on which nothing starts. */
const LARGEST_GROUP = 1000;

/** What limits of roles leave for tasks that do not exist yet. */
class Headroom {
  readonly #columns: ResourceColumns;
  readonly #left: ReadonlyMap<string, Float64Array>;

  constructor({ roles, columns }: Snapshot, standings: ReadonlyMap<string, RoleStanding>) {
    this.#columns = columns;
    this.#left = new Map(
      roles.flatMap(({ path, limit }) =>
        limit ? [[path, limit.map((most, r) => most - standings.get(path)!.consumed[r]!)]] : [],
      ),
    );
  }

  /** How many of so many tasks no limit forbids. */
  fits(path: string, { shape }: DemandClass, tasks: number): number {
    let most = tasks;
    for (const left of this.#above(path))
      this.#columns.each(shape.demand, (column, amount) => {
        if (amount > 0) most = Math.min(most, Math.max(0, Math.floor(left[column]! / amount)));
      });
    return most;
  }

  /** From now on less is left. */
  take(path: string, { shape }: DemandClass, tasks: number): void {
    for (const left of this.#above(path))
      this.#columns.each(shape.demand, (column, amount) => (left[column]! -= tasks * amount));
  }

  *#above(path: string): Iterable<Float64Array> {
    for (let at: string | undefined = path; at !== undefined; at = parentOf(at)) {
      const left = this.#left.get(at);
      if (left) yield left;
    }
  }
}

/**
 * For which tasks of ours, that wait after a cycle, stand-ins should exist: for those that quota lets run, and that only
 * lack a node. Of a gang for all or for none.
 * @param all outcomes by the number of the framework @param launches those of the cycle @param most of one class
 */
export function standInWishes(
  snapshot: Snapshot,
  all: readonly FrameworkOutcome[],
  launches: readonly Launch[],
  most: number,
): StandInWish[] {
  const candidates = all.filter(
    ({ framework, waits }) => framework.makesPods && !framework.hold && waits.length > 0,
  );
  if (candidates.length === 0) return [];
  const headroom = new Headroom(snapshot, roleStandings(snapshot, all, launches));
  return candidates.flatMap(({ framework, waits }) =>
    framework.gang ? gangWishes(framework, waits, headroom) : eachWish(framework, waits, headroom, most),
  );
}

const helps = ({ demandClass, held }: Waits): boolean =>
  !demandClass.hold && demandClass.shape.template !== undefined && NODES_WOULD_HELP.has(held.reason);

function eachWish(
  framework: Framework,
  waits: readonly Waits[],
  headroom: Headroom,
  most: number,
): StandInWish[] {
  return waits.filter(helps).flatMap(({ demandClass, tasks, held }) => {
    const count = headroom.fits(framework.rolePath, demandClass, Math.min(tasks, most));
    headroom.take(framework.rolePath, demandClass, count);
    return count > 0 ? [{ framework, demandClass, count, message: held.message }] : [];
  });
}

function gangWishes(framework: Framework, waits: readonly Waits[], headroom: Headroom): StandInWish[] {
  if (!waits.every((wait) => helps(wait) && wait.tasks <= LARGEST_GROUP)) return [];
  const taken: Waits[] = [];
  for (const wait of waits) {
    if (headroom.fits(framework.rolePath, wait.demandClass, wait.tasks) < wait.tasks) break;
    headroom.take(framework.rolePath, wait.demandClass, wait.tasks);
    taken.push(wait);
  }
  if (taken.length === waits.length)
    return waits.map(({ demandClass, tasks: count, held: { message } }) => ({
      framework,
      demandClass,
      count,
      message,
    }));
  for (const { demandClass, tasks } of taken) headroom.take(framework.rolePath, demandClass, -tasks);
  return [];
}
