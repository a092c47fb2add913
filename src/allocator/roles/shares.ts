import { PODS_COLUMN } from '../../snapshot/resources.ts';
import * as share from './dominant-share.ts';

/** Columns of a snapshot that do not count in shares: the number of Pods, which nobody pays for. */
export const UNSHARED: ReadonlySet<number> = new Set([PODS_COLUMN]);

/** Dominant share of what is held, in the columns of a snapshot. @param total of the cluster */
export const dominantShare = (held: Float64Array, total: Float64Array, weight: number): number =>
  share.dominantShare(held, total, weight, UNSHARED);

/** Column of the dominant resource, or undefined when nothing is held that counts. @param total of the cluster */
export const dominantColumn = (held: Float64Array, total: Float64Array): number | undefined =>
  share.dominantColumn(held, total, UNSHARED);
