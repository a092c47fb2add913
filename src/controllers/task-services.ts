import { isKubeError } from '../kube/errors.ts';
import type { EventRecorder } from '../kube/events.ts';
import { backoffMs } from '../lib/backoff.ts';
import { messageOf, traceOf } from '../lib/errors.ts';
import { exposures, type Exposing, type Exposure, type ServiceMaker } from '../plan/expose.ts';
import type { FrameworkKind } from '../snapshot/framework-id.ts';
import { externalAddress } from '../snapshot/external-address.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { Workload } from '../snapshot/workload.ts';
import { announceUnexposed } from './announce.ts';
import type { Loop, LoopMeans } from './loop.ts';
import type { Stores } from './stores.ts';
import { Turnstile } from './turnstile.ts';

/** How often tasks are looked at of which something changed, and all of them, ms. */
const LOOK_MS = 200;
const LOOK_AT_ALL_MS = 10_000;
/** Most writes in flight for the tasks of one namespace. */
const MOST_OF_NAMESPACE = 4;
/** How long an answered write is waited for by the watch before it is sent again, ms. */
const UNSEEN_MS = 30_000;
const RETRY = { initialMs: 2000, maxMs: 300_000 };

/** What this loop needs. */
export interface TaskServicesOptions extends LoopMeans {
  readonly drivers: ReadonlyMap<FrameworkKind, Exposing>;
  readonly stores: Pick<Stores, 'pods' | 'services' | 'nodes' | 'workloads'>;
  readonly events: Pick<EventRecorder, 'record'>;
}

/** A workload whose tasks may have Services. */
interface Exposer {
  readonly workload: Workload;
  /** Undefined for one whose tasks have none. */
  readonly make: ServiceMaker | undefined;
}

/** A write of which nothing is seen yet, or that failed. */
interface Sent {
  readonly text: string;
  failures: number;
  /** When it may be sent again, ms since the epoch. */
  until: number;
}

/**
 * Keeps a Service for each task of workloads that ask for that, and writes its address on the Pod. It goes by the stores
 * alone: what it wrote is repaired when somebody changes or deletes it. The garbage collector takes a Service away with
 * its Pod.
 */
export class TaskServices implements Loop {
  readonly #options: TaskServicesOptions;
  readonly #turns = new Turnstile(MOST_OF_NAMESPACE);
  /** By task, then by method and path. */
  readonly #sent = new Map<string, Map<string, Sent>>();
  /** Keys of tasks of which something changed. */
  readonly #changed = new Set<string>();
  #lookedAtAll = Number.NEGATIVE_INFINITY;

  constructor(options: TaskServicesOptions) {
    this.#options = options;
  }

  /** Looks at all tasks soon. */
  readonly trigger = (): void => void (this.#lookedAtAll = Number.NEGATIVE_INFINITY);

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, mayDecide, stores } = this.#options;
    const { pods, services, workloads } = stores;
    const unsubscribe = [
      pods.subscribe(({ object }) => void this.#changed.add(object.key)),
      services.subscribe(({ object }) => {
        this.#changed.add(object.key);
        // What was sent for it is seen, or undone.
        const sent = this.#sent.get(object.key);
        for (const target of sent?.keys() ?? []) if (target.includes('/services')) sent!.delete(target);
      }),
      ...Array.from(workloads.values(), (store) => store.subscribe(this.trigger)),
    ];
    while (!signal.aborted) {
      try {
        if (mayDecide()) this.#look(signal);
      } catch (error) {
        log.error(traceOf(error), 'Services of tasks are not looked at, and it is tried again');
      }
      this.#changed.clear();
      await clock.sleep(LOOK_MS, signal);
    }
    for (const off of unsubscribe) off();
  }

