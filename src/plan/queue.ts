import type { Allocation } from '../allocator/allocate.ts';
import { membersInTurn } from '../allocator/turns.ts';
import type { JobQueue } from '../api/job/queue.ts';
import { formatTime } from '../lib/time.ts';
import type { Matrices } from '../matrix/matrices.ts';
import type { Framework } from '../snapshot/framework.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { expectedStarts } from './expected-start.ts';

/** Where a gang stands among those of its role that wait. */
export interface Queue {
  /** From 1. Beyond 10 rounded up, to tens and hundreds: else each start would change what is said of all behind it. */
  readonly place: number;
  /** When deadlines will have freed its room, ms since the epoch; undefined when that is not known. Of the first in line alone. */
  readonly expectedStart: number | undefined;
}

/** The same as it is told. */
export const toldQueue = ({ place, expectedStart }: Queue): JobQueue => ({
  place,
  ...(expectedStart === undefined ? {} : { expectedStart: formatTime(expectedStart) }),
});

const rounded = (place: number): number => {
  const step = place <= 10 ? 1 : place <= 100 ? 10 : 100;
  return Math.ceil(place / step) * step;
};

/**
 * The lines of all roles in which a gang waits. @param waits whether a framework waits for offers, and got none
 * @returns by number of the framework, of gangs alone
 */
export function queues(
  snapshot: Snapshot,
  matrices: Matrices,
  allocation: Allocation,
  waits: (framework: Framework) => boolean,
): ReadonlyMap<number, Queue> {
  const out = new Map<number, Queue>();
  const startOf = expectedStarts(snapshot, matrices, allocation);
  for (const role of snapshot.roles) {
    const waiting = role.frameworks.filter((index) => waits(snapshot.frameworks[index]!));
    if (!waiting.some((index) => snapshot.frameworks[index]!.gang)) continue;
    membersInTurn(snapshot, { ...role, frameworks: waiting }).forEach((framework, at) => {
      if (!framework.gang) return;
      const expectedStart = at === 0 ? startOf(framework) : undefined;
      out.set(framework.index, { place: rounded(at + 1), expectedStart });
    });
  }
  return out;
}
