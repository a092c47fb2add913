import { API_VERSION } from '../../src/api/group.ts';
import type { RawObject } from '../../src/snapshot/workload.ts';
import { PodSpecBuilder } from './pod-spec.ts';
import { ago } from './time.ts';

/** How tasks name the workload that owns them. */
export interface Identity {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly role: string;
}

/** A workload object with the two fields that its reader does not need and kubectl does. */
export type Manifest = RawObject & { readonly apiVersion: string; readonly kind: string };

/** Makes a GameServerPool as a user would write it: one server without requests, in the namespace games. */
export class PoolBuilder extends PodSpecBuilder {
  readonly #name: string;
  readonly #spec: Record<string, unknown> = {};
  readonly #ports: Record<string, unknown>[] = [];
  readonly #labels: Record<string, string> = {};
  #namespace = 'games';
  #role: string | undefined;
  #status: unknown;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  namespace(namespace: string): this {
    this.#namespace = namespace;
    return this;
  }

  replicas(count: number): this {
    return this.field('replicas', count);
  }

  /** Role of its own instead of its namespace's. */
  role(role: string): this {
    this.#role = role;
    return this;
  }

  priority(priority: number): this {
    return this.field('priority', priority);
  }

  distributed(): this {
    return this.field('scheduling', 'Distributed');
  }

  /** A port that players reach, on a host port out of the offer. */
  port(name: string, containerPort: number, protocol: 'UDP' | 'TCP' | 'TCPUDP' = 'UDP'): this {
    this.#ports.push({ name, containerPort, protocol });
    return this;
  }

  /** Label of each Pod. */
  podLabel(key: string, value: string): this {
    this.#labels[key] = value;
    return this;
  }

  recovery(recovery: { maxBackoffSeconds?: number; nodeLossSeconds?: number }): this {
    return this.field('recovery', recovery);
  }

  status(status: unknown): this {
    this.#status = status;
    return this;
  }

  /** Any other field of the spec. */
  field(name: string, value: unknown): this {
    this.#spec[name] = value;
    return this;
  }

  get identity(): Identity {
    const uid = `uid-gsp-${this.#namespace}-${this.#name}`;
    return { name: this.#name, namespace: this.#namespace, uid, role: this.#role ?? this.#namespace };
  }

  build(): Manifest {
    const { name, namespace, uid } = this.identity;
    return {
      apiVersion: API_VERSION,
      kind: 'GameServerPool',
      metadata: { name, namespace, uid, resourceVersion: '1', generation: 1, creationTimestamp: ago(600) },
      spec: {
        ...this.#spec,
        ...(this.#role === undefined ? {} : { role: this.#role }),
        ...(this.#ports.length > 0 ? { ports: this.#ports.map((port) => ({ ...port })) } : {}),
        template: {
          ...(Object.keys(this.#labels).length > 0 ? { metadata: { labels: { ...this.#labels } } } : {}),
          spec: this.podSpec(),
        },
      },
      ...(this.#status === undefined ? {} : { status: this.#status }),
    };
  }
}

export const aPool = (name: string): PoolBuilder => new PoolBuilder(name);
