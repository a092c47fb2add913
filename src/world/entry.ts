import type { ResourceColumns } from '../snapshot/resources.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { Party } from './party.ts';
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
}

/** Adds what a Pod asks for to a row of amounts. A resource without a column is left out: no node has any of it. */
export function addRequests(row: Float64Array, { requests }: PodFacts, columns: ResourceColumns): void {
  for (const name in requests) {
    const column = columns.get(name);
    if (column !== undefined) row[column]! += requests[name]!;
  }
}

/** A row of amounts, all 0, with room for the shared column. */
export const newRow = ({ names }: ResourceColumns): Float64Array => new Float64Array(names.length + 1);
