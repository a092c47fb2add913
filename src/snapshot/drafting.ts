import type { Draft, FrameworkIdentity } from './framework.ts';
import type { Hold } from './hold.ts';
import type { FrameworkKind } from './framework-id.ts';
import type { Watch } from './slots.ts';
import type { PodFacts } from './task.ts';

/** A framework before it is read: all that its draft follows from, beside the watch. */
export interface Subject<W = unknown, P extends PodFacts = PodFacts> extends FrameworkIdentity {
  /** A workload of ours with its ranking; of Pods of others what their group is. */
  readonly workload: W;
  /** Every Pod of it, launched ones that are not yet seen back included. */
  readonly pods: readonly P[];
  /** Set when it takes no offers for now. */
  readonly hold: Hold | undefined;
}

/** What the snapshot asks of the driver of a kind. */
export interface Drafting<W = unknown, P extends PodFacts = PodFacts> {
  /** Whether its tasks are of use together only. It is asked of frameworks too that are left as they are. */
  together(subject: Subject<unknown, P>): boolean;
  /**
   * Reads a framework: which of its tasks live, which ones it lacks, which Pods are to go. A draft may be kept for the cycles
   * to come. So it follows from the subject and from what the watch says of the nodes of its Pods, and from nothing
   * else. When time alone would change it, `wakeAt` says when that is.
   */
  draft(subject: Subject<W, P>, watch: Watch): Draft;
}

/** The drivers, as far as the snapshot asks them: one for each kind. */
export type Drafters = ReadonlyMap<FrameworkKind, Drafting>;
