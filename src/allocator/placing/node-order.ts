import type { Matrices } from '../../matrix/matrices.ts';
import type { Snapshot } from '../../snapshot/build.ts';
import { CROWD, keyOf, type AgentOrder } from './agent-order.ts';
import { NodeHeap } from './node-heap.ts';
import type { Room } from './room.ts';

/**
 * The agents that a class may take, in the order in which it takes them: those with A > 0 and C < 1, by
 * B - penalty(C), ties by agent number. Scores are those of the snapshot; a spreading class first looks at how many
 * of its tasks an agent has, those placed in this cycle included.
 */
export class NodeOrder implements AgentOrder {
  readonly #heap: NodeHeap;
  readonly #keys: Float64Array;
  readonly #spread: boolean;
  readonly #room: Room;
  readonly #row: number;

  constructor(snapshot: Snapshot, matrices: Matrices, row: number, room: Room) {
    const { n, a, b, c, classes } = matrices;
    const { scheduling, perNode } = classes[row]!;
    this.#room = room;
    this.#row = row;
    this.#spread = scheduling === 'Distributed';
    this.#keys = new Float64Array(n);
    this.#heap = new NodeHeap(this.#keys);
    for (let i = 0; i < n; i++) {
      const cell = row * n + i;
      if (a[cell]! <= 0 || c[cell]! >= 1) continue;
      // Others may have filled it before: cheaper to see now than to take it out of the heap.
      if (room.wasTouched(i) && room.fit(i, row) === 0) continue;
      const crowd = this.#spread ? (perNode.get(snapshot.agents[i]!.name) ?? 0) : 0;
      this.#keys[i] = keyOf(crowd, c[cell]!, b[cell]!);
      this.#heap.append(i);
    }
    this.#heap.heapify();
  }

  next(wanted: number): { readonly agent: number; readonly tasks: number } | undefined {
    for (let agent = this.#heap.peek(); agent !== undefined; agent = this.#heap.peek()) {
      const fit = this.#room.fit(agent, this.#row);
      if (fit > 0) return { agent, tasks: this.#spread ? 1 : Math.min(wanted, fit) };
      this.#heap.removeFirst();
    }
    return undefined;
  }

  skip(): void {
    this.#heap.removeFirst();
  }

  took(agent: number): void {
    if (this.#spread) this.#heap.raiseFirst(this.#keys[agent]! + CROWD);
  }
}
