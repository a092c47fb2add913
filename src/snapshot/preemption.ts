import { isProtected, mayBePlayed } from '../recovery/rules.ts';
import type { FrameworkRef } from './framework-id.ts';
import type { Amounts } from './resources.ts';
import type { PodFacts } from './task.ts';

/** A nomination as cycles remember it: room on one agent that is being freed, and kept for the framework that waits for it. */
export interface KeptNomination {
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
  readonly nominations: readonly KeptNomination[];
  /** By UID of the Pod. */
  readonly blocked: ReadonlyMap<string, BlockedEviction>;
  /** When a Pod that was asked to go is due, by its UID, ms since the epoch: what it was told, whatever stands on it now. */
  readonly asked: ReadonlyMap<string, number>;
  /** When a Pod of a framework was last evicted for another one, by framework id, ms since the epoch. */
  readonly gaveWay: ReadonlyMap<string, number>;
  /** What is left of gangs of which some were evicted and a budget kept others: for whom they are to follow, by UID. */
  readonly rest: ReadonlyMap<string, FrameworkRef>;
  /** When a Pod was first seen on its way out after an eviction, by UID, ms since the epoch by our clock. */
  readonly leaving: ReadonlyMap<string, number>;
}

/** Nothing is known. */
export const NO_MEMORY: PreemptionMemory = {
  nominations: [],
  blocked: new Map(),
  asked: new Map(),
  gaveWay: new Map(),
  rest: new Map(),
  leaving: new Map(),
};

/** How long a framework that gave way is left alone, ms: what it has placed since then is nobody's victim. */
export const SPARED_MS = 60_000;

/** How much longer than its grace a Pod may take to go, ms: its kubelet has to end it and to say so. */
const SLACK_MS = 15_000;

/** Whether a Pod that is on its way out should be gone by now: nobody waits for its room. */
export const isOverdue = ({ uid, graceMs }: PodFacts, { leaving }: PreemptionMemory, now: number): boolean =>
  now > (leaving.get(uid) ?? now) + graceMs + SLACK_MS;

/**
 * Whether a Pod may be evicted at all: no server of a pool with players may, nor a Pod that the API server has not
 * answered for. Workers and Pods of others have no players: budgets are for them.
 */
export const isEvictable = ({ uid, task }: PodFacts): boolean =>
  uid !== '' && !(task && mayBePlayed(task.kind) && isProtected(task.session));

/** When a Pod that is asked to go now has to be gone, ms since the epoch: a whole second, as times are written. */
export const deadlineFrom = (now: number, { noticeMs }: PodFacts): number =>
  Math.ceil((now + noticeMs) / 1000) * 1000;

/**
 * When a Pod that was asked to go has to be gone, ms since the epoch; undefined when it was not asked. Its owner can
 * write the annotation as well, and take it off: it never counts for more than the Pod was told, and where nobody
 * remembers that, for no more than its notice from now on.
 */
export function dueTime(pod: PodFacts, { asked }: PreemptionMemory, now: number): number | undefined {
  const { uid, inverseOffer } = pod;
  const told = asked.get(uid) ?? (inverseOffer === undefined ? undefined : deadlineFrom(now, pod));
  return told === undefined ? undefined : Math.min(told, inverseOffer ?? told);
}
