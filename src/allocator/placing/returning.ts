import type { Framework } from '../../snapshot/framework.ts';
import { topOf } from '../filling/allowance.ts';
import type { NominationDesk } from '../preemption/nomination-desk.ts';
import type { QuotaBook } from '../roles/quota-book.ts';
import type { Room } from '../room/room.ts';
import type { FrameworkBidder } from './framework-bidder.ts';

/**
 * Keeps the room of gangs that start again, from when their tasks end until they may start anew: then they renew it as any
 * nomination. It is kept from those alone who could not evict them if they ran, and for no longer than each says. Where it is, cycles
 * remember as nominations: what the last one had, and where tasks of before still run.
 */
export function keepForReturning(
  room: Room,
  desk: NominationDesk<FrameworkBidder>,
  bidders: readonly FrameworkBidder[],
  book: QuotaBook<FrameworkBidder>,
): void {
  const lacks = ({ role }: FrameworkBidder): boolean => book.unsatisfied(topOf(role)).length > 0;
  const { snapshot, matrices } = room;
  matrices.classes.forEach(({ framework: of, group, hold }, row) => {
    const framework = snapshot.frameworks[of]!;
    const { returning } = framework;
    if (!(hold ?? framework.hold) || !returning || returning.by <= snapshot.now) return;
    if (bidders.some((bidder) => bidder.couldEvict(framework, lacks(bidder)))) return;
    const still = placesOf(framework, group, snapshot.numbers);
    const places = new Map(desk.keptOf(row));
    for (const [agent, tasks] of still) places.set(agent, Math.max(tasks, places.get(agent) ?? 0));
    for (const [agent, tasks] of places) {
      const free = Math.min(
        tasks - (still.get(agent) ?? 0),
        room.admits(agent, row) ? room.fit(agent, row) : 0,
      );
      if (free > 0) room.take(agent, row, free);
      desk.keepOn(row, agent, Math.max(free, 0) + (still.get(agent) ?? 0));
    }
  });
}

/** Where tasks of a group still are that are to start again, by agent; without those that were evicted: others wait for their room. */
function placesOf(
  { returning }: Framework,
  group: string,
  numbers: ReadonlyMap<string, number>,
): Map<number, number> {
  const places = new Map<number, number>();
  for (const { node, terminal, evicted, task } of returning!.pods) {
    const agent = numbers.get(node ?? '');
    if (agent === undefined || terminal || evicted || task?.group !== group) continue;
    places.set(agent, (places.get(agent) ?? 0) + 1);
  }
  return places;
}
