/** Highest node score; every part of B is an integer so that equal nodes tie exactly. */
export const MAX_SCORE = 1000;

/**
 * How full an agent would be with one more task of the class, in thousandths: the mean over cpu and memory of
 * (allocatable - S + D) / allocatable. The columns are those two since tasks of games share nothing else.
 * @param i agent @param j class
 */
export function fullness(
  allocatable: Float64Array,
  supply: Float64Array,
  demand: Float64Array,
  i: number,
  j: number,
  R: number,
): number {
  let sum = 0;
  for (let r = 0; r < 2; r++) {
    const all = allocatable[i * R + r]!;
    if (all === 0) continue;
    const used = all - supply[i * R + r]! + demand[j * R + r]!;
    sum += Math.min(1, used / all);
  }
  return Math.round((sum / 2) * MAX_SCORE);
}

/** The node's part of B: packing prefers full agents, spreading empty ones. */
export function nodeScore(scheduling: 'Packed' | 'Distributed', full: number): number {
  return scheduling === 'Packed' ? full : MAX_SCORE - full;
}

/** What C takes off B, in score points: an avoided agent comes after every healthy one. */
export function faultPenalty(fault: number): number {
  return Math.round(fault * 2 * MAX_SCORE);
}
