import { Inventory } from '../../allocation/inventory.ts';
import type { Scene } from '../../allocation/pick.ts';
import { LABEL } from '../../api/group.ts';
import type { ServerClaim } from '../../allocation/server-claim.ts';
import { poolIn, poolTraits, sessionsPerServer } from '../../frameworks/pool/traits.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { EventRecorder } from '../../kube/events.ts';
import type { Store } from '../../kube/store.ts';
import { faultGrade } from '../../recovery/health.ts';
import type { Pod } from '../../snapshot/reading/objects.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import type { Told } from '../../writes/handler.ts';
import { announceOn } from '../announce.ts';
import type { Loop, LoopMeans } from '../loop.ts';
import type { NodeMonitor } from '../node-monitor.ts';
import type { Stores } from '../stores.ts';
import { CounterDesk } from './counter-desk.ts';
import { AllocationDesk } from './desk.ts';
import { ServerClaims } from './server-claims.ts';
import { SessionRules } from './session-rules.ts';

/** What giving out servers needs. */
export interface AllocationOptions extends Omit<LoopMeans, 'client'> {
  readonly stores: Pick<Stores, 'pods' | 'nodes' | 'workloads'>;
  readonly monitor: Pick<NodeMonitor, 'health'>;
  readonly claims: Store<ServerClaim>;
  /** Of its own, so that writes to servers never wait behind those of placement. */
  readonly client: KubeClient;
  readonly readPod: (pod: Pod) => PodFacts;
  readonly events: Pick<EventRecorder, 'record'>;
}

/**
 * Gives servers to sessions: one desk answers the calls of matchmakers and serves claims, one answers those of servers, the rules end what
 * was given for a time.
 * It is a lane of its own beside placement, and hears of Pods and nodes by the same stores; on followers it keeps its inventory, and answers nobody.
 */
export class Allocation implements Loop {
  readonly desk: AllocationDesk;
  readonly counters: CounterDesk;
  readonly #rules: SessionRules;
  readonly #claims: ServerClaims;

  constructor(options: AllocationOptions) {
    const { pods, nodes, workloads } = options.stores;
    const poolOf = (namespace: string, name: string) => poolTraits(workloads, namespace, name);
    const perServer = (namespace: string, name: string) => poolOf(namespace, name)?.perServer ?? 1;
    const inventory = new Inventory(perServer);
    for (const pod of pods.values()) inventory.put(pod);
    pods.subscribe(({ type, object }) =>
      type === 'deleted' ? inventory.delete(object.key) : inventory.put(object),
    );
    const scene: Scene = {
      pool: poolOf,
      mayUse: (name) => {
        const node = nodes.get(name);
        if (!node || node.unschedulable || node.deleting) return false;
        const health = options.monitor.health.get(name);
        return health === undefined || faultGrade(health) < 1;
      },
    };
    this.desk = new AllocationDesk({ ...options, inventory, scene });
    const worker = (key: string): TaskPod | undefined => {
      const pod = pods.get(key);
      return pod?.task && { ...pod, task: pod.task };
    };
    this.counters = new CounterDesk({ ...options, inventory, worker });
    const tell = ({ namespace, labels }: TaskPod, event: Told): void => {
      const pool = poolIn(workloads, namespace, labels[LABEL.pool] ?? '');
      if (pool) announceOn(options.events, pool, event);
    };
    this.#rules = new SessionRules({ ...options, inventory, desk: this.desk, tell });
    for (const store of workloads.values())
      store.subscribe(({ type, object, old }) => {
        const [before, after] = type === 'deleted' ? [object, undefined] : [old, object];
        if (sessionsPerServer(before) === sessionsPerServer(after)) return;
        inventory.refile(object.metadata.namespace ?? '', object.metadata.name);
      });
    this.#claims = new ServerClaims({ ...options, inventory, desk: this.desk, tell });
    nodes.subscribe(() => this.desk.look());
  }

  /** Leadership ended. */
  stop(): void {
    this.desk.stop();
  }

  /** Keeps the rules, and serves claims, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#rules.run(signal), this.#claims.run(signal)]);
  }
}
