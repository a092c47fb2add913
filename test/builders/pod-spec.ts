import type {
  Affinity,
  Container,
  ContainerPort,
  PodSpec,
  Toleration,
} from '../../src/snapshot/reading/objects.ts';

/** The parts of a PodSpec that Pods and templates have in common; the builders of both extend it. */
export abstract class PodSpecBuilder {
  readonly #requests: Record<string, string> = {};
  readonly #limits: Record<string, string> = {};
  readonly #ports: ContainerPort[] = [];
  readonly #tolerations: Toleration[] = [];
  readonly #nodeSelector: Record<string, string> = {};
  #extra: Readonly<Record<string, unknown>> = {};

  cpu(quantity: string): this {
    return this.request('cpu', quantity);
  }

  memory(quantity: string): this {
    return this.request('memory', quantity);
  }

  /** Any request of the main container; devices get the equal limit that Kubernetes demands. */
  request(resource: string, quantity: string): this {
    this.#requests[resource] = quantity;
    if (resource.includes('/')) this.#limits[resource] = quantity;
    return this;
  }

  /** A host port that the PodSpec itself fixes. */
  fixedPort(hostPort: number, protocol: 'UDP' | 'TCP' = 'UDP'): this {
    this.#ports.push({ containerPort: hostPort, hostPort, protocol });
    return this;
  }

  /** A port with a name, on a host port that the PodSpec fixes. */
  namedPort(name: string, containerPort: number, hostPort: number, protocol: 'UDP' | 'TCP' = 'UDP'): this {
    this.#ports.push({ name, containerPort, hostPort, protocol });
    return this;
  }

  tolerate(key: string, effect = 'NoSchedule'): this {
    this.#tolerations.push({ key, operator: 'Exists', effect });
    return this;
  }

  nodeSelector(key: string, value: string): this {
    this.#nodeSelector[key] = value;
    return this;
  }

  /** Required node affinity: the label `key` has one of the values. */
  affinity(key: string, ...values: string[]): this {
    const required: Affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values }] }],
        },
      },
    };
    return this.specField('affinity', required);
  }

  /** Volumes of these claims. */
  claims(...names: string[]): this {
    const volumes = names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
    return this.specField('volumes', volumes);
  }

  /** Any other field of the PodSpec, as the user would write it. */
  specField(name: string, value: unknown): this {
    this.#extra = { ...this.#extra, [name]: value };
    return this;
  }

  protected podSpec(): PodSpec {
    const resources = {
      ...(Object.keys(this.#requests).length > 0 ? { requests: { ...this.#requests } } : {}),
      ...(Object.keys(this.#limits).length > 0 ? { limits: { ...this.#limits } } : {}),
    };
    const main: Container = {
      name: 'main',
      ...(Object.keys(resources).length > 0 ? { resources } : {}),
      ...(this.#ports.length > 0 ? { ports: [...this.#ports] } : {}),
    };
    return {
      containers: [main],
      ...(this.#tolerations.length > 0 ? { tolerations: [...this.#tolerations] } : {}),
      ...(Object.keys(this.#nodeSelector).length > 0 ? { nodeSelector: { ...this.#nodeSelector } } : {}),
      ...this.#extra,
    };
  }
}
