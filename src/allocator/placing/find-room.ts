import type { NodeOrder } from './node-order.ts';
import type { Room, Taken } from './room.ts';

/** Room on one agent for tasks of one class, and the host port numbers that go with it. */
export interface Found {
  readonly taken: Taken;
  readonly numbers: readonly number[];
}

/**
 * Takes room for tasks of one or several classes, agent by agent in the order of each class.
 * @returns what was taken, one entry an agent and class, and whether everything wanted was found
 */
export function findRoom(
  room: Room,
  orderOf: (row: number) => NodeOrder,
  wanted: readonly { readonly row: number; readonly tasks: number }[],
): { readonly found: readonly Found[]; readonly complete: boolean } {
  const found: Found[] = [];
  let complete = true;
  for (const { row, tasks } of wanted) {
    const order = orderOf(row);
    const at = new Map<number, number>();
    let left = tasks;
    while (left > 0) {
      const next = order.next(left);
      if (!next) {
        complete = false;
        break;
      }
      const { numbers, ...taken } = room.take(next.agent, row, next.tasks);
      order.took(next.agent);
      left -= next.tasks;
      const earlier = at.get(next.agent);
      if (earlier === undefined) {
        at.set(next.agent, found.push({ taken, numbers }) - 1);
      } else {
        found[earlier] = merge(found[earlier]!, { taken, numbers });
      }
    }
  }
  return { found, complete };
}

function merge(a: Found, b: Found): Found {
  return {
    taken: {
      agent: a.taken.agent,
      row: a.taken.row,
      tasks: a.taken.tasks + b.taken.tasks,
      ports: [...a.taken.ports, ...b.taken.ports],
    },
    numbers: [...a.numbers, ...b.numbers],
  };
}
