import { fitByPorts, fitByResources } from '../../matrix/capacity.ts';
import type { Matrices } from '../../matrix/matrices.ts';
import type { Snapshot } from '../../snapshot/build.ts';
import type { HostPort, NodePorts } from '../../snapshot/ports.ts';

/** One taking of room, for undo. */
export interface Taken {
  readonly agent: number;
  readonly row: number;
  readonly tasks: number;
  readonly ports: readonly HostPort[];
}

/**
 * What the agents can still give while offers are made: S and the free host ports, on copies. The room that an
 * offer takes is gone for everybody after it, so no two offers overlap.
 */
export class Room {
  readonly #snapshot: Snapshot;
  readonly #matrices: Matrices;
  /** S, n x R, less what was taken. */
  readonly supply: Int32Array;
  readonly #ports = new Map<number, NodePorts>();

  constructor(snapshot: Snapshot, matrices: Matrices) {
    this.#snapshot = snapshot;
    this.#matrices = matrices;
    this.supply = snapshot.supply.slice();
  }

  /** A[agent][row] now: how many more tasks fit. */
  fit(agent: number, row: number): number {
    const { demand, classes, allowed, n } = this.#matrices;
    if (allowed[row * n + agent] === 0) return 0;
    const byResources = fitByResources(this.supply, demand, agent, row, this.#snapshot.columns.count);
    return Math.min(byResources, fitByPorts(classes[row]!, this.#portsOf(agent)));
  }

  /** Takes room for tasks that fit; the dynamic ports chosen are in the result, one run for each task. */
  take(agent: number, row: number, tasks: number): Taken & { readonly numbers: readonly number[] } {
    const { shape } = this.#matrices.classes[row]!;
    this.#move(agent, row, -tasks);
    const numbers: number[] = [];
    const held: HostPort[] = [];
    if (shape.dynamicPorts.length + shape.fixedPorts.length > 0) {
      const ports = this.#owned(agent);
      // Fixed ones first: a dynamic port must not get the number that its own task fixes.
      for (let t = 0; t < tasks; t++) held.push(...shape.fixedPorts);
      for (const port of held) ports.take(port);
      for (const port of ports.pick(tasks * shape.dynamicPorts.length) ?? []) {
        const dynamic = { port, protocol: 'TCPUDP', ip: '' };
        ports.take(dynamic);
        held.push(dynamic);
        numbers.push(port);
      }
    }
    return { agent, row, tasks, ports: held, numbers };
  }

  /** Gives back what take() took. */
  undo(taken: Taken): void {
    this.#move(taken.agent, taken.row, taken.tasks);
    for (const port of taken.ports) this.#owned(taken.agent).give(port);
  }

  #move(agent: number, row: number, tasks: number): void {
    const R = this.#snapshot.columns.count;
    const { demand } = this.#matrices;
    for (let r = 0; r < R; r++) this.supply[agent * R + r]! += tasks * demand[row * R + r]!;
  }

  #portsOf(agent: number): NodePorts {
    return this.#ports.get(agent) ?? this.#snapshot.ports[agent]!;
  }

  #owned(agent: number): NodePorts {
    let ports = this.#ports.get(agent);
    if (!ports) this.#ports.set(agent, (ports = this.#snapshot.ports[agent]!.clone()));
    return ports;
  }
}
