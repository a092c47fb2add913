import { API_VERSION } from '../../src/api/group.ts';
import { PodSpecBuilder } from './pod-spec.ts';
import type { Identity, Manifest } from './pool.ts';
import { ago } from './time.ts';

/** Makes one worker group of a job: one worker without requests. */
export class GroupBuilder extends PodSpecBuilder {
  readonly #name: string;
  readonly #fields: Record<string, unknown> = {};
  #replicas = 1;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  replicas(count: number): this {
    this.#replicas = count;
    return this;
  }

  /** Any other field of the group. */
  field(name: string, value: unknown): this {
    this.#fields[name] = value;
    return this;
  }

  build(): object {
    return {
      ...this.#fields,
      name: this.#name,
      replicas: this.#replicas,
      template: { spec: this.podSpec() },
    };
  }
}

/** Makes a TrainingJob as a user would write it, in the namespace training; it needs at least one group. */
export class JobBuilder {
  readonly #name: string;
  readonly #spec: Record<string, unknown> = {};
  readonly #groups: GroupBuilder[] = [];
  #namespace = 'training';
  #role: string | undefined;
  #status: unknown;

  constructor(name: string) {
    this.#name = name;
  }

  namespace(namespace: string): this {
    this.#namespace = namespace;
    return this;
  }

  /** Role of its own instead of its namespace's. */
  role(role: string): this {
    this.#role = role;
    return this;
  }

  priority(priority: number): this {
    return this.field('priority', priority);
  }

  group(...groups: GroupBuilder[]): this {
    this.#groups.push(...groups);
    return this;
  }

  maxRestarts(count: number): this {
    return this.field('maxRestarts', count);
  }

  recovery(recovery: { maxBackoffSeconds?: number; nodeLossSeconds?: number }): this {
    return this.field('recovery', recovery);
  }

  status(status: unknown): this {
    this.#status = status;
    return this;
  }

  /** Its status says that it waits for room since `secondsAgo` before NOW. */
  waiting(secondsAgo: number): this {
    const told = { reason: 'GangDoesNotFit', message: '', observedGeneration: 1 };
    const queued = { type: 'Queued', status: 'True', lastTransitionTime: ago(secondsAgo), ...told };
    return this.status({ conditions: [queued] });
  }

  /** Any other field of the spec. */
  field(name: string, value: unknown): this {
    this.#spec[name] = value;
    return this;
  }

  get identity(): Identity {
    const uid = `uid-tj-${this.#namespace}-${this.#name}`;
    return { name: this.#name, namespace: this.#namespace, uid, role: this.#role ?? this.#namespace };
  }

  build(): Manifest {
    const { name, namespace, uid } = this.identity;
    return {
      apiVersion: API_VERSION,
      kind: 'TrainingJob',
      metadata: { name, namespace, uid, resourceVersion: '1', generation: 1, creationTimestamp: ago(60) },
      spec: {
        ...this.#spec,
        ...(this.#role === undefined ? {} : { role: this.#role }),
        groups: this.#groups.map((group) => group.build()),
      },
      ...(this.#status === undefined ? {} : { status: this.#status }),
    };
  }
}

export const aGroup = (name: string): GroupBuilder => new GroupBuilder(name);
export const aJob = (name: string): JobBuilder => new JobBuilder(name);
