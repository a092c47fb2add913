import { faultPenalty, MAX_SCORE } from '../../matrix/cells/priority.ts';

/** Larger than any score with its penalty: one task more in the zone outweighs every score when spreading. */
export const ZONE_CROWD = 4 * MAX_SCORE;

/** Larger than any number of tasks in zones: one task more on the node outweighs that. */
export const CROWD = ZONE_CROWD * 2 ** 20;

/**
 * Larger than any crowd, since a node has far fewer than 65,536 tasks: every tenth of C outweighs all that speaks for an
 * agent. Ten of them are below 2^53, so that keys are exact.
 */
const FAULT = CROWD * 2 ** 16;

/** The tenths of C. Its cells are of single precision. */
const tenths = (fault: number): number => Math.floor(fault * 10 + 1e-4);

/**
 * Where an agent stands in an order, the least first: an avoided one after all healthy ones, however empty it is.
 * @param crowd tasks of the class there, for one that spreads @param fault C @param score B
 */
export const keyOf = (crowd: number, fault: number, score: number): number =>
  tenths(fault) * FAULT + crowd * CROWD + faultPenalty(fault) - score;
