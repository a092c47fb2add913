import type { SnapshotBuilder } from '../../../test/builders/index.ts';
import { buildMatrices } from '../../matrix/matrices.ts';
import type { AgentOrder } from './agent-order.ts';
import { Room } from '../room/room.ts';

/** The room of a cluster of one pool, whose row is 0, for tests of orders. */
export function roomOf(builder: SnapshotBuilder) {
  const snapshot = builder.build();
  const matrices = buildMatrices(snapshot, snapshot.classes);
  return { snapshot, matrices, room: new Room(snapshot, matrices) };
}

/** Takes room for tasks in an order, as far as it goes: `node tasks` for each taking. */
export function takeAll(
  { snapshot, room }: ReturnType<typeof roomOf>,
  order: AgentOrder,
  tasks: number,
): string[] {
  const out: string[] = [];
  for (let left = tasks; left > 0;) {
    const next = order.next(left);
    if (next === undefined) break;
    room.take(next.agent, 0, next.tasks);
    order.took(next.agent);
    out.push(`${snapshot.agents[next.agent]!.name} ${next.tasks}`);
    left -= next.tasks;
  }
  return out;
}
