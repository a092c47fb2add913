import type { Allowance, Refusal, Reserved } from '../filling/allowance.ts';
import type { AgentOrder } from './agent-order.ts';
import type { Demand } from './bundles.ts';
import type { Room, Taken } from './room.ts';

/** Room on one agent for tasks of one class, and the host port numbers that go with it. */
export interface Found {
  readonly taken: Taken;
  readonly numbers: readonly number[];
}

/** Tasks of one class that look for room. */
export interface Wanted {
  readonly row: number;
  readonly tasks: number;
  readonly demand: Demand;
  readonly order: AgentOrder;
}

/** What came of a search. */
export interface Search {
  /** One entry an agent. */
  readonly found: readonly Found[];
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
  const { items, columns } = demand;
  const found: Found[] = [];
  const at = new Map<number, number>();
  let left = tasks;
  let refusal: Refusal | undefined;
  while (left > 0) {
    const next = order.next(left);
    if (!next) break;
    const { agent } = next;
    const amounts = room.reservedAt(agent, row);
    const reserved = amounts && columns.map((column) => amounts[column]!);
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
    const { numbers, ...taken } = room.take(agent, row, fit);
    allowance.spend(items, fit, reserved, apart);
    order.took(agent);
    left -= fit;
    const earlier = at.get(agent);
    if (earlier === undefined) at.set(agent, found.push({ taken, numbers }) - 1);
    else found[earlier] = merge(found[earlier]!, { taken, numbers });
  }
  return { found, tasks: tasks - left, refusal };
}

function merge(a: Found, b: Found): Found {
  return {
    taken: {
      ...a.taken,
      tasks: a.taken.tasks + b.taken.tasks,
      ports: [...a.taken.ports, ...b.taken.ports],
      drawn: [...a.taken.drawn, ...b.taken.drawn],
    },
    numbers: [...a.numbers, ...b.numbers],
  };
}
