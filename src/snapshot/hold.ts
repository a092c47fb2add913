import type { Reason } from '../api/conditions.ts';

/** Why a framework, or a class of it, takes no offers at all in this cycle. */
export interface Hold {
  readonly reason: Reason;
  readonly message: string;
  /** Tasks that were launched and that the API server has not stored wait, too: it does not take them. */
  readonly holdsLaunched?: boolean;
  /** Nothing is decided for the framework: see frozen.ts. */
  readonly freezes?: boolean;
}
