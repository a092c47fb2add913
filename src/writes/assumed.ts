import type { ChangeCommand } from '../plan/command.ts';
import type { Amounts } from '../snapshot/resources.ts';
import type { PodFacts } from '../snapshot/task.ts';
import { compareVersions } from '../lib/resource-version.ts';

/** A launched Pod that the watch has not shown yet. */
interface Assumed {
  facts: PodFacts;
  /** Version at which the API server stored it; empty until it answered. */
  resourceVersion: string;
  answeredAt: number | undefined;
}

/** A Pod that was bound and that the watch shows without a node. */
interface Bound {
  readonly uid: string;
  readonly node: string;
  answeredAt: number | undefined;
}

/** A Pod that was ordered to go. */
interface Leaving {
  readonly uid: string;
  readonly dismissed: boolean;
  /** It is evicted for others, not deleted. */
  readonly evicted: boolean;
  /** The watch has shown it going. */
  shown: boolean;
  answeredAt: number | undefined;
}

/** What a write makes of a Pod, before the watch shows it. */
interface Amending {
  readonly lay: (pod: PodFacts) => PodFacts;
  /** Whether a Pod of the watch has it. */
  readonly isShown: (pod: PodFacts) => boolean;
}

/** A write on a Pod that stays, and that the watch does not show yet. */
interface Amended extends Amending {
  readonly uid: string;
  /** Version at which the API server stored it; empty until it answered. */
  resourceVersion: string;
  answeredAt: number | undefined;
}

/**
 * Writes that are on their way: Pods that were launched or bound and not yet seen so, which hold their room from the
 * moment they are decided on, and Pods that were ordered to go. Laid over the store, they make the next snapshot true
 * although the watch lags.
 */
export class AssumedPods {
  readonly #launched = new Map<string, Assumed>();
  readonly #bound = new Map<string, Bound>();
  readonly #deleting = new Map<string, Leaving>();
  readonly #amended = new Map<string, Amended>();
  #changed: (key: string) => void = () => {};

  /** Has a listener told of each Pod that counts otherwise than before, by key. There is one alone. */
  subscribe(listener: (key: string) => void): void {
    this.#changed = listener;
  }

  /** A Pod was decided on; it counts from now. */
  launch(facts: PodFacts): void {
    this.#launched.set(facts.key, { facts, resourceVersion: '', answeredAt: undefined });
    this.#changed(facts.key);
  }

  /**
   * The API server stored the Pod as `facts`, or it had been there from an earlier try.
   * @param now ms since the epoch
   */
  stored(facts: PodFacts, now: number): void {
    const assumed = this.#launched.get(facts.key);
    if (assumed) {
      assumed.facts = facts;
      assumed.resourceVersion = facts.resourceVersion;
      assumed.answeredAt = now;
      this.#changed(facts.key);
    }
  }

  /** Whether a Pod was launched that the watch has not shown. */
  awaits(key: string): boolean {
    return this.#launched.has(key);
  }

  /** A launched Pod as the API server stored it at that version; undefined when that is not known, or not any more. */
  storedAt(key: string, resourceVersion: string): PodFacts | undefined {
    const assumed = this.#launched.get(key);
    return resourceVersion !== '' && assumed?.resourceVersion === resourceVersion ? assumed.facts : undefined;
  }

  /** The Pod was not made, for sure. */
  failed(key: string): void {
    this.#launched.delete(key);
    this.#changed(key);
  }

  /** A Pod was decided to be bound; it counts as bound from now. */
  bind(key: string, uid: string, node: string): void {
    this.#bound.set(key, { uid, node, answeredAt: undefined });
    this.#changed(key);
  }

  /**
   * The API server has stored the binding.
   * @param now ms since the epoch
   */
  bindingStored(key: string, now: number): void {
    const bound = this.#bound.get(key);
    if (bound) bound.answeredAt = now;
  }

  /** The Pod was not bound, for sure. */
  unbind(key: string): void {
    this.#bound.delete(key);
    this.#changed(key);
  }

  /**
   * A Pod was ordered to go.
   * @param dismissed it was well: what takes its place one day recovers nothing
   * @param evicted others are to have its room
   */
  remove(key: string, uid: string, dismissed: boolean, evicted = false): void {
    this.#deleting.set(key, { uid, dismissed, evicted, shown: false, answeredAt: undefined });
    this.#changed(key);
  }

