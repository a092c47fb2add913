import type { WorkloadStatus } from '../snapshot/workload.ts';
import type { FrameworkOutcome } from './outcome.ts';

/** What a workload says of itself after a cycle. */
export interface Statement {
  readonly status: WorkloadStatus;
  /** Set when the status says for the first time that the workload is over. */
  readonly end: End | undefined;
}

/** How a workload ended. */
export interface End {
  readonly failed: boolean;
  readonly message: string;
}

/** What people hear from the driver of a kind. */
export interface Telling<W = unknown> {
  /** What a task is called. */
  readonly word: string;
  /**
   * What the object of a workload says after a cycle. One of which nothing changed gets an equal status, so that nothing is
   * written.
   * @param recovered tasks recreated over its life
   * @param now ms since the epoch
   * @returns undefined when nothing is said there
   */
  status(workload: W, outcome: FrameworkOutcome, recovered: number, now: number): Statement | undefined;
}
