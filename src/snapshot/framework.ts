import type { FrameworkRef } from './framework-id.ts';
import type { Hold } from './hold.ts';
import type { Avoided } from '../recovery/avoidance.ts';
import type { Meta } from './reading/objects.ts';
import type { Account } from './role-account.ts';
import type { Removal } from './slots.ts';
import type { PodFacts } from './task.ts';
import type { Lack, Vacancies } from './vacancies.ts';
import type { TaskShape } from './workload.ts';

/** Tasks that are alike in shape, constraints, role and priority: one row of the matrices, not one per Pod. */
export interface DemandClass {
  /** Number of the class in the snapshot: its row in the matrices. */
  readonly id: number;
  /** Number of its framework in the snapshot. */
  readonly framework: number;
  /** Worker group, or the empty string for a pool. */
  readonly group: string;
  readonly shape: TaskShape;
  readonly scheduling: 'Packed' | 'Distributed';
  /** Tasks that it is to have. */
  readonly size: number;
  /** Slots to fill, lowest first; their count is the demand. */
  readonly pending: Vacancies;
  /** How many of them suffice: the others come when there is room. Left out when all of them are needed. */
  readonly least?: number;
  /** Why none of them is filled in this cycle, whatever becomes of the framework's other classes. */
  readonly hold?: Hold | undefined;
  /** Least priority of the Pods that wait there; undefined where Pods are yet to be made: theirs is the framework's. */
  readonly leastPriority: number | undefined;
  /** Tasks of the class on each node. */
  readonly perNode: ReadonlyMap<string, number>;
  /** Nodes on which the class failed lately, by name. */
  readonly avoids: ReadonlyMap<string, Avoided>;
}

/** A task that is asked to go, for nobody's sake. */
export interface Asking {
  readonly pod: PodFacts;
  /** When it has to be gone, ms since the epoch. */
  readonly until: number;
  /** The end of a sentence that says why: `its node is to be empty`. */
  readonly why: string;
}

/** Tasks that are to be near each other. */
export interface Near {
  /** Label of nodes: equal values are near. */
  readonly key: string;
  /** Rather none than some elsewhere. */
  readonly isRequired: boolean;
}

/** Who a framework is, whatever it lacks. */
export interface FrameworkIdentity extends FrameworkRef {
  /** By what its Pods name it: see framework-id.ts. */
  readonly holder: string;
  /** Proffer makes its Pods; those of others stand for themselves. */
  readonly makesPods: boolean;
  /** Without a UID for Pods of others. */
  readonly metadata: Meta;
  /** As the workload names it. */
  readonly role: string;
}

/** One consumer of offers: a pool, a job, or a group of Pods, with all that the cycle needs to know of it. */
export interface Framework extends FrameworkIdentity {
  /** Number in the snapshot. */
  readonly index: number;
  /** What it draws on, and what is charged for it. */
  readonly account: Account;
  /** Path of the account: of the role that it draws on in effect. */
  readonly rolePath: string;
  /** Its own, as far as its role lets it, or that of its Pods' class; higher goes first. */
  readonly priority: number;
  /** The `spec.priority` of a workload when that is more than it may have. */
  readonly askedPriority: number | undefined;
  /** Since when it waits for what it lacks, ms since the epoch; MAX_SAFE_INTEGER when it has not waited yet. */
  readonly waitsSince: number;
  /** Others may be evicted for it. */
  readonly preempts: boolean;
  /** Gives way to everybody who does not. */
  readonly revocable: boolean;
  /** How long before they are evicted for others new tasks of it are told, s. */
  readonly noticeSeconds: number;
  /** Its tasks are of use together only: all are evicted, or none. */
  readonly together: boolean;
  /** All pending tasks of all classes are accepted together, or none is. */
  readonly gang: boolean;
  /** Of a gang whose tasks are to be near each other. */
  readonly near?: Near;
  /** When it ends at the latest, ms since the epoch; left out when nothing says so. */
  readonly endsBy?: number;
  readonly classes: readonly DemandClass[];
  readonly hold: Hold | undefined;
  /** Pods of others that wait while the framework is frozen; undefined when it is not. */
  readonly frozen?: readonly PodFacts[];
  /** Tasks that count: starting, ready, and for a job the ended ones. */
  readonly live: readonly PodFacts[];
  /** Of tasks that are of use together, those that the others can do without, who goes first before others; left out for none. */
  readonly spare?: readonly PodFacts[];
  /** Of a gang that starts again: its tasks of before, and until when their room is kept for it, ms since the epoch. Left out for others. */
  readonly returning?: { readonly pods: readonly PodFacts[]; readonly by: number };
  readonly ready: number;
  /** When it last saved what it did, ms since the epoch: who was asked to go before that need not stay for longer. Left out for never. */
  readonly savedAt?: number;
  /** Live tasks on a lost node that are kept for their players; they do not count as ready. */
  readonly stranded: number;
  /** What keeps live tasks from being ready: the first by name, its container and the cause; empty when nothing does. */
  readonly stuck: string;
  /** How the tasks ended that back off, or the last one of a job that failed too often; empty when no Pod of them is left. */
  readonly failed: string;
  /** Tasks that ended their work; always 0 for a pool. */
  readonly completed: number;
  /** Slots that wait for their back-off. */
  readonly backingOff: number;
  readonly removals: readonly Removal[];
  /** Tasks that are over, and whose end need not be learned from their Pods any more: what keeps these may go. */
  readonly settled: readonly PodFacts[];
  /** Those that stay for a while, and are told how long. */
  readonly asks: readonly Asking[];
  /** Those that come to the template of their class in place. */
  readonly changes: readonly PodFacts[];
  /** Failed tasks that were recreated or are about to be, over the life of the tasks that exist. */
  readonly failures: number;
  /** Failed tasks that were recreated; a part of the failures. Always 0 for a pool. */
  readonly restarts: number;
  /** All its tasks were placed together once: what is left of a gang is kept then. True for a pool. */
  readonly wasWhole: boolean;
  /**
   * Until when a gang that lost tasks may hold what it has while others wait and it finds no room for them, ms since the epoch;
   * Infinity when it lost none.
   */
  readonly completeBy: number;
  /** The job can not go on: it failed too often. */
  readonly exhausted: boolean;
  /** When something happens by itself next (a back-off ends), ms since the epoch; Infinity when nothing does. */
  readonly wakeAt: number;
  /** What the driver of its kind found beside all that, for the status that it writes; nobody else reads it. */
  readonly found?: unknown;
}

/** How many tasks a class needs that it has not. */
export const neededBy = ({ pending, least }: { pending: { length: number }; least?: number }): number =>
  least ?? pending.length;

/** A class before the snapshot numbers it. */
export type ClassDraft = Omit<DemandClass, 'id' | 'framework' | 'avoids' | 'pending'> & {
  readonly pending: Lack;
};

/** A framework before the snapshot numbers it and its classes. */
export type FrameworkDraft = Omit<Framework, 'index' | 'classes' | 'account' | 'rolePath'> & {
  readonly classes: readonly ClassDraft[];
};

/** What a framework lacks and holds, whoever it is. */
export type Draft = Omit<FrameworkDraft, keyof FrameworkIdentity>;

/** What a framework comes to of which nothing ended. */
export const NOTHING_ENDED = {
  stranded: 0,
  stuck: '',
  failed: '',
  completed: 0,
  backingOff: 0,
  removals: [],
  settled: [],
  asks: [],
  changes: [],
  failures: 0,
  restarts: 0,
  wasWhole: true,
  completeBy: Infinity,
  exhausted: false,
} as const satisfies Partial<Draft>;
