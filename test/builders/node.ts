import type { Node, StatusCondition, Taint } from '../../src/snapshot/reading/objects.ts';
import { ago } from './time.ts';

/** Makes a Node as the API server sends it: ready, 4 cpu, 8Gi, 100Gi of storage, 110 pods. */
export class NodeBuilder {
  readonly #name: string;
  readonly #labels: Record<string, string>;
  readonly #taints: Taint[] = [];
  #address = '';
  #bootId: string | undefined;
  readonly #conditions: StatusCondition[] = [];
  readonly #allocatable: Record<string, string> = {
    cpu: '4',
    memory: '8Gi',
    'ephemeral-storage': '100Gi',
    pods: '110',
  };
  #ready: StatusCondition = { type: 'Ready', status: 'True', lastTransitionTime: ago(3600) };
  #unschedulable = false;
  #deletionTimestamp: string | undefined;

  constructor(name: string) {
    this.#name = name;
    this.#labels = { 'kubernetes.io/hostname': name };
  }

  cpu(quantity: string): this {
    return this.resource('cpu', quantity);
  }

  memory(quantity: string): this {
    return this.resource('memory', quantity);
  }

  /** Number of Pods that fit. */
  pods(count: number): this {
    return this.resource('pods', String(count));
  }

  /** Any allocatable resource, such as nvidia.com/gpu. */
  resource(name: string, quantity: string): this {
    this.#allocatable[name] = quantity;
    return this;
  }

  label(key: string, value: string): this {
    this.#labels[key] = value;
    return this;
  }

  taint(
    key: string,
    effect: 'NoSchedule' | 'NoExecute' | 'PreferNoSchedule' = 'NoSchedule',
    value?: string,
  ): this {
    this.#taints.push({ key, effect, ...(value === undefined ? {} : { value }) });
    return this;
  }

  cordoned(): this {
    this.#unschedulable = true;
    return this;
  }

  /** Ready is False, or Unknown, since `seconds` before NOW. */
  notReady(seconds = 60, status: 'False' | 'Unknown' = 'False'): this {
    this.#ready = { type: 'Ready', status, lastTransitionTime: ago(seconds) };
    return this;
  }

  /** A pressure condition that is True. */
  pressure(type: 'MemoryPressure' | 'DiskPressure' | 'PIDPressure' | 'NetworkUnavailable'): this {
    this.#conditions.push({ type, status: 'True', lastTransitionTime: ago(60) });
    return this;
  }

  /** Its internal address. */
  address(address: string): this {
    this.#address = address;
    return this;
  }

  deleting(): this {
    this.#deletionTimestamp = ago(1);
    return this;
  }

  /** Names the run of its machine. */
  boot(id: string): this {
    this.#bootId = id;
    return this;
  }

  build(): Node {
    return {
      metadata: {
        name: this.#name,
        uid: `uid-node-${this.#name}`,
        resourceVersion: '1',
        creationTimestamp: ago(3600),
        labels: { ...this.#labels },
        ...(this.#deletionTimestamp === undefined ? {} : { deletionTimestamp: this.#deletionTimestamp }),
      },
      spec: {
        ...(this.#unschedulable ? { unschedulable: true } : {}),
        ...(this.#taints.length > 0 ? { taints: [...this.#taints] } : {}),
      },
      status: {
        allocatable: { ...this.#allocatable },
        conditions: [...this.#conditions, this.#ready],
        ...(this.#bootId === undefined ? {} : { nodeInfo: { bootID: this.#bootId } }),
        ...(this.#address === '' ? {} : { addresses: [{ type: 'InternalIP', address: this.#address }] }),
      },
    };
  }
}

export const aNode = (name: string): NodeBuilder => new NodeBuilder(name);