  #look(signal: AbortSignal): void {
    const { clock, stores } = this.#options;
    const isAll = clock.monotonic() - this.#lookedAtAll >= LOOK_AT_ALL_MS;
    if (!isAll && this.#changed.size === 0) return;
    const exposers = this.#exposers();
    if (!isAll) {
      for (const key of this.#changed) this.#tend(key, exposers, signal);
      return;
    }
    this.#lookedAtAll = clock.monotonic();
    for (const key of this.#sent.keys()) if (!stores.pods.get(key)) this.#sent.delete(key);
    const isAsked = [...exposers.values()].some(({ make }) => make);
    if (isAsked) for (const key of stores.pods.keys()) this.#tend(key, exposers, signal);
    else for (const { key, own } of stores.services.values()) if (own) this.#tend(key, exposers, signal);
  }

  /** One task that cannot be looked at holds up no other. */
  #tend(key: string, exposers: ReadonlyMap<string, Exposer>, signal: AbortSignal): void {
    try {
      this.#expose(key, exposers, signal);
    } catch (error) {
      this.#options.log.error({ task: key, ...traceOf(error) }, 'the Service of a task is not looked at');
    }
  }

  /** Workloads that can be read of kinds whose tasks may have Services, by UID. */
  #exposers(): Map<string, Exposer> {
    const { drivers, stores } = this.#options;
    const found = new Map<string, Exposer>();
    for (const [kind, store] of stores.workloads) {
      const driver = drivers.get(kind);
      if (!driver?.service) continue;
      for (const workload of store.values())
        if (workload.faults.length === 0)
          found.set(workload.metadata.uid ?? '', { workload, make: driver.service(workload) });
    }
    return found;
  }

  #expose(key: string, exposers: ReadonlyMap<string, Exposer>, signal: AbortSignal): void {
    const { pods, services, nodes } = this.#options.stores;
    const pod = pods.get(key);
    const exposer = exposers.get(pod?.task?.owner ?? '');
    // Anybody can write an owner on a Pod: it counts in the namespace of that alone.
    if (!pod || exposer?.workload.metadata.namespace !== pod.namespace) return;
    const shown = services.get(key)?.own;
    const { make, workload } = exposer;
    if (!make && !shown) return;
    const agent = nodes.get(pod.node ?? '');
    const node = externalAddress(agent?.addresses ?? '') ?? agent?.address ?? '';
    const sent = this.#sent.get(key) ?? new Map<string, Sent>();
    this.#sent.set(key, sent);
    for (const exposure of exposures({ pod, make, shown, node })) {
      const target = `${exposure.method} ${exposure.path}`;
      const text = JSON.stringify(exposure.body);
      const before = sent.get(target);
      const isSame = before?.text === text;
      if (isSame && this.#options.clock.now() < before.until) continue;
      const entry = { text, failures: isSame ? before.failures : 0, until: Infinity };
      sent.set(target, entry);
      void this.#write(exposure, entry, { pod, workload }, signal);
    }
  }

  async #write(
    { method, path, body }: Exposure,
    entry: Sent,
    { pod, workload }: { readonly pod: PodFacts; readonly workload: Workload },
    signal: AbortSignal,
  ): Promise<void> {
    const { client, clock, random, mayWrite, events, stores } = this.#options;
    const request = { method, path, body, signal, mayGo: mayWrite };
    try {
      await this.#turns.pass(pod.namespace, () => client.request(request));
      entry.until = clock.now() + UNSEEN_MS;
    } catch (error) {
      entry.failures++;
      entry.until = clock.now() + backoffMs(RETRY, entry.failures, random);
      // The watch will show what happened meanwhile, or that nothing did.
      const passes =
        !isKubeError(error) || error.retryable || isKubeError(error, 'fenced', 'conflict', 'notFound');
      const isOurs = isKubeError(error, 'alreadyExists') && !stores.services.get(pod.key);
      if (signal.aborted || passes || isOurs) return;
      announceUnexposed(events, workload, pod.name, messageOf(error));
    }
  }
}
