import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { Framework } from '../../snapshot/framework.ts';
import { dueTime, isEvictable, SPARED_MS } from '../../snapshot/preemption.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import { amountsOf } from '../room/pod-amounts.ts';
import { largest, least } from '../../lib/unbounded.ts';

/** Pods that can only be evicted together: one task, a whole gang, or all of one but those that it can do without. */
export interface Unit {
  readonly framework: Framework;
  readonly pods: readonly PodFacts[];
  readonly priority: number;
  /** R: what all of its Pods hold. */
  readonly amounts: Float64Array;
  /** It was asked to go before, or a part of the gang is gone already. */
  readonly asked: boolean;
  /** What the API server said when a budget blocked its eviction; empty when none did lately. */
  readonly blocked: string;
  /** The budget is not asked again yet. */
  readonly isBarred: boolean;
  /** When the first of its Pods came, ms since the epoch. */
  readonly createdAt: number;
  /** Among those that its gang can do without: 0 goes first; what the gang needs comes last. 0 for all others. */
  readonly place: number;
  /** Of what a gang needs: those that it can do without, which go with it. */
  readonly spares?: readonly Unit[];
}

/** Whether a Pod holds room of an agent and has not been told to go. */
const stays = (pod: PodFacts): boolean => pod.node !== undefined && !pod.terminal && !pod.deleting;

/** What a Pod stands under in its framework: that of a Pod of others is its own. */
const priorityOf = (framework: Framework, pod: PodFacts): number =>
  pod.customer === undefined ? framework.priority : pod.priority;

/** The least priority of any of its tasks. */
export const leastPriority = (framework: Framework): number =>
  framework.makesPods
    ? framework.priority
    : framework.live.reduce((least, pod) => Math.min(least, priorityOf(framework, pod)), Infinity);

/**
 * The Pods of a framework that may be evicted, in units. What came within the window after the framework gave way is
 * spared, unless it is revocable.
 */
export function unitsOf(snapshot: Snapshot, framework: Framework): Unit[] {
  const { now, numbers, preemption } = snapshot;
  const gaveWayAt = preemption.gaveWay.get(framework.id) ?? Number.NEGATIVE_INFINITY;
  const isSpared = ({ createdAt }: PodFacts): boolean =>
    // Creation times are whole seconds.
    !framework.revocable && now - gaveWayAt < SPARED_MS && createdAt > gaveWayAt - 1000;
  const mayGo = (pod: PodFacts): boolean => isEvictable(pod) && numbers.has(pod.node!) && !isSpared(pod);
  const staying = framework.live.filter(stays);
  const { together, spare = [] } = framework;
  const apart = together ? spare.filter(stays) : staying;
  const spares = apart
    .filter(mayGo)
    .map((pod, place) => ({ ...unitOf(snapshot, framework, [pod], false), place: together ? place : 0 }));
  if (!together) return spares;
  const spared = new Set(apart);
  const core = staying.filter((pod) => !spared.has(pod));
  if (core.length === 0 || !staying.every(mayGo)) return spares;
  // One that can lose tasks is not half a gang when it did.
  const halved = framework.spare === undefined && framework.live.some((pod) => pod.deleting && pod.evicted);
  const unit = unitOf(snapshot, framework, core, halved);
  return spares.length === 0 ? [unit] : [...spares, { ...unit, place: spares.length, spares }];
}

function unitOf(snapshot: Snapshot, framework: Framework, pods: readonly PodFacts[], halved: boolean): Unit {
  const { preemption, now } = snapshot;
  const amounts = new Float64Array(snapshot.columns.count);
  for (const pod of pods) amountsOf(snapshot, pod).forEach((amount, r) => (amounts[r]! += amount));
  const barred = pods.flatMap(({ uid }) => preemption.blocked.get(uid) ?? []);
  return {
    framework,
    pods,
    priority: largest(pods.map((pod) => priorityOf(framework, pod))),
    amounts,
    asked: halved || pods.some((pod) => dueTime(pod, preemption, now) !== undefined),
    blocked: barred[0]?.message ?? '',
    isBarred: barred.some(({ until }) => until > now),
    createdAt: least(pods.map(({ createdAt }) => createdAt)),
    place: 0,
  };
}

/**
 * Which of two units is the cheaper one to evict, in this order: budgets allow it, it was asked before, it is
 * revocable, its role gives first, less priority, its gang can do without it, fewer Pods, younger.
 * @param givers compares paths of roles
 */
export function cheaper(a: Unit, b: Unit, givers: (a: string, b: string) => number): number {
  return (
    Number(a.blocked !== '') - Number(b.blocked !== '') ||
    Number(b.asked) - Number(a.asked) ||
    Number(b.framework.revocable) - Number(a.framework.revocable) ||
    givers(a.framework.rolePath, b.framework.rolePath) ||
    a.priority - b.priority ||
    (a.framework === b.framework ? a.place - b.place : 0) ||
    a.pods.length - b.pods.length ||
    b.createdAt - a.createdAt ||
    (a.pods[0]!.key < b.pods[0]!.key ? -1 : 1)
  );
}
