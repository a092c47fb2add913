import { fitByResources } from '../../matrix/cells/capacity.ts';
import { amountsOf } from '../room/pod-amounts.ts';
import type { Room } from '../room/room.ts';
import type { RoleState } from '../roles/role-tree.ts';
import type { FrameworkBidder } from './framework-bidder.ts';

/**
 * A gang that has waited so long starves, ms: from then on room is kept for it. Room that is kept stands empty meanwhile:
 * where all waited for an hour, with five minutes 7 to 10 % less work was done, with an hour 1 to 4 % (`plan/gangs.test.ts`).
 */
export const STARVES_AFTER_MS = 3_600_000;

/**
 * The gangs that starve, the longest first, and of each role the first in its line alone. Only those that would be whole
 * if all gangs and all that is revocable ended: room that nobody is going to leave is not waited for.
 */
export function starving(bidders: readonly FrameworkBidder[], room: Room): FrameworkBidder[] {
  const { now } = room.snapshot;
  const first = new Map<RoleState<FrameworkBidder>, FrameworkBidder>();
  for (const bidder of bidders) {
    const other = first.get(bidder.role);
    if (!bidder.revocable && (!other || comesBefore(bidder, other))) first.set(bidder.role, bidder);
  }
  const late = [...first.values()].filter(
    ({ isGang, waitsSince }) => isGang && now - waitsSince >= STARVES_AFTER_MS,
  );
  if (late.length === 0) return late;
  const ends = whenGangsEnded(room);
  return (
    late
      // Where one that must be in one zone finds most changes from cycle to cycle.
      .filter(({ framework }) => !room.snapshot.frameworks[framework]!.near?.isRequired)
      .filter((gang) => couldBeWhole(gang, room, ends))
      .sort((a, b) => a.waitsSince - b.waitsSince)
  );
}

/** Whether one is served before another one of its role that waits as well. */
const comesBefore = (a: FrameworkBidder, b: FrameworkBidder): boolean =>
  a.priority === b.priority ? a.waitsSince < b.waitsSince : a.priority > b.priority;

/** S, n x R, with what gangs and revocable tasks hold: these end by themselves, or give way. */
function whenGangsEnded({ snapshot }: Room): Float64Array {
  const { frameworks, numbers, columns, supply } = snapshot;
  const ends = supply.slice();
  for (const { live } of frameworks.filter(({ together, revocable }) => together || revocable)) {
    for (const pod of live) {
      const agent = numbers.get(pod.node ?? '');
      if (agent === undefined) continue;
      amountsOf(snapshot, pod).forEach((amount, r) => (ends[agent * columns.count + r]! += amount));
    }
  }
  return ends;
}

/** Whether each class of a gang would find room for all that it needs. */
function couldBeWhole(gang: FrameworkBidder, room: Room, free: Float64Array): boolean {
  const { columns, agents } = room.snapshot;
  return gang.lacks.every(({ row, least }) => {
    const { demand, classes } = room.matrices;
    const most = classes[row]!.shape.fixedPorts.length > 0 ? 1 : least;
    let fit = 0;
    for (let agent = 0; agent < agents.length && fit < least; agent++) {
      if (room.admits(agent, row))
        fit += Math.min(most, fitByResources(free, demand, agent, row, columns.count));
    }
    return fit >= least;
  });
}
