import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { PodFacts } from '../../snapshot/task.ts';

/** R amounts of a Pod. */
export function amountsOf({ columns }: Snapshot, { requests }: PodFacts): Float64Array {
  const amounts = new Float64Array(columns.count);
  columns.each(requests, (r, amount) => (amounts[r] = amount));
  return amounts;
}
