import { aPod, aPool, type PodBuilder } from '../../../test/builders/index.ts';
import { Inventory } from '../../allocation/inventory.ts';
import type { Scene } from '../../allocation/pick.ts';
import type { KubeRequest } from '../../kube/client.ts';
import { KubeError, toKubeError } from '../../kube/errors.ts';
import { ManualClock } from '../../lib/manual-clock.test-helper.ts';
import type { Pod } from '../../snapshot/reading/objects.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import { createPodReader } from '../../snapshot/task.ts';
import { CounterDesk } from './counter-desk.ts';
import { AllocationDesk } from './desk.ts';

/** A Pod that can be changed. */
type Stored = { -readonly [K in keyof Pod]: Pod[K] };

/** A ready server of the pool arena on node n1. */
export const aServer = (slot: number): PodBuilder =>
  aPod(`arena-${slot}`)
    .ofPool(aPool('arena'), slot)
    .on('n1')
    .ready()
    .resourceVersion(String(slot + 1));

const conflict = (code: number) => toKubeError('patch', { status: { code, message: 'no' } });
/** The answer of a write that may have had its effect. */
export const LOST = (): KubeError =>
  new KubeError({ kind: 'network', message: 'the connection broke', mayHaveApplied: true });

/** An API server that holds Pods, applies guarded merge patches, and an allocation desk in front of it. */
export class PodWorld {
  readonly pods = new Map<string, Stored>();
  readonly sent: KubeRequest[] = [];
  readonly clock = new ManualClock(Date.parse('2026-11-30T12:00:00Z'));
  readonly inventory = new Inventory(() => this.perServer);
  readonly desk: AllocationDesk;
  readonly counters: CounterDesk;
  leads = true;
  /** How many sessions a server takes. */
  perServer = 1;
  /** Asked of each node that servers are looked for on. */
  mayUse: () => boolean = () => true;
  /** Called before each PATCH has its effect; what it throws is the answer. */
  before: (pod: Stored) => void = () => {};
  /** Called after it; what it throws is the answer. */
  after: (pod: Stored) => unknown = () => {};
  /** Called with each new state of a Pod. */
  changed: (pod: Pod) => void = () => {};
  #version = 1000;
  readonly readPod = createPodReader();

  constructor(...servers: readonly PodBuilder[]) {
    for (const server of servers) this.store(server.build());
    const options = {
      client: { request: (request: KubeRequest) => this.#request(request) as Promise<never> },
      inventory: this.inventory,
      readPod: this.readPod,
      clock: this.clock,
      random: () => 0,
      mayWrite: () => this.leads,
      mayDecide: () => this.leads,
    };
    const scene: Scene = {
      pool: (_, name) =>
        name === 'arena'
          ? { role: 'games', scheduling: 'Packed', revision: '', addressed: false, perServer: this.perServer }
          : undefined,
      mayUse: () => this.mayUse(),
    };
    this.desk = new AllocationDesk({ ...options, scene });
    const worker = (key: string): TaskPod | undefined => {
      const { task, ...pod } = this.readPod(this.pods.get(key.split('/')[1]!)!);
      return task && { ...pod, task };
    };
    this.counters = new CounterDesk({ ...options, worker });
    for (const pod of this.pods.values()) this.show(pod);
  }

  store(pod: Pod): void {
    this.pods.set(pod.metadata.name, pod);
  }

  /** The watch shows a Pod as it is. */
  show(pod: Pod): void {
    this.inventory.put(this.readPod(pod));
  }

  /** Somebody else changes a Pod, which the watch does not show yet. */
  touch(name: string, labels: Readonly<Record<string, string | null>> = {}): Pod {
    return this.#merge(this.pods.get(name)!, { labels });
  }

  /** Names of servers by their state and session. */
  states(): Record<string, string> {
    return Object.fromEntries(
      Array.from(this.pods.values(), ({ metadata: { name, labels = {} } }) => [
        name,
        [labels['proffer.dev/state'], labels['proffer.dev/session']].filter(Boolean).join(' '),
      ]),
    );
  }

  async #request({ method, path, body, mayGo }: KubeRequest): Promise<Pod> {
    this.sent.push({ method, path, body });
    await Promise.resolve();
    const pod = this.pods.get(path.split('/').at(-1)!);
    if (method === 'PATCH' && mayGo && !mayGo()) throw new KubeError({ kind: 'fenced', message: 'fenced' });
    if (!pod) throw conflict(404);
    if (method === 'GET') return structuredClone(pod);
    this.before(pod);
    const { metadata } = body as { metadata: Pod['metadata'] };
    const { resourceVersion = pod.metadata.resourceVersion } = metadata;
    if (metadata.uid !== pod.metadata.uid || resourceVersion !== pod.metadata.resourceVersion)
      throw conflict(409);
    const merged = this.#merge(pod, metadata);
    this.after(merged);
    return structuredClone(merged);
  }

  #merge(pod: Stored, { labels = {}, annotations = {} }: MetaPatch): Pod {
    const apply = (map: Readonly<Record<string, string>> = {}, patch: NonNullable<MetaPatch['labels']>) =>
      Object.fromEntries(
        Object.entries({ ...map, ...patch }).filter(([, value]) => value !== null),
      ) as Record<string, string>;
    pod.metadata = {
      ...pod.metadata,
      resourceVersion: String(++this.#version),
      labels: apply(pod.metadata.labels, labels),
      annotations: apply(pod.metadata.annotations, annotations),
    };
    this.changed(structuredClone(pod));
    return pod;
  }
}

interface MetaPatch {
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly annotations?: Readonly<Record<string, string | null>>;
}
