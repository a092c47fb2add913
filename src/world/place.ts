import type { AgentFacts } from '../snapshot/agent.ts';
import { NodePorts, type PortRange } from '../snapshot/ports.ts';
import type { ResourceColumns } from '../snapshot/resources.ts';
import type { AgentHealth } from '../recovery/health.ts';
import { addAmounts, charge, newRow, type Entry } from './entry.ts';

/** A node, whether it exists or not, with the Pods that name it and what they take of it. */
export class Place {
  readonly name: string;
  readonly entries = new Set<Entry>();
  /** Undefined while the Node object does not exist. */
  agent: AgentFacts | undefined;
  health: AgentHealth | undefined;
  #used: Float64Array | undefined;
  #ports: NodePorts | undefined;
  #failed: ReadonlyMap<number, number> | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Its Pods changed, or what the columns stand for. */
  changed(): void {
    this.#used = undefined;
    this.#ports = undefined;
  }

  /**
   * The node as it is now. Who has Pods there is looked at anew when that can change what becomes of them.
   * @param agent undefined when it is gone @param health undefined when it is well
   */
  observe(agent: AgentFacts | undefined, health: AgentHealth | undefined): void {
    const { agent: before } = this;
    const isSame =
      this.health === health &&
      (before === agent ||
        (before !== undefined &&
          before.bootId === agent?.bootId &&
          before.unschedulable === agent?.unschedulable));
    this.agent = agent;
    this.health = health;
    if (isSame) return;
    for (const entry of this.entries) {
      charge(entry);
      entry.party?.changed();
    }
  }

  /** The sum of what its Pods ask for, by column; more than the node has when somebody over-committed it. */
  used(columns: ResourceColumns): Float64Array {
    if (!this.#used) {
      this.#used = newRow(columns);
      for (const { pod } of this.entries) if (!pod.terminal) addAmounts(this.#used, pod.requests, 1, columns);
    }
    return this.#used;
  }

  /**
   * The host ports that its Pods hold.
   * @param failed numbers that are taken last, since they failed lately, and when, ms since the epoch
   */
  ports(range: PortRange, failed: ReadonlyMap<number, number>): NodePorts {
    if (!this.#ports || this.#failed !== failed) {
      this.#failed = failed;
      this.#ports = new NodePorts(range, failed);
      for (const { pod } of this.entries) {
        if (!pod.terminal) for (const port of pod.hostPorts) this.#ports.take(port);
      }
    }
    return this.#ports;
  }
}
