import type { WorkloadStatus } from '../snapshot/workload.ts';
import type { FrameworkOutcome } from './outcome.ts';

/** What a workload says of itself after a cycle. */
export interface Statement {
  readonly status: WorkloadStatus;
  /**
   * Version of the object that a status was counted from which counts what nothing else tells any more: it is written over
   * that version alone. Undefined for one that can be derived anew at any time.
   */
  readonly countedFrom?: string | undefined;
  /** Steps of its work that are lost, and that the status counts for the first time; none when left out. */
  readonly lostSteps?: number;
  /** What the status says for the first time, and people should hear of. */
  readonly news: readonly News[];
}

/** Something that happened to a workload, as an event tells it. */
export interface News {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'Succeeded' | 'Failed' | 'Restarting' | 'Unhealthy' | 'CrashBudgetSpent';
  /** What was done about it, in UpperCamelCase. */
  readonly action: string;
  readonly note: string;
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
