import { LABEL } from '../api/group.ts';
import { isProtected } from '../recovery/rules.ts';
import type { Amounts } from './resources.ts';
import type { PodFacts } from './task.ts';

/** Room on one agent that a framework waits for: it is being freed, and kept for the framework. */
export interface KeptClaim {
  /** Id of the framework. */
  readonly framework: string;
  readonly group: string;
  /** Of one task. With the group it says which class: classes are numbered anew in each snapshot. */
  readonly demand: Amounts;
  /** Name of the agent. */
  readonly node: string;
  readonly tasks: number;
}

/** A Pod whose eviction a PodDisruptionBudget forbade lately. */
export interface BlockedEviction {
  /** Not asked for again before, ms since the epoch. */
  readonly until: number;
  /** What the API server said: it names the budget. */
  readonly message: string;
}

/**
 * What the last cycles know of evictions and the objects do not say. All of it may be lost at any time: at worst one
 * more Pod is evicted than had to be.
 */
export interface PreemptionMemory {
  /** Of the last cycle. */
  readonly claims: readonly KeptClaim[];
  /** By UID of the Pod. */
  readonly blocked: ReadonlyMap<string, BlockedEviction>;
  /** When a Pod of a framework was last evicted for another one, by framework id, ms since the epoch. */
  readonly gaveWay: ReadonlyMap<string, number>;
}

/** Nothing is known. */
export const NO_MEMORY: PreemptionMemory = { claims: [], blocked: new Map(), gaveWay: new Map() };

/** How long a framework that gave way is left alone, ms: what it has placed since then is nobody's victim. */
export const SPARED_MS = 60_000;

/** Whether a Pod may be evicted at all: no server with players may, nor a Pod that the API server has not answered for. */
export const isEvictable = ({ uid, labels }: PodFacts): boolean =>
  uid !== '' && !isProtected(labels[LABEL.state] ?? '');
