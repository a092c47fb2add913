import type { Allowance, Refusal, Reserved } from '../filling/allowance.ts';
import type { AgentOrder } from './agent-order.ts';
import type { Bundle } from '../resources/resource-bundle.ts';
import type { Room, Taken } from '../room/room.ts';

/** Tasks of one class that look for room. */
export interface Wanted {
  readonly row: number;
  readonly tasks: number;
  readonly demand: Bundle;
  readonly order: AgentOrder;
}

/** What came of a search. */
export interface Search {
  /** One entry an agent. */
  readonly found: readonly Taken[];
  /** Tasks that found room. */
  readonly tasks: number;
  /** Why quota kept tasks out of room that is there; undefined when it did not. */
  readonly refusal: Refusal | undefined;
}

/**
 * Takes room for tasks of one class, agent by agent in the order of the class, as far as the allowance goes. Where
 * something is reserved for the role the allowance goes further, and so it does on agents apart, so that an agent that
 * it forbids says nothing about others.
 * @param each how many bundles in a row have a turn on an agent, see {@link Allowance.counted}; all for a gang
 */
export function findRoom(
  room: Room,
  { row, tasks, demand, order }: Wanted,
  allowance: Allowance,
  each: (most: number, reserved: Reserved) => number,
): Search {
  const { items } = demand;
  const found: Taken[] = [];
  const at = new Map<number, number>();
  let left = tasks;
  let refusal: Refusal | undefined;
  while (left > 0) {
    const next = order.next(left);
    if (!next) break;
    const { agent } = next;
    const amounts = room.reservedAt(agent, row);
    const reserved = amounts && items.map(({ kind }) => amounts[kind.column]!);
    const counted = each(next.tasks, reserved);
    if (counted === 0) break;
    const apart = room.isApart(agent);
    const fit = allowance.fit(items, counted, reserved, apart);
    if (fit === 0) {
      refusal ??= allowance.refusal(items, reserved, apart);
      if (!room.hasReserved(row) && !room.reachesApart(row)) break;
      order.skip();
      continue;
    }
    const taken = room.take(agent, row, fit);
    allowance.spend(items, fit, reserved, apart);
    order.took(agent);
    left -= fit;
    const earlier = at.get(agent);
    if (earlier === undefined) at.set(agent, found.push(taken) - 1);
    else found[earlier] = merge(found[earlier]!, taken);
  }
  return { found, tasks: tasks - left, refusal };
}

const merge = (a: Taken, b: Taken): Taken => ({
  ...a,
  tasks: a.tasks + b.tasks,
  numbers: [...a.numbers, ...b.numbers],
});
