import { REASON } from '../api/conditions.ts';
import type { Allocation } from '../allocator/allocate.ts';
import type { EvictCommand } from '../plan/command.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { shownId, type FrameworkRef } from '../snapshot/framework-id.ts';
import type { Framework } from '../snapshot/framework.ts';
import type { Hold } from '../snapshot/hold.ts';
import {
  dueTime,
  SPARED_MS,
  type BlockedEviction,
  type KeptNomination,
  type PreemptionMemory,
} from '../snapshot/preemption.ts';

/** How long whoever gave way as a whole takes no offers, ms: who it gave way to may want more in a moment. */
const PAUSE_MS = 10_000;
/** First and longest wait after a budget forbade an eviction, ms. */
const FIRST_MS = 1000;
const LONGEST_MS = 60_000;

/** An eviction that a budget forbade. */
interface Blocked extends BlockedEviction {
  /** How often in a row. */
  readonly count: number;
}

/** Somebody who gave way, to whom, and when. */
interface GaveWay {
  readonly id: string;
  readonly at: number;
  readonly to: FrameworkRef;
  /** It comes back whole or not at all. */
  readonly pauses: boolean;
  /** UIDs of those who are to go together, as long as they have not. */
  readonly rest: Set<string>;
}

/**
 * What cycles remember of evictions: who is nominated for room, who gave way a moment ago, what Pods were told, and which budgets
 * forbade what. It is in memory alone: a new leader may evict one Pod more than had to be, asks the budgets once more,
 * and takes the time that stands on a Pod for what it was told, as far as the notice of the Pod goes.
 */
export class GiveWayMemory {
  #nominations: readonly KeptNomination[] = [];
  readonly #blocked = new Map<string, Blocked>();
  /** For which framework, by id, a Pod was in the way in the last cycle, and on which node, by its UID. */
  #inTheWay = new Map<string, { readonly by: string; readonly node: string | undefined }>();
  /** When Pods that were asked to go are due, by UID, ms since the epoch. */
  readonly #asked = new Map<string, number>();
  /** When Pods that are on their way out were first seen so, by UID, ms since the epoch. */
  #leaving = new Map<string, number>();
  readonly #gaveWay = new Map<string, GaveWay>();
  /** The same of evictions that the API server has not answered for, by UID of the Pod. */
  readonly #giving = new Map<string, GaveWay>();

  /** A cycle has decided. */
  decided(
    snapshot: Snapshot,
    { nominations, evictions: inTheWay }: Allocation,
    evictions: readonly EvictCommand[],
  ): void {
    const { frameworks, agents, preemption, now } = snapshot;
    // Of those in the way that a leader before us asked, the time counts that stands on them now, as far as it goes.
    const due = inTheWay.map(({ pod }) => [pod.uid, dueTime(pod, preemption, now)] as const);
    this.#asked.clear();
    for (const [uid, until] of due) if (until !== undefined) this.#asked.set(uid, until);
    const leaving = snapshot.leaving.filter(({ evicted }) => evicted);
    this.#leaving = new Map(leaving.map(({ uid }) => [uid, this.#leaving.get(uid) ?? now]));
    // Who is about to go has not been answered for.
    const asked = [...this.#inTheWay].filter(([uid]) => this.#giving.has(uid));
    const places = inTheWay.map(
      ({ pod, by }) => [pod.uid, { by: frameworks[by]!.id, node: pod.node }] as const,
    );
    this.#inTheWay = new Map([...asked, ...places]);
    this.#nominations = nominations.map(({ framework, demandClass, agent, tasks }) => ({
      framework: frameworks[framework]!.id,
      group: demandClass.group,
      demand: demandClass.shape.demand,
      node: agents[agent]!.name,
      tasks,
    }));
    const byId = new Map(frameworks.map((framework) => [framework.id, framework]));
    for (const { framework, uid, by, gang } of evictions) {
      const { id } = framework;
      const { revocable, together } = byId.get(id)!;
      const known = this.#giving.get(gang?.[0]?.uid ?? '') ?? (gang ? undefined : this.#gaveWay.get(id));
      const rest = known?.rest ?? new Set(gang?.map((pod) => pod.uid));
      this.#giving.set(uid, { id, at: now, to: by, pauses: revocable || together, rest });
    }
    this.#forget(now, byId);
  }

  /** An eviction had its answer. @param went whether the Pod goes */
  answered(uid: string, went: boolean): void {
    const giving = this.#giving.get(uid);
    if (!giving) return;
    this.#giving.delete(uid);
    if (!went) return;
    giving.rest.delete(uid);
    this.#gaveWay.set(giving.id, giving);
  }

  /**
   * A budget forbade the eviction of a Pod. The nomination that it is in the way of ends: another node may be the
   * better one now. @param now ms since the epoch
   */
  blocked(uid: string, message: string, now: number): void {
    const count = (this.#blocked.get(uid)?.count ?? 0) + 1;
    const until = now + Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(count - 1, 16));
    this.#blocked.set(uid, { until, message, count });
    const { by, node: on } = this.#inTheWay.get(uid) ?? {};
    this.#nominations = this.#nominations.filter(({ framework, node }) => framework !== by || node !== on);
  }

  /** A Pod was told when it is due, ms since the epoch; undefined when it may stay, or the notice came to nothing. */
  told(uid: string, until: number | undefined): void {
    if (until === undefined) this.#asked.delete(uid);
    else this.#asked.set(uid, until);
  }

  /** Leadership ended. */
  clear(): void {
    this.#nominations = [];
    this.#inTheWay.clear();
    this.#blocked.clear();
    this.#asked.clear();
    this.#gaveWay.clear();
    this.#giving.clear();
    this.#leaving.clear();
  }

  /** The holds in force, by framework id. @param now ms since the epoch */
  holds(now: number): Map<string, Hold> {
    const holds = new Map<string, Hold>();
    for (const { id, at, to, pauses } of this.#all()) {
      if (!pauses || at + PAUSE_MS <= now) continue;
      const message = `gave way to ${shownId(to.id)}, and takes no offers for ${PAUSE_MS / 1000} s`;
      holds.set(id, { reason: REASON.gaveWay, message });
    }
    return holds;
  }

  /** For the next cycle. */
  get memory(): PreemptionMemory {
    return {
      nominations: this.#nominations,
      blocked: this.#blocked,
      asked: new Map(this.#asked),
      gaveWay: new Map(this.#all().map(({ id, at }) => [id, at])),
      leaving: this.#leaving,
      rest: new Map(
        [...this.#gaveWay.values()].flatMap(({ rest, to }) => [...rest].map((uid) => [uid, to] as const)),
      ),
    };
  }

  /** Those who gave way, and those who are about to, who count from the decision on. */
  #all(): readonly GaveWay[] {
    return [...this.#gaveWay.values(), ...this.#giving.values()];
  }

  #forget(now: number, frameworks: ReadonlyMap<string, Framework>): void {
    for (const [id, { at, rest }] of this.#gaveWay) {
      const { live = [], classes = [] } = frameworks.get(id) ?? {};
      // Once it is whole again nobody has to follow.
      const isWhole =
        classes.every(({ pending }) => pending.length === 0) && !live.some((pod) => pod.deleting);
      for (const uid of rest) if (isWhole || !live.some((pod) => pod.uid === uid)) rest.delete(uid);
      if (at + SPARED_MS <= now && rest.size === 0) this.#gaveWay.delete(id);
    }
    // A budget that forbade something lately is gone round, if there are others.
    for (const [uid, { until }] of this.#blocked) if (until + LONGEST_MS <= now) this.#blocked.delete(uid);
  }
}
