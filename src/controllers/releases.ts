import { TRACKING } from '../api/group.ts';
import { isKubeError } from '../kube/errors.ts';
import { backoffMs } from '../lib/backoff.ts';
import { messageOf } from '../lib/errors.ts';
import { podPath } from '../lib/pod-path.ts';
import type { Meta } from '../snapshot/reading/objects.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { CycleResult } from './cycle.ts';
import { lookEvery, type Loop, type LoopMeans } from './loop.ts';
import type { Stores } from './stores.ts';
import { Turnstile } from './turnstile.ts';

/** How often the last cycle is looked at, ms. */
const LOOK_MS = 200;
/** How long the mirror may take to show the workload of a Pod before that passes for one that is gone, ms. */
const UNKNOWN_MS = 10_000;
/** How long an answered write is waited for by the watch before it is sent again, ms. */
const UNSEEN_MS = 30_000;
/** Most writes in flight for the Pods of one namespace. */
const MOST_OF_NAMESPACE = 4;
const RETRY = { initialMs: 1000, maxMs: 60_000 };

/** What this loop needs. */
export interface ReleasesOptions extends LoopMeans {
  readonly stores: Pick<Stores, 'pods' | 'workloads'>;
  readonly lastCycle: () => CycleResult | undefined;
}

/** A write that was sent. */
interface Sent {
  failures: number;
  /** When it may be sent again, ms since the epoch. */
  until: number;
}

/**
 * Takes the finalizer off Pods whose end is counted for good, as the last cycle found, and off all Pods whose workload is gone or
 * going. It takes off nothing else, and of one Pod alone: of the UID that was judged.
 */
export class Releases implements Loop {
  readonly #options: ReleasesOptions;
  readonly #turns = new Turnstile(MOST_OF_NAMESPACE);
  /** Pods with the finalizer, by the UID of their owner, which is empty for orphans, then by key. */
  readonly #tracked = new Map<string, Map<string, PodFacts>>();
  /** Workloads that there are, by UID. */
  readonly #workloads = new Map<string, Meta>();
  /** Workloads that were seen to be deleted, by UID, and since when others are not known, ms of the monotonic clock. */
  readonly #gone = new Set<string>();
  readonly #unknownSince = new Map<string, number>();
  /** By the UID of the Pod. */
  readonly #sent = new Map<string, Sent>();
  #seen: CycleResult | undefined;
  #settled: readonly PodFacts[] = [];

  constructor(options: ReleasesOptions) {
    this.#options = options;
    const { pods, workloads } = options.stores;
    pods.subscribe(({ type, object, old }) => {
      for (const pod of [old, object]) if (pod?.tracked) this.#forget(pod);
      if (type === 'deleted' || !object.tracked) return void this.#sent.delete(object.uid);
      const owner = object.task?.owner ?? '';
      const known = this.#tracked.get(owner);
      if (known) known.set(object.key, object);
      else this.#tracked.set(owner, new Map([[object.key, object]]));
    });
    for (const store of workloads.values())
      store.subscribe(({ type, object }) => {
        const { uid = '' } = object.metadata;
        if (type !== 'deleted') return void this.#workloads.set(uid, object.metadata);
        this.#workloads.delete(uid);
        if (this.#tracked.has(uid)) this.#gone.add(uid);
      });
  }

  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return lookEvery(LOOK_MS, this.#options, 'finalizers of ended Pods', signal, () => this.look(signal));
  }

  /** Looks once. */
  look(signal: AbortSignal): void {
    const result = this.#options.lastCycle();
    if (result !== this.#seen) {
      this.#seen = result;
      const frameworks = result?.snapshot.frameworks ?? [];
      this.#settled = frameworks.flatMap(({ settled }) => settled.filter(({ tracked }) => tracked));
    }
    for (const pod of this.#settled) this.#release(pod, signal);
    for (const [owner, pods] of this.#tracked)
      if (this.#isGone(owner, pods)) for (const pod of pods.values()) this.#release(pod, signal);
  }

  #forget({ key, task }: PodFacts): void {
    const owner = task?.owner ?? '';
    const known = this.#tracked.get(owner);
    known?.delete(key);
    if (known?.size !== 0) return;
    this.#tracked.delete(owner);
    this.#gone.delete(owner);
    this.#unknownSince.delete(owner);
  }

  /** Whether nobody counts any more how the Pods of an owner end. */
  #isGone(owner: string, pods: ReadonlyMap<string, PodFacts>): boolean {
    const { clock } = this.#options;
    if (owner === '' || this.#gone.has(owner)) return true;
    // Anybody can write an owner on a Pod: it counts in the namespace of that alone.
    const [pod] = pods.values();
    const workload = this.#workloads.get(owner);
    if (workload !== undefined && workload.namespace === pod?.namespace) {
      this.#unknownSince.delete(owner);
      return workload.deletionTimestamp !== undefined;
    }
    const since = this.#unknownSince.get(owner) ?? clock.monotonic();
    this.#unknownSince.set(owner, since);
    return clock.monotonic() - since >= UNKNOWN_MS;
  }

  /** Sends the write unless it is on its way. */
  #release(pod: PodFacts, signal: AbortSignal): void {
    const { clock, stores } = this.#options;
    // It may be off by now.
    const stored = stores.pods.get(pod.key);
    if (stored?.uid !== pod.uid || !stored.tracked) return;
    const sent = this.#sent.get(pod.uid) ?? { failures: 0, until: 0 };
    if (clock.now() < sent.until) return;
    sent.until = Number.POSITIVE_INFINITY;
    this.#sent.set(pod.uid, sent);
    void this.#write(pod, sent, signal);
  }

  async #write({ namespace, name, uid }: PodFacts, sent: Sent, signal: AbortSignal): Promise<void> {
    const { client, clock, random, log, mayWrite } = this.#options;
    const request = {
      method: 'PATCH',
      path: podPath(namespace, name),
      // Finalizers of others stay.
      body: { metadata: { uid, '$deleteFromPrimitiveList/finalizers': [TRACKING] } },
      contentType: 'application/strategic-merge-patch+json',
      signal,
      mayGo: mayWrite,
    } as const;
    try {
      await this.#turns.pass(namespace, () => client.request(request));
      sent.failures = 0;
      sent.until = clock.now() + UNSEEN_MS;
    } catch (error) {
      sent.failures++;
      sent.until = clock.now() + backoffMs(RETRY, sent.failures, random);
      // Another Pod has the name by now, or none.
      if (signal.aborted || isKubeError(error, 'notFound', 'conflict', 'fenced')) return;
      log.warn({ pod: `${namespace}/${name}`, error: messageOf(error) }, 'finalizer not taken off');
    }
  }
}