  /** A Pod is asked to go, or told that it may stay. @param until ms since the epoch; undefined = it may stay */
  notify(key: string, uid: string, until: number | undefined): void {
    this.#amend(key, uid, {
      lay: (pod) => ({ ...pod, inverseOffer: until }),
      isShown: ({ inverseOffer }) => inverseOffer === until,
    });
  }

  /**
   * A task is changed in place to a revision: it has that, and is of no use until the watch says otherwise. Of its node it
   * takes the more of what it had and what it asks for.
   */
  change(key: string, uid: string, { revision, demand }: Pick<ChangeCommand, 'revision' | 'demand'>): void {
    this.#amend(key, uid, {
      lay: (pod) =>
        pod.task
          ? {
              ...pod,
              ready: false,
              requests: moreOf(pod.requests, demand),
              task: { ...pod.task, revision, changing: true },
            }
          : pod,
      isShown: ({ task }) => task?.revision === revision,
    });
  }

  /**
   * The API server has stored a notice or a change, at a version of the Pod.
   * @param now ms since the epoch
   */
  amendmentStored(key: string, resourceVersion: string, now: number): void {
    const amended = this.#amended.get(key);
    if (amended) Object.assign(amended, { resourceVersion, answeredAt: now });
  }

  /** The notice or the change came to nothing. */
  unamend(key: string): void {
    this.#amended.delete(key);
    this.#changed(key);
  }

  /**
   * The API server has carried the order to go out.
   * @param now ms since the epoch
   */
  removed(key: string, now: number): void {
    const leaving = this.#deleting.get(key);
    if (leaving && !leaving.shown) leaving.answeredAt = now;
  }

  /** The order to go came to nothing. */
  keep(key: string): void {
    this.#deleting.delete(key);
    this.#changed(key);
  }

  /** The watch showed the Pod, alive or gone: from now on the store knows better, but for why it goes. */
  seen(pod: PodFacts, gone: boolean): void {
    this.#changed(pod.key);
    this.#launched.delete(pod.key);
    if (gone || pod.node !== undefined || this.#bound.get(pod.key)?.uid !== pod.uid)
      this.#bound.delete(pod.key);
    this.#seenAmended(pod, gone);
    const leaving = this.#deleting.get(pod.key);
    if (!leaving) return;
    if (gone) this.#deleting.delete(pod.key);
    // A successor of that name tells as much: a list left out how the one before it went.
    else if (pod.deleting || leaving.uid !== pod.uid)
      Object.assign(leaving, { shown: true, answeredAt: undefined });
  }

  /** Forgets Pods that were stored before `version` and are not in the store: they came and went unseen. */
  expire(version: string): void {
    for (const [key, { resourceVersion }] of this.#launched) {
      if (resourceVersion !== '' && compareVersions(resourceVersion, version) < 0) this.failed(key);
    }
  }

  /** Forgets everything: another leader decides now. */
  clear(): void {
    for (const writes of [this.#launched, this.#bound, this.#deleting, this.#amended]) {
      const keys = [...writes.keys()];
      writes.clear();
      keys.forEach(this.#changed);
    }
  }

  /** When the oldest write was answered that the watch has not shown, ms since the epoch; undefined when there is none. */
  unseenSince(): number | undefined {
    let oldest = Number.POSITIVE_INFINITY;
    for (const writes of [this.#launched, this.#bound, this.#deleting, this.#amended])
      for (const { answeredAt } of writes.values()) oldest = Math.min(oldest, answeredAt ?? oldest);
    return oldest === Number.POSITIVE_INFINITY ? undefined : oldest;
  }

  /**
   * A Pod as it is with these writes.
   * @param stored as the store has it; undefined when it has none of that key
   */
  asDecided(key: string, stored: PodFacts | undefined): PodFacts | undefined {
    return stored ? this.#withWrites(stored) : this.#launched.get(key)?.facts;
  }

  /** The Pods of the store with these writes applied: what asDecided() gives for one of them, for all at once. */
  *overlay(store: Iterable<PodFacts>): Generator<PodFacts, void, undefined> {
    for (const pod of store) yield this.#withWrites(pod);
    for (const { facts } of this.#launched.values()) yield facts;
  }

  #withWrites(pod: PodFacts): PodFacts {
    const bound = this.#bound.size > 0 ? this.#bound.get(pod.key) : undefined;
    const leaving = this.#deleting.size > 0 ? this.#deleting.get(pod.key) : undefined;
    const amended = this.#amended.size > 0 ? this.#amended.get(pod.key) : undefined;
    let seen = bound?.uid === pod.uid && pod.node === undefined ? { ...pod, node: bound.node } : pod;
    if (amended?.uid === pod.uid) seen = amended.lay(seen);
    if (leaving?.uid !== pod.uid) return seen;
    const { dismissed, evicted } = leaving;
    const going = { ...seen, deleting: true, dismissed, evicted: seen.evicted || evicted };
    return seen.deleting ? going : { ...going, ordered: true };
  }

  #amend(key: string, uid: string, amending: Amending): void {
    this.#amended.set(key, { uid, ...amending, resourceVersion: '', answeredAt: undefined });
    this.#changed(key);
  }

  #seenAmended(pod: PodFacts, gone: boolean): void {
    const amended = this.#amended.get(pod.key);
    if (!amended) return;
    const { uid, resourceVersion } = amended;
    // The watch may be ahead of the answer to our own write.
    const isStored =
      resourceVersion === ''
        ? amended.isShown(pod)
        : compareVersions(pod.resourceVersion, resourceVersion) >= 0;
    if (gone || pod.uid !== uid || isStored) this.#amended.delete(pod.key);
  }
}

/** The larger of two amounts of each resource. */
function moreOf(some: Amounts, others: Amounts): Amounts {
  const out = { ...some };
  for (const name in others) out[name] = Math.max(out[name] ?? 0, others[name]!);
  return out;
}
