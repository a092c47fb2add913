import type { Amounts, ResourceColumns } from '../snapshot/resources.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { Charge, Party } from './party.ts';
import type { Place } from './place.ts';

/** A Pod in the ledger, and where it is filed. */
export interface Entry {
  pod: PodFacts;
  /** Position in the list of all Pods. */
  index: number;
  /** Those that it belongs to; undefined when it takes no part in Proffer. */
  party: Party | undefined;
  /** The node that it names; undefined when it names none. */
  place: Place | undefined;
  /** Where it counts that it holds room; undefined when it holds none. */
  charge: Charge | undefined;
}

/**
 * Charges a Pod to its party for the room that it holds. One that names a node which does not exist holds none: anybody can
 * write that.
 */
export function charge(entry: Entry): void {
  const { pod, party, place, charge: before } = entry;
  const holds = !pod.terminal && pod.node !== undefined && place?.agent !== undefined;
  if (before) before.party.uncharge(before);
  entry.charge = holds ? party?.charge(pod) : undefined;
}

/** Adds amounts to a row, so many times. A resource without a column is left out: no node has any of it. */
export function addAmounts(
  row: Float64Array,
  amounts: Amounts,
  times: number,
  columns: ResourceColumns,
): void {
  for (const name in amounts) {
    const column = columns.get(name);
    if (column !== undefined) row[column]! += times * amounts[name]!;
  }
}

/** A row of amounts, all 0, with room for the shared column. */
export const newRow = ({ names }: ResourceColumns): Float64Array => new Float64Array(names.length + 1);
