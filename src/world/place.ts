import type { AgentFacts } from '../snapshot/agent.ts';
import type { PortRanges } from '../snapshot/port-ranges.ts';
import { NodePorts } from '../snapshot/ports.ts';
import type { ResourceColumns } from '../snapshot/resources.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { AgentHealth } from '../recovery/health.ts';
import type { Charge, Party } from './party.ts';
import { addAmounts, newRow } from './row.ts';

/** A Pod in the ledger, and where it is filed. */
export interface Entry {
  pod: PodFacts;
  /** Position in the list of all Pods. */
  index: number;
  /** Those that it belongs to; undefined when it takes no part in Proffer. */
  party: Party | undefined;
  /** The node that it names; undefined when it names none. */
  place: Place | undefined;
  /** Where it counts that it holds room; undefined when it holds none. */
  charge: Charge | undefined;
}

/**
 * Charges a Pod to its party for the room that it holds. One that names a node which does not exist holds none: anybody can
 * write that.
 */
export function charge(entry: Entry): void {
  const { pod, party, place, charge: before } = entry;
  const holds = !pod.terminal && pod.node !== undefined && place?.agent !== undefined;
  if (before) before.party.uncharge(before);
  entry.charge = holds ? party?.charge(pod) : undefined;
}

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
        (before !== undefined && before.bootId === agent?.bootId && before.drained === agent?.drained));
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
   * The host ports that its Pods hold; another object whenever one of them changed.
   * @param failed numbers that are taken last, since they failed lately, and when, ms since the epoch
   */
  ports(ranges: PortRanges, failed: ReadonlyMap<number, number>): NodePorts {
    if (!this.#ports || this.#failed !== failed) {
      this.#failed = failed;
      this.#ports = new NodePorts(ranges, failed);
      for (const { pod } of this.entries) {
        if (!pod.terminal) for (const port of pod.hostPorts) this.#ports.take(port);
      }
    }
    return this.#ports;
  }
}
