import { LABEL } from '../api/group.ts';
import type { KubeRequest } from '../kube/client.ts';
import { isKubeError } from '../kube/errors.ts';
import type { Store } from '../kube/store.ts';
import { messageOf } from '../lib/errors.ts';
import { inSlices } from '../lib/steps.ts';
import { formatTime } from '../lib/time.ts';
import { outcomesInSteps } from '../plan/outcome.ts';
import { standInBase, standInPod } from '../plan/stand-in-pod.ts';
import { standInWishes, type StandInWish } from '../plan/stand-ins.ts';
import type { PodFacts } from '../snapshot/task.ts';
import { lookEvery, type Loop, type LoopMeans } from './loop.ts';
import { podPath } from '../lib/pod-path.ts';
import type { CycleResult } from './cycle.ts';

/** How often the last cycle is looked at, ms. Who waits at two looks has waited long enough to be stood in for. */
const LOOK_MS = 1000;
/** Most requests in flight: autoscalers look every ten seconds, placement has no time to lose. */
const MOST_IN_FLIGHT = 8;
/** How long a workload gets no stand-ins after one was refused, ms. */
const PAUSE_MS = 30_000;

/** What this loop needs. */
export interface StandInsOptions extends LoopMeans {
  readonly pods: Store<PodFacts>;
  readonly lastCycle: () => CycleResult | undefined;
  /** Most of one class; 0 = there are none, and those of before are taken back. */
  readonly most: number;
}

/** A stand-in that should exist. */
interface StandIn {
  readonly wish: StandInWish;
  readonly namespace: string;
  readonly name: string;
}

/**
 * Keeps a Pod without a node for each task of ours that finds no room, as long as it finds none, so that cluster-autoscaler and
 * Karpenter add nodes. All that is known of them is the Pods: names are the same in every run, and whoever leads next goes on.
 */
export class StandIns implements Loop {
  readonly #options: StandInsOptions;
  /** Those that exist, by namespace/name. */
  readonly #known = new Map<string, PodFacts>();
  /** Those whose status says that they wait, by UID. */
  readonly #told = new Set<string>();
  /** How many of a class waited at the last look, by the base of their names. */
  #before = new Map<string, number>();
  /** Workloads whose stand-ins were refused, by UID, and until when they get none, ms of the monotonic clock. */
  readonly #paused = new Map<string, number>();

