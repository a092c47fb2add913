import { fitByPorts, fitByResources, MOST_TASKS } from '../../matrix/capacity.ts';
import type { Matrices } from '../../matrix/matrices.ts';
import type { RuleBook } from '../../matrix/rules/rule-book.ts';
import { Topologies, type Topology } from '../../matrix/rules/topology.ts';
import type { VolumeBook } from '../../matrix/volumes/volume-book.ts';
import type { Snapshot } from '../../snapshot/build.ts';
import { ZONE } from '../../snapshot/pod-rules.ts';
import type { HostPort, NodePorts } from '../../snapshot/ports.ts';
import { isCounted } from './counted-agents.ts';
import { LaterRoom, type Claimed } from './later-room.ts';
import { ReservedRoom, type Drawn } from './reserved-room.ts';

/** One taking of room, for undo. */
export interface Taken {
  readonly agent: number;
  readonly row: number;
  readonly tasks: number;
  readonly ports: readonly HostPort[];
  /** What of it was reserved for the role. */
  readonly drawn: readonly Drawn[];
}

/**
 * What the agents can still give while offers are made: S, the free host ports and what is left of reservations, on
 * copies. Every question whether a task may go somewhere, and every taking and giving back, passes here. The room that an
 * offer takes is gone for everybody after it, so no two offers overlap.
 */
export class Room {
  readonly #snapshot: Snapshot;
  readonly #matrices: Matrices;
  /** S, n x R, less what was taken. */
  readonly supply: Float64Array;
  readonly #ports = new Map<number, NodePorts>();
  readonly #reserved: ReservedRoom;
  readonly #apart: ReadonlySet<number>;
  /** 1 for agents of which something was taken. */
  readonly #touched: Uint8Array;
  #later: LaterRoom | undefined;
  #zones: Topology | undefined;
  /** Rules about other Pods, on a copy that counts what was taken; undefined when there are none. */
  readonly rules: RuleBook | undefined;
  /** What volumes say, on a copy as well; undefined when no row has any. */
  readonly volumes: VolumeBook | undefined;

  constructor(snapshot: Snapshot, matrices: Matrices) {
    this.#snapshot = snapshot;
    this.#matrices = matrices;
    this.supply = snapshot.supply.slice();
    this.#reserved = new ReservedRoom(snapshot);
    this.#apart = new Set([...snapshot.agents.keys()].filter((agent) => !isCounted(snapshot, agent)));
    this.#touched = new Uint8Array(snapshot.agents.length);
    this.rules = matrices.rules?.fork();
    this.volumes = matrices.volumes?.fork();
  }

  /** Zones of the agents. */
  get zones(): Topology {
    return (this.#zones ??= new Topologies(this.#snapshot.agents).of(ZONE));
  }

  /** What agents will have when everybody is gone who is leaving; undefined while nobody asked. */
  get later(): LaterRoom | undefined {
    return this.#later;
  }

  /** S, n x R, less what was taken and what of it is kept for claims. */
  get open(): Float64Array {
    return this.#later?.openPart(this.supply) ?? this.supply;
  }

  /** Begins to look at what agents will have. */
  lookAhead(): LaterRoom {
    const portsNow = (agent: number): NodePorts => this.#portsOf(agent);
    this.#later ??= new LaterRoom(
      this.#snapshot,
      this.#matrices,
      this.#reserved,
      this.supply,
      portsNow,
      this,
    );
    return this.#later;
  }

  /** A[agent][row] now: how many more tasks fit, beside what others will take of what is there. */
  fit(agent: number, row: number): number {
    const now = this.#fitNow(agent, row);
    return now > 0 && this.#later ? Math.min(now, this.#later.fit(agent, row)) : now;
  }

  /** How many tasks of a row fit on an agent once everybody is gone who is leaving. */
  fitLater(agent: number, row: number): number {
    return this.admits(agent, row) ? this.#later!.fit(agent, row) : 0;
  }

  /** Whether a task of a row may come to an agent, whoever else is there. */
  admits(agent: number, row: number): boolean {
    const { allowed, c, n } = this.#matrices;
    const cell = row * n + agent;
    return allowed[cell] === 1 && c[cell]! < 1;
  }

