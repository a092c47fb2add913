import type { Crash } from '../../api/pool/crash-budget.ts';
import type { Framework } from '../../snapshot/framework.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import type { Remembered } from './slot-failures.ts';
import type { Tally } from './sums.ts';

/** What the draft of a pool finds for its status. */
export interface PoolFound extends Tally {
  /** Crashes that the status is to hold; undefined without a budget. */
  readonly crashes: readonly Crash[] | undefined;
  /** Failures of slots that the status is to hold; undefined when there are none. */
  readonly failures: Remembered['failures'];
  /** Why the API server lets a server not be changed in place; undefined when it refused none. */
  readonly unchangeable: string | undefined;
  /** Servers that have to be gone before others can come in their slots. */
  readonly awaited: readonly TaskPod[];
}

/** What the draft of a pool found. */
export const foundOf = ({ found }: Framework): PoolFound => found as PoolFound;