  constructor(options: StandInsOptions) {
    this.#options = options;
    options.pods.subscribe(({ type, object }) => {
      if (type === 'deleted') {
        if (this.#known.delete(object.key)) this.#told.delete(object.uid);
        // One that somebody bound all the same is not ours to delete.
      } else if (object.labels[LABEL.standIn] === undefined || object.node !== undefined)
        this.#known.delete(object.key);
      else this.#known.set(object.key, object);
    });
  }

  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return lookEvery(LOOK_MS, this.#options, 'stand-ins', signal, () => this.#look(signal));
  }

  async #look(signal: AbortSignal): Promise<void> {
    if (this.#options.most === 0 && this.#known.size === 0) return;
    const wanted = await this.#wanted(signal);
    if (!wanted) return;
    // Room in a quota first.
    const surplus = [...this.#known.values()].filter(({ key, deleting }) => !wanted.has(key) && !deleting);
    await this.#each(surplus, (pod) => this.#delete(pod));
    const missing = [...wanted].filter(([key]) => !this.#known.has(key)).map(([, each]) => each);
    await this.#each(missing, (each) => this.#create(each));
    const untold = [...wanted].flatMap(([key, { wish }]) => {
      const pod = this.#known.get(key);
      return pod && !pod.deleting && !this.#told.has(pod.uid) ? [{ pod, wish }] : [];
    });
    await this.#each(untold, ({ pod, wish }) => this.#tell(pod, wish.message));
  }

  /** By namespace/name; undefined when leadership ended meanwhile. */
  async #wanted(signal: AbortSignal): Promise<Map<string, StandIn> | undefined> {
    const { lastCycle, most, clock } = this.#options;
    const result = lastCycle();
    const wanted = new Map<string, StandIn>();
    if (most === 0 || !result || result.waiting <= 0) {
      this.#before.clear();
      return wanted;
    }
    const { snapshot, matrices, allocation } = result;
    const all = await inSlices(outcomesInSteps(snapshot, matrices, allocation), clock, signal);
    if (!all) return undefined;
    const before = this.#before;
    this.#before = new Map();
    const now = clock.monotonic();
    for (const wish of standInWishes(snapshot, all, allocation.launches, most)) {
      const { framework, demandClass, count } = wish;
      const { uid = '', namespace = '' } = framework.metadata;
      const base = standInBase(framework, demandClass.group, demandClass.shape);
      // Behind those of tasks that only their volumes tell apart.
      const first = this.#before.get(base) ?? 0;
      const end = framework.gang ? first + count : Math.min(first + count, most);
      this.#before.set(base, end);
      if ((this.#paused.get(uid) ?? now) > now) continue;
      this.#paused.delete(uid);
      const earlier = before.get(base) ?? 0;
      const waited = framework.gang && earlier < end ? 0 : earlier;
      for (let i = first; i < end; i++) {
        const name = `${base}-${i}`;
        const key = `${namespace}/${name}`;
        // A leader before us has seen those wait that exist.
        if (i < waited || this.#known.has(key)) wanted.set(key, { wish, namespace, name });
      }
    }
    return wanted;
  }

  /** Does something for each of them. One that fails is tried at the next look, and holds up no other. */
  async #each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
    const { log } = this.#options;
    const tried = (item: T) =>
      work(item).catch((error: unknown) => log.warn({ error: messageOf(error) }, 'stand-in not written'));
    for (let i = 0; i < items.length; i += MOST_IN_FLIGHT)
      await Promise.all(items.slice(i, i + MOST_IN_FLIGHT).map(tried));
  }

  async #create({ wish: { framework, demandClass, message }, namespace, name }: StandIn): Promise<void> {
    const { clock, log } = this.#options;
    const { uid = '' } = framework.metadata;
    if ((this.#paused.get(uid) ?? 0) > clock.monotonic()) return;
    const body = standInPod(framework, demandClass, name);
    try {
      const path = `/api/v1/namespaces/${namespace}/pods`;
      const made = await this.#send<{ metadata: { uid: string } }>({ method: 'POST', path, body });
      await this.#tell({ namespace, name, uid: made.metadata.uid }, message);
    } catch (error) {
      // The watch is to bring it.
      if (isKubeError(error, 'alreadyExists', 'fenced')) return;
      this.#paused.set(uid, clock.monotonic() + PAUSE_MS);
      log.warn({ framework: framework.id, error: messageOf(error) }, 'stand-in not made');
    }
  }

  /** Says that it waits, as kube-scheduler says it and as node autoscalers read it. */
  async #tell(
    { namespace, name, uid }: Pick<PodFacts, 'namespace' | 'name' | 'uid'>,
    why: string,
  ): Promise<void> {
    const time = formatTime(this.#options.clock.now());
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: `stands in for a task that finds no room: ${why}`,
      lastTransitionTime: time,
    };
    const done = await this.#unlessGone({
      method: 'PATCH',
      path: `${podPath(namespace, name)}/status`,
      body: { metadata: { uid }, status: { conditions: [condition] } },
      contentType: 'application/strategic-merge-patch+json',
    });
    if (done) this.#told.add(uid);
  }

  async #delete({ namespace, name, uid }: PodFacts): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } };
    await this.#unlessGone({ method: 'DELETE', path: podPath(namespace, name), body });
  }

  async #unlessGone(request: KubeRequest): Promise<boolean> {
    try {
      await this.#send(request);
      return true;
    } catch (error) {
      if (isKubeError(error, 'notFound', 'conflict', 'fenced')) return false;
      throw error;
    }
  }

  #send<T>(request: KubeRequest): Promise<T> {
    return this.#options.client.request<T>({ ...request, mayGo: this.#options.mayWrite });
  }
}
