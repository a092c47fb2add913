import type { Snapshot } from '../../snapshot/snapshot.ts';
import { isWithin } from '../../lib/role-path.ts';

/** What is left of the reservation of one role on one agent. */
interface Left {
  readonly role: string;
  /** R amounts. */
  readonly amounts: Float64Array;
}

/** A taking out of one reservation, for undo. R amounts. */
export interface Drawn {
  readonly from: Left;
  readonly amounts: Float64Array;
}

const NOTHING: readonly Drawn[] = [];

/**
 * What is reserved on agents and not in use: room for the role and those below it alone. A task takes out of the
 * reservation of its own role first, then of those above it, and what these do not cover out of what is for all.
 */
export class ReservedRoom {
  /** By agent, the deepest role first. */
  readonly #left = new Map<number, Left[]>();
  /** Roles that have reservations. */
  readonly #roles: readonly string[];
  readonly #R: number;
  /** What is free on an agent for one role, as the last call found it. */
  readonly #free: Float64Array;

  constructor({ roles, columns }: Snapshot) {
    this.#R = columns.count;
    this.#free = new Float64Array(this.#R);
    this.#roles = roles.filter(({ reservations }) => reservations.length > 0).map(({ path }) => path);
    // By path, backwards: those below a role come before it.
    for (const { path, reservations } of roles.toReversed()) {
      for (const { agent, amounts, used } of reservations) {
        const left = Float64Array.from(amounts, (amount, r) => amount - used[r]!);
        const here = this.#left.get(agent);
        if (here) here.push({ role: path, amounts: left });
        else this.#left.set(agent, [{ role: path, amounts: left }]);
      }
    }
  }

  /** Whether anything is reserved on an agent. */
  isAt(agent: number): boolean {
    return this.#left.has(agent);
  }

  /** Whether a role could find reservations of its own, or of a role above it, on some agent. */
  isFor(role: string): boolean {
    return this.#roles.some((path) => isWithin(role, path));
  }

  /** What an agent has free for a role: S without what is left of the reservations of others. Valid until the next call. */
  freeFor(role: string, agent: number, supply: Float64Array): Float64Array {
    const free = this.#free;
    for (let r = 0; r < this.#R; r++) free[r] = supply[agent * this.#R + r]!;
    for (const left of this.#left.get(agent) ?? []) {
      if (isWithin(role, left.role)) continue;
      for (let r = 0; r < this.#R; r++) free[r] = Math.max(0, free[r]! - left.amounts[r]!);
    }
    return free;
  }

  /** What is left there of the role's reservations and of those above it, by column; null when nothing is reserved there. */
  leftFor(role: string, agent: number): readonly number[] | null {
    const here = this.#left.get(agent)?.filter((left) => isWithin(role, left.role)) ?? [];
    if (here.length === 0) return null;
    return Array.from({ length: this.#R }, (_, r) => here.reduce((sum, { amounts }) => sum + amounts[r]!, 0));
  }

  /** Takes tasks of a role, as far as they fit, out of its reservations. @param demand R amounts of one task at `offset` */
  draw(role: string, agent: number, demand: Float64Array, offset: number, tasks: number): readonly Drawn[] {
    const here = this.#left.get(agent);
    if (!here) return NOTHING;
    const needs = Array.from({ length: this.#R }, (_, r) => tasks * demand[offset + r]!);
    return here
      .filter((left) => isWithin(role, left.role))
      .map((from): Drawn => {
        const amounts = from.amounts.map((left, r) => Math.min(left, needs[r]!));
        amounts.forEach((amount, r) => {
          from.amounts[r]! -= amount;
          needs[r]! -= amount;
        });
        return { from, amounts };
      });
  }

  /** Puts back what was drawn. */
  putBack(drawn: readonly Drawn[]): void {
    for (const { from, amounts } of drawn) amounts.forEach((amount, r) => (from.amounts[r]! += amount));
  }
}

/** Whether something is reserved on an agent for a role, or for one above it. */
export const isReservedFor = ({ roles }: Snapshot, agent: number, role: string): boolean =>
  roles.some(
    ({ path, reservations }) =>
      isWithin(role, path) && reservations.some((reservation) => reservation.agent === agent),
  );
