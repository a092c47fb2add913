import type { Keep, Server } from './server.ts';

/**
 * How many of the servers that are too many can go, in the order in which the pool lets them go, so that what a policy
 * keeps is left. What is counted here is what is deleted then: the next look wants none of them back.
 * @param leaving servers that may go, the first one first
 * @param all every server
 * @param surplus most that are to go
 */
export function mostToGo(
  leaving: readonly Server[],
  all: readonly Server[],
  surplus: number,
  { least, worth, stays }: Keep,
): number {
  let left = all.reduce((sum, server) => sum + worth(server), 0);
  // Where there is too little already, what there is must stay.
  const floor = Math.min(least, left);
  let gone = 0;
  while (gone < Math.min(surplus, leaving.length)) {
    const next = leaving[gone]!;
    if (stays?.(next) || left - worth(next) < floor) break;
    left -= worth(next);
    gone++;
  }
  return gone;
}
