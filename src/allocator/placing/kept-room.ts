import { fitByResources } from '../../matrix/cells/capacity.ts';
import type { Room, Taken } from '../room/room.ts';

/** The most that is kept for all of them together, as a part of what all agents have of any resource. */
const MOST_KEPT = 0.5;

/**
 * Room that frees is kept for gangs that starve: a gang that many nodes must be free for at once would never find them,
 * as long as smaller ones come and take each of them. Nothing is remembered: those gangs come first in each cycle, and
 * take what there is, so that what they have grows until it is enough.
 * Batch systems call it a reservation; why it is made so: docs/adr/0018-room-for-gangs-that-starve.md.
 */
export class KeptRoom {
  readonly #room: Room;
  readonly #left: Float64Array;
  readonly #kept = new Map<number, readonly Taken[]>();

  constructor(room: Room) {
    this.#room = room;
    this.#left = room.snapshot.total.map((amount) => amount * MOST_KEPT);
  }

  /** What is kept, by number of the framework. */
  get kept(): ReadonlyMap<number, readonly Taken[]> {
    return this.#kept;
  }

  /** Takes what a gang found, as far as so much may be kept. @param found given back already */
  keep(framework: number, found: readonly Taken[]): void {
    const kept: Taken[] = [];
    for (const { agent, row, tasks } of found) {
      const fit = fitByResources(this.#left, this.#room.demandOf(row), 0, 0, this.#left.length);
      if (fit === 0) continue;
      const taken = this.#room.take(agent, row, Math.min(tasks, fit));
      this.#room.demandOf(row).forEach((amount, r) => (this.#left[r]! -= taken.tasks * amount));
      kept.push(taken);
    }
    if (kept.length > 0) this.#kept.set(framework, kept);
  }
}