  /** Whether rules about other Pods keep tasks of a row from an agent, now or later. */
  isRuledOut(agent: number, row: number): boolean {
    return [this.rules, this.#later?.rules].some((rules) => rules?.blocker(row, agent) !== undefined);
  }

  /** Takes room for a task that will be there; see {@link undoClaim}. */
  claim(agent: number, row: number): Claimed {
    this.volumes?.place(row, agent, 1);
    return this.#later!.claim(agent, row, 1);
  }

  /** Gives back what claim() took. */
  undoClaim(claimed: Claimed): void {
    this.volumes?.place(claimed.row, claimed.agent, -claimed.tasks);
    this.#later!.unclaim(claimed);
  }

  #fitNow(agent: number, row: number): number {
    const { demand, classes, allowed, n } = this.#matrices;
    if (allowed[row * n + agent] === 0) return 0;
    const R = this.#snapshot.columns.count;
    const byResources = this.#reserved.isAt(agent)
      ? fitByResources(this.#reserved.freeFor(this.#roleOf(row), agent, this.supply), demand, 0, row, R)
      : fitByResources(this.supply, demand, agent, row, R);
    if (byResources <= 0) return 0;
    const byPorts = fitByPorts(classes[row]!, this.#portsOf(agent));
    const byVolumes = this.volumes?.room(row, agent) ?? MOST_TASKS;
    return Math.min(byResources, byPorts, byVolumes, this.rules?.room(row, agent) ?? MOST_TASKS);
  }

  /** Whether anything of an agent was taken, so that A may not hold any more. */
  wasTouched(agent: number): boolean {
    return this.#touched[agent] === 1;
  }

  /** What is left on an agent of the reservations that a row may use, by column; null when there are none. */
  reservedAt(agent: number, row: number): readonly number[] | null {
    return this.#reserved.isAt(agent) ? this.#reserved.leftFor(this.#roleOf(row), agent) : null;
  }

  /** Whether a row may use reservations on some agent. */
  hasReserved(row: number): boolean {
    return this.#reserved.isFor(this.#roleOf(row));
  }

  /** Whether what is free on an agent is no part of the headroom that guarantees are met from. */
  isApart(agent: number): boolean {
    return this.#apart.has(agent);
  }

  /** Whether a row may go to some agent apart. */
  reachesApart(row: number): boolean {
    const { a, c, n } = this.#matrices;
    return [...this.#apart].some((agent) => a[row * n + agent]! > 0 && c[row * n + agent]! < 1);
  }

  /** Takes room for tasks that fit; the dynamic ports chosen are in the result, one run for each task. */
  take(agent: number, row: number, tasks: number): Taken & { readonly numbers: readonly number[] } {
    const { shape } = this.#matrices.classes[row]!;
    this.#touched[agent] = 1;
    this.#move(agent, row, -tasks);
    this.rules?.place(row, agent, tasks);
    this.volumes?.place(row, agent, tasks);
    const { demand } = this.#matrices;
    const R = this.#snapshot.columns.count;
    const drawn = this.#reserved.draw(this.#roleOf(row), agent, demand, row * R, tasks);
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
    this.#later?.place(agent, row, tasks, held);
    return { agent, row, tasks, ports: held, numbers, drawn };
  }

  /** Gives back what take() took. */
  undo(taken: Taken): void {
    this.#move(taken.agent, taken.row, taken.tasks);
    this.rules?.place(taken.row, taken.agent, -taken.tasks);
    this.volumes?.place(taken.row, taken.agent, -taken.tasks);
    this.#reserved.putBack(taken.drawn);
    for (const port of taken.ports) this.#owned(taken.agent).give(port);
    this.#later?.place(taken.agent, taken.row, -taken.tasks, taken.ports);
  }

  #move(agent: number, row: number, tasks: number): void {
    const R = this.#snapshot.columns.count;
    const { demand } = this.#matrices;
    for (let r = 0; r < R; r++) this.supply[agent * R + r]! += tasks * demand[row * R + r]!;
  }

  #roleOf(row: number): string {
    return this.#snapshot.frameworks[this.#matrices.classes[row]!.framework]!.rolePath;
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
