import type { AgentOrder } from './agent-order.ts';
import type { Room } from '../room/room.ts';

/** The agents on which tasks of a row were nominated, each for as many as were nominated there. */
export class KeptOrder implements AgentOrder {
  readonly #left: Map<number, number>;
  readonly #room: Room;
  readonly #row: number;
  #at: number | undefined;

  /** @param kept tasks by agent */
  constructor(room: Room, row: number, kept: ReadonlyMap<number, number>) {
    this.#room = room;
    this.#row = row;
    this.#left = new Map(kept);
  }

  next(wanted: number): { readonly agent: number; readonly tasks: number } | undefined {
    for (const [agent, left] of this.#left) {
      const tasks = this.#room.admits(agent, this.#row)
        ? Math.min(wanted, left, this.#room.fit(agent, this.#row))
        : 0;
      this.#at = agent;
      if (tasks > 0) return { agent, tasks };
      this.skip();
    }
    return undefined;
  }

  skip(): void {
    this.#left.delete(this.#at!);
  }

  took(agent: number): void {
    // An agent has one turn: as many as fit, and the others have to wait for theirs.
    this.#left.delete(agent);
  }
}
