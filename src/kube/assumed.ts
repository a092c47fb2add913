import type { PodFacts } from '../snapshot/task.ts';
import { compareVersions } from './resource-version.ts';

/** A launched Pod that the watch has not shown yet. */
interface Assumed {
  facts: PodFacts;
  /** Version at which the API server stored it; empty until it answered. */
  resourceVersion: string;
  answeredAt: number | undefined;
}

/** A Pod that was ordered to go. */
interface Leaving {
  readonly uid: string;
  readonly dismissed: boolean;
  /** The watch has shown it going. */
  shown: boolean;
  answeredAt: number | undefined;
}

/**
 * Writes that are on their way: Pods that were launched and not yet seen back, which hold their room from the moment
 * they are decided on, and Pods that were ordered to go. Laid over the store, they make the next snapshot true
 * although the watch lags.
 */
export class AssumedPods {
  readonly #launched = new Map<string, Assumed>();
  readonly #deleting = new Map<string, Leaving>();

  /** A Pod was decided on; it counts from now. */
  launch(facts: PodFacts): void {
    this.#launched.set(facts.key, { facts, resourceVersion: '', answeredAt: undefined });
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
    }
  }

  /** The Pod was not made, for sure. */
  failed(key: string): void {
    this.#launched.delete(key);
  }

  /**
   * A Pod was ordered to go.
   * @param dismissed it was well: what takes its place one day recovers nothing
   */
  remove(key: string, uid: string, dismissed: boolean): void {
    this.#deleting.set(key, { uid, dismissed, shown: false, answeredAt: undefined });
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
  }

  /** The watch showed the Pod, alive or gone: from now on the store knows better, but for why it goes. */
  seen(pod: PodFacts, gone: boolean): void {
    this.#launched.delete(pod.key);
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
      if (resourceVersion !== '' && compareVersions(resourceVersion, version) < 0) this.#launched.delete(key);
    }
  }

  /** Forgets everything: another leader decides now. */
  clear(): void {
    this.#launched.clear();
    this.#deleting.clear();
  }

  /** When the oldest write was answered that the watch has not shown, ms since the epoch; undefined when there is none. */
  unseenSince(): number | undefined {
    let oldest = Number.POSITIVE_INFINITY;
    for (const writes of [this.#launched, this.#deleting])
      for (const { answeredAt } of writes.values()) oldest = Math.min(oldest, answeredAt ?? oldest);
    return oldest === Number.POSITIVE_INFINITY ? undefined : oldest;
  }

  /** A launch that the watch has not shown; undefined when there is none of that key. */
  launched(key: string): PodFacts | undefined {
    return this.#launched.get(key)?.facts;
  }

  /** The Pods of the store with these writes applied. */
  *overlay(store: Iterable<PodFacts>): Generator<PodFacts, void, undefined> {
    for (const pod of store) {
      const leaving = this.#deleting.size > 0 ? this.#deleting.get(pod.key) : undefined;
      yield leaving?.uid === pod.uid ? { ...pod, deleting: true, dismissed: leaving.dismissed } : pod;
    }
    for (const { facts } of this.#launched.values()) yield facts;
  }
}
