import type { Matrices } from '../../matrix/matrices.ts';
import { isWithin, type Domain } from '../../matrix/rules/topology.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { CROWD, keyOf, ZONE_CROWD } from '../room/agent-key.ts';
import { NodeHeap } from './node-heap.ts';
import type { Room } from '../room/room.ts';
import type { AgentOrder } from './agent-order.ts';

/** Agents of one zone, and how many tasks of the class are there. */
interface Zone {
  readonly heap: NodeHeap;
  tasks: number;
}

/**
 * The agents that a class may take, in the order in which it takes them: those with A > 0 and C < 1, by
 * B - penalty(C), ties by agent number. Scores are those of the snapshot; a spreading class first looks at how many
 * of its tasks an agent has, then at how many its zone has, those placed in this cycle included.
 */
export class NodeOrder implements AgentOrder {
  /** By number, those without a zone first; one of all agents for a class that does not spread. */
  readonly #zones: readonly Zone[];
  readonly #keys: Float64Array;
  readonly #spread: boolean;
  readonly #room: Room;
  readonly #row: number;
  /** Where the agent is that next() gave. */
  #last: Zone;

  constructor(snapshot: Snapshot, matrices: Matrices, row: number, room: Room, within?: Domain) {
    const { n, a, b, c, classes } = matrices;
    const { scheduling, perNode } = classes[row]!;
    this.#room = room;
    this.#row = row;
    this.#spread = scheduling === 'Distributed';
    this.#keys = new Float64Array(n);
    const zones = this.#spread ? room.zones : undefined;
    this.#zones = Array.from({ length: (zones?.size ?? 0) + 1 }, () => ({
      heap: new NodeHeap(this.#keys),
      tasks: 0,
    }));
    const zoneOf = (i: number) => this.#zones[zones ? zones.domainOf[i]! + 1 : 0]!;
    this.#last = this.#zones[0]!;
    if (zones) {
      for (const [node, tasks] of perNode) {
        const agent = snapshot.numbers.get(node);
        if (agent !== undefined) zoneOf(agent).tasks += tasks;
      }
    }
    for (let i = 0; i < n; i++) {
      const cell = row * n + i;
      if (a[cell]! <= 0 || c[cell]! >= 1) continue;
      if (within && !isWithin(within, i)) continue;
      // Others may have filled it before: cheaper to see now than to take it out of the heap.
      if (room.wasTouched(i) && room.fit(i, row) === 0) continue;
      const crowd = this.#spread ? (perNode.get(snapshot.agents[i]!.name) ?? 0) : 0;
      this.#keys[i] = keyOf(crowd, c[cell]!, b[cell]!);
      zoneOf(i).heap.append(i);
    }
    for (const { heap } of this.#zones) heap.heapify();
  }

  next(wanted: number): { readonly agent: number; readonly tasks: number } | undefined {
    for (let agent = this.#first(); agent !== undefined; agent = this.#first()) {
      const fit = this.#room.fit(agent, this.#row);
      if (fit > 0) return { agent, tasks: this.#spread ? 1 : Math.min(wanted, fit) };
      this.#last.heap.removeFirst();
    }
    return undefined;
  }

  skip(): void {
    this.#last.heap.removeFirst();
  }

  took(agent: number): void {
    if (!this.#spread) return;
    this.#last.heap.raiseFirst(this.#keys[agent]! + CROWD);
    this.#last.tasks++;
  }

  /** The first of the first agents of all zones. */
  #first(): number | undefined {
    let best: number | undefined;
    let least = Infinity;
    for (const zone of this.#zones) {
      const agent = zone.heap.peek();
      if (agent === undefined) continue;
      const key = this.#keys[agent]! + zone.tasks * ZONE_CROWD;
      if (best !== undefined && (key > least || (key === least && agent > best))) continue;
      best = agent;
      least = key;
      this.#last = zone;
    }
    return best;
  }
}
