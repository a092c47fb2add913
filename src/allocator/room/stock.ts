import type { Matrices } from '../../matrix/matrices.ts';
import type { RuleBook } from '../../matrix/rules/rule-book.ts';
import type { VolumeBook } from '../../matrix/volumes/volume-book.ts';
import type { NodePorts } from '../../snapshot/ports.ts';

/** Tasks of one row on one agent. */
export interface Place {
  readonly agent: number;
  readonly row: number;
  readonly tasks: number;
}

/** What agents have at one time, now or later: amounts, host ports, and what rules and volumes count there. */
export class Stock {
  /** n x R, its own; below nothing where an agent is over-committed. */
  readonly supply: Float64Array;
  /** Rules about other Pods; undefined when there are none. */
  readonly rules: RuleBook | undefined;
  /** What volumes say; undefined when no row has any. */
  readonly volumes: VolumeBook | undefined;
  readonly #demand: Float64Array;
  readonly #R: number;
  readonly #given: (agent: number) => NodePorts;
  readonly #ports = new Map<number, NodePorts>();

  /** @param ports of an agent, as far as nothing changed here */
  constructor(
    { demand, classes }: Matrices,
    supply: Float64Array,
    ports: (agent: number) => NodePorts,
    books: { readonly rules: RuleBook | undefined; readonly volumes: VolumeBook | undefined },
  ) {
    this.supply = supply;
    this.rules = books.rules;
    this.volumes = books.volumes;
    this.#demand = demand;
    this.#R = demand.length / Math.max(1, classes.length);
    this.#given = ports;
  }

  /** Tasks come to an agent, or go again when negative; host ports apart. */
  place(agent: number, row: number, tasks: number): void {
    this.count(agent, row, tasks);
    for (let r = 0; r < this.#R; r++)
      this.supply[agent * this.#R + r]! -= tasks * this.#demand[row * this.#R + r]!;
  }

  /** The same in the books of rules and volumes alone. */
  count(agent: number, row: number, tasks: number): void {
    this.rules?.place(row, agent, tasks);
    this.volumes?.place(row, agent, tasks);
  }

  /** What a look says while tasks are in these places, too. */
  during<T>(places: readonly Place[], look: () => T): T {
    for (const { agent, row, tasks } of places) this.place(agent, row, tasks);
    try {
      return look();
    } finally {
      for (const { agent, row, tasks } of places) this.place(agent, row, -tasks);
    }
  }

  /** Host ports of an agent, to be read. */
  portsOf(agent: number): NodePorts {
    return this.#ports.get(agent) ?? this.#given(agent);
  }

  /** Host ports of an agent, to be changed. */
  ownPorts(agent: number): NodePorts {
    let ports = this.#ports.get(agent);
    if (!ports) this.#ports.set(agent, (ports = this.#given(agent).clone()));
    return ports;
  }

  /** Whether host ports of an agent changed here. */
  hasOwnPorts(agent: number): boolean {
    return this.#ports.has(agent);
  }
}
