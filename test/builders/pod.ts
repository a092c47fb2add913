import {
  ANNOTATION,
  API_VERSION,
  CUSTOMER_LABEL,
  LABEL,
  POD_CONDITION,
  SCHEDULER_NAME,
  TRACKING,
} from '../../src/api/group.ts';
import type { Unanswered } from '../../src/api/pool/query.ts';
import type {
  ContainerState,
  ContainerStatus,
  OwnerReference,
  Pod,
  StatusCondition,
} from '../../src/snapshot/reading/objects.ts';
import type { JobBuilder } from './job.ts';
import { PodSpecBuilder } from './pod-spec.ts';
import type { PoolBuilder } from './pool.ts';
import { ago } from './time.ts';

/** Makes a Pod as the API server sends it: pending, unbound, of nobody, without requests. */
export class PodBuilder extends PodSpecBuilder {
  readonly #name: string;
  readonly #labels: Record<string, string> = {};
  readonly #annotations: Record<string, string> = {};
  #namespace = 'default';
  #node: string | undefined;
  #owner: OwnerReference | undefined;
  #phase = 'Pending';
  #reason: string | undefined;
  #ready = false;
  #created = ago(600);
  #graceSeconds = 30;
  #finalizers: string[] | undefined;
  #deletionTimestamp: string | undefined;
  #disruption: string | undefined;
  #resourceVersion = '1';
  #stored = true;
  #state: ContainerState | undefined;
  readonly #others: ContainerStatus[] = [];
  readonly #inits: ContainerStatus[] = [];
  readonly #conditions: StatusCondition[] = [];
  #told: StatusCondition | undefined;
  #nominated: string | undefined;
  #podIP: string | undefined;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  namespace(namespace: string): this {
    this.#namespace = namespace;
    return this;
  }

  /** Bound to a node. */
  on(node: string): this {
    this.#node = node;
    return this;
  }

  /** A task of a pool, with all that Proffer writes on it. */
  ofPool(pool: PoolBuilder, slot: number): this {
    const { name, namespace, uid, role } = pool.identity;
    this.label(LABEL.pool, name);
    return this.#task({ kind: 'GameServerPool', name, uid }, namespace, role, slot);
  }

  /** A task of a worker group of a job, with all that Proffer writes on it. */
  ofJob(job: JobBuilder, group: string, slot: number): this {
    const { name, namespace, uid, role } = job.identity;
    this.label(LABEL.job, name).label(LABEL.group, group).label(LABEL.peers, name);
    return this.#task({ kind: 'TrainingJob', name, uid }, namespace, role, slot);
  }

  /** Somebody else's Pod that Proffer is to place. */
  customer(): this {
    return this.specField('schedulerName', SCHEDULER_NAME);
  }

  /** Made by a controller of others: ReplicaSet, StatefulSet, Job. */
  ownedBy(kind: string, name: string): this {
    const uid = `uid-${kind}-${name}`;
    this.#owner = { apiVersion: 'apps/v1', kind, name, uid, controller: true, blockOwnerDeletion: true };
    return this;
  }

  /** Says that it is controlled by whatever this names. */
  controlledBy(owner: Omit<OwnerReference, 'controller'>): this {
    this.#owner = { ...owner, controller: true };
    return this;
  }

  /** A member of a gang; what its label says of the least number of members, which may be nonsense. */
  gang(name: string, min: number | string): this {
    return this.customer().label(CUSTOMER_LABEL.gang, name).label(CUSTOMER_LABEL.gangMin, String(min));
  }

  /** Its status says since `secondsAgo` before NOW why it is not bound. */
  told(reason: string, message: string, secondsAgo = 60): this {
    const at = ago(secondsAgo);
    this.#told = { type: 'PodScheduled', status: 'False', reason, message, lastProbeTime: at };
    return this;
  }

  /** Its status names the node that is cleared for it. */
  nominated(node: string): this {
    this.#nominated = node;
    return this;
  }

  label(key: string, value: string): this {
    this.#labels[key] = value;
    return this;
  }

  annotation(key: string, value: string): this {
    this.#annotations[key] = value;
    return this;
  }

  /** Session state of a game server. */
  session(state: 'Allocated' | 'Reserved'): this {
    return this.label(LABEL.state, state);
  }

  /** Failures in a row before this Pod. */
  failures(count: number): this {
    return this.annotation(ANNOTATION.failures, String(count));
  }

  revision(hash: string): this {
    return this.label(LABEL.revision, hash);
  }

  created(secondsAgo: number): this {
    this.#created = ago(secondsAgo);
    return this;
  }

  resourceVersion(version: string): this {
    this.#resourceVersion = version;
    return this;
  }

  /** Running, and not ready yet. */
  starting(): this {
    this.#phase = 'Running';
    this.#state = { running: { startedAt: this.#created } };
    return this;
  }

  /** Its main container can not start, for the reason that the kubelet gives. */
  stuck(reason: string, message = ''): this {
    this.#state = { waiting: { reason, message } };
    return this;
  }

  /** The state of a container beside the main one. */
  helper(name: string, state: ContainerState, lastState: ContainerState = {}): this {
    this.#others.push({ name, state, lastState });
    return this;
  }

  /** A helper of it runs on, after its main container ended. */
  outlivedBy(helper: string): this {
    this.#phase = 'Running';
    return this.helper(helper, { running: {} });
  }

  /** The state of an init container, which `specField('initContainers', ...)` gives it. */
  init(name: string, state: ContainerState, lastState: ContainerState = {}): this {
    this.#inits.push({ name, state, lastState });
    return this;
  }

  condition(type: string, status: 'True' | 'False'): this {
    this.#conditions.push({ type, status });
    return this;
  }

  /** Its operator asks it whether it answers, by A2S on the port game, once it has an address. */
  asked(query: object = {}, address?: string): this {
    this.#podIP = address;
    this.namedPort('game', 27015, 7000);
    const full = { protocol: 'A2S', port: 'game', ...query };
    return this.annotation(ANNOTATION.query, JSON.stringify(full));
  }

  /** What was found when it was asked, and since how many seconds before NOW. */
  found(reason: 'Answered' | Unanswered, secondsAgo = 0): this {
    this.#conditions.push({
      type: POD_CONDITION.answers,
      status: reason === 'Answered' ? 'True' : 'False',
      reason,
      message: reason === 'Answered' ? 'it answers A2S' : 'asked A2S by port game (27015): why',
      lastTransitionTime: ago(secondsAgo),
    });
    return this;
  }

  /** Running and ready. */
  ready(): this {
    this.starting();
    this.#ready = true;
    return this;
  }

  /** The main container ended `secondsAgo` before NOW after it ran for `ranSeconds`. */
  exited(code: number, secondsAgo = 0, ranSeconds = 60): this {
    this.#ready = false;
    this.#phase = code === 0 ? 'Succeeded' : 'Failed';
    this.#state = {
      terminated: {
        exitCode: code,
        reason: code === 0 ? 'Completed' : 'Error',
        startedAt: ago(secondsAgo + ranSeconds),
        finishedAt: ago(secondsAgo),
      },
    };
    return this;
  }

  /** The runtime found its main container gone `secondsAgo` before NOW, when it came up after a restart. */
  lost(secondsAgo: number): this {
    this.exited(255, secondsAgo);
    this.#state = { terminated: { ...this.#state!.terminated!, reason: 'Unknown' } };
    return this;
  }

  /** Failed without a container that ran: a kubelet's rejection (OutOfcpu), an eviction (Evicted). */
  failed(reason: string): this {
    this.#ready = false;
    this.#phase = 'Failed';
    this.#reason = reason;
    this.#state = undefined;
    return this;
  }

  /** Decided on, and not stored by the API server yet. */
  launched(): this {
    this.#stored = false;
    return this;
  }

  /** @param graceSeconds that it was given: they ended a second before NOW */
  deleting(graceSeconds = 30): this {
    this.#deletionTimestamp = ago(1);
    this.#graceSeconds = graceSeconds;
    return this;
  }

  /** It stays until its end is counted. */
  tracked(): this {
    this.#finalizers = [TRACKING];
    return this;
  }

  /** Somebody evicted it; the reason is that of its condition. */
  evicted(reason = 'EvictionByEvictionAPI'): this {
    this.#disruption = reason;
    return this.deleting();
  }

  build(): Pod {
    return {
      metadata: {
        name: this.#name,
        namespace: this.#namespace,
        ...(this.#stored
          ? { uid: `uid-pod-${this.#namespace}-${this.#name}`, resourceVersion: this.#resourceVersion }
          : {}),
        creationTimestamp: this.#created,
        labels: { ...this.#labels },
        annotations: { ...this.#annotations },
        ...(this.#owner ? { ownerReferences: [this.#owner] } : {}),
        ...(this.#deletionTimestamp === undefined
          ? {}
          : { deletionTimestamp: this.#deletionTimestamp, deletionGracePeriodSeconds: this.#graceSeconds }),
        ...(this.#finalizers ? { finalizers: this.#finalizers } : {}),
      },
      spec: { ...this.podSpec(), ...(this.#node === undefined ? {} : { nodeName: this.#node }) },
      status: {
        phase: this.#phase,
        conditions: [
          { type: 'Ready', status: this.#ready ? 'True' : 'False', lastTransitionTime: this.#created },
          ...(this.#disruption === undefined
            ? []
            : [{ type: 'DisruptionTarget', status: 'True', reason: this.#disruption }]),
          ...(this.#told ? [this.#told] : []),
          ...this.#conditions,
        ],
        ...(this.#podIP === undefined ? {} : { podIP: this.#podIP }),
        ...(this.#nominated === undefined ? {} : { nominatedNodeName: this.#nominated }),
        ...(this.#reason === undefined ? {} : { reason: this.#reason }),
        ...(this.#inits.length > 0 ? { initContainerStatuses: this.#inits } : {}),
        ...(this.#state || this.#others.length > 0
          ? {
              containerStatuses: [
                ...(this.#state ? [{ name: 'main', state: this.#state }] : []),
                ...this.#others,
              ],
            }
          : {}),
      },
    };
  }

  #task(
    owner: Pick<OwnerReference, 'kind' | 'name' | 'uid'>,
    namespace: string,
    role: string,
    slot: number,
  ): this {
    this.#owner = { apiVersion: API_VERSION, ...owner, controller: true, blockOwnerDeletion: true };
    this.#namespace = namespace;
    this.specField('restartPolicy', 'Never');
    return this.label(LABEL.slot, String(slot)).annotation(ANNOTATION.role, role);
  }
}

export const aPod = (name: string): PodBuilder => new PodBuilder(name);
