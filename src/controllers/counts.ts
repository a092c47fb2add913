import type { Reason } from '../api/conditions.ts';
import type { DeleteCommand } from '../plan/command.ts';
import type { Signal } from '../recovery/signal.ts';
import type { Snapshot } from '../snapshot/build.ts';
import type { Phases } from './cycle.ts';

/** What is counted of the placement loop's work, as far as the loop knows of it. */
export interface Counts {
  /** A cycle ended. @param totalMs the whole of it, with the hand-over of its commands */
  cycle(phases: Phases, totalMs: number): void;
  /** A cycle failed, whoever was left out of it. */
  cycleFailed(): void;
  /** A framework is left out of cycles. */
  quarantined(): void;
  /** Something of an object cannot be read. @param resource its plural name */
  unreadable(resource: string): void;
  /** Offers of a cycle were answered. */
  offers(accepted: number, declined: number): void;
  podCreated(): void;
  podBound(): void;
  podDeleted(reason: DeleteCommand['reason']): void;
  /** A Pod was evicted for others, or a budget forbade it. */
  eviction(outcome: 'evicted' | 'blocked'): void;
  /** A task was recreated. @param signal what ended the one before */
  recovered(signal: Signal): void;
  /** How the cluster stands after a cycle. @param waiting tasks by the layer that holds them */
  state(snapshot: Snapshot, waiting: ReadonlyMap<Reason, number>): void;
  /** Statuses were derived from a cycle; it took `ms`. */
  recorded(ms: number): void;
}
