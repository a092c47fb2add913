import { avoidGrade } from '../recovery/avoidance.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { exclusionOf } from '../snapshot/constraints.ts';
import type { DemandClass } from '../snapshot/framework.ts';
import { isWithin } from '../lib/role-path.ts';

/** A place for one task. R amounts each. */
export interface Spot {
  readonly agent: number;
  readonly need: readonly number[];
  /** What of it does not come out of reservations. */
  readonly plain: readonly number[];
  /** What of it comes out of which reservation. */
  readonly drawn: readonly { readonly from: number[]; readonly amounts: readonly number[] }[];
}

/** The nodes of the slow allocator: what fits where, and in which order agents are taken. */
export class SlowNodes {
  readonly #snapshot: Snapshot;
  readonly #free: number[][];
  readonly #held: { port: number; protocol: string }[][];
  readonly #crowd: number[][];
  /** What is left of reservations. */
  readonly #reserved: { role: string; agent: number; left: number[] }[];

  constructor(snapshot: Snapshot) {
    const { agents, columns, supply, ports, classes, roles } = snapshot;
    this.#snapshot = snapshot;
    const R = columns.count;
    this.#free = agents.map((_, i) => Array.from({ length: R }, (_column, r) => supply[i * R + r]!));
    this.#held = agents.map((_, i) => ports[i]!.held.map(({ port, protocol }) => ({ port, protocol })));
    this.#crowd = classes.map((c) => agents.map((a) => c.perNode.get(a.name) ?? 0));
    this.#reserved = roles.flatMap(({ path, reservations }) =>
      reservations.map(({ agent, amounts, used }) => ({
        role: path,
        agent,
        left: [...amounts].map((amount, r) => amount - used[r]!),
      })),
    );
    this.#reserved.sort((a, b) => b.role.length - a.role.length);
  }

  need(c: DemandClass): number[] {
    const { names, shared } = this.#snapshot.columns;
    const { demand } = c.shape;
    const own = names.map((name) => demand[name] ?? 0);
    // One of the shared column, which nobody has any of.
    const others = Object.keys(demand).filter((name) => demand[name]! > 0 && !names.includes(name));
    return shared === undefined ? own : [...own, Math.min(1, others.length)];
  }

  /** Agents that have room for one task of a role, in the order in which its class takes them. */
  spots(c: DemandClass, role: string): Spot[] {
    const value = (i: number) =>
      this.#score(c, i, role) -
      (c.scheduling === 'Distributed' ? this.#crowd[c.id]![i]! * 1e6 : 0) -
      Math.floor(this.#fault(c, i) * 10 + 1e-4) * 1e12;
    return this.#snapshot.agents
      .map((_, i) => i)
      .filter((i) => this.#fits(c, i, role))
      .sort((a, b) => value(b) - value(a) || a - b)
      .map((agent) => this.#spot(c, agent, role));
  }

  /** Takes a spot. @returns how to undo it */
  take(c: DemandClass, { agent, need, drawn }: Spot): () => void {
    const before = this.#held[agent]!;
    const dynamic = this.#freePorts(c, agent).slice(0, c.shape.dynamicPorts.length);
    this.#held[agent] = [
      ...before,
      ...c.shape.fixedPorts,
      ...dynamic.map((port) => ({ port, protocol: 'TCPUDP' })),
    ];
    const move = (sign: 1 | -1) => {
      need.forEach((amount, r) => (this.#free[agent]![r]! -= sign * amount));
      for (const { from, amounts } of drawn) amounts.forEach((amount, r) => (from[r]! -= sign * amount));
      this.#crowd[c.id]![agent]! += sign;
    };
    move(1);
    return () => {
      this.#held[agent] = before;
      move(-1);
    };
  }

  #spot(c: DemandClass, agent: number, role: string): Spot {
    const need = this.need(c);
    const plain = [...need];
    const own = this.#reserved.filter((each) => each.agent === agent && isWithin(role, each.role));
    const drawn = own.map(({ left }) => {
      const amounts = left.map((amount, r) => Math.min(amount, plain[r]!));
      amounts.forEach((amount, r) => (plain[r]! -= amount));
      return { from: left, amounts };
    });
    return { agent, need, plain, drawn };
  }

  #fits(c: DemandClass, i: number, role: string): boolean {
    if (exclusionOf(c.shape.constraints, this.#snapshot.agents[i]!) || this.#fault(c, i) >= 1) return false;
    const others = this.#reserved.filter((each) => each.agent === i && !isWithin(role, each.role));
    const kept = (r: number) => others.reduce((sum, { left }) => sum + left[r]!, 0);
    if (this.need(c).some((amount, r) => amount > Math.max(0, this.#free[i]![r]! - kept(r)))) return false;
    const clash = c.shape.fixedPorts.some(({ port, protocol }) =>
      this.#held[i]!.some((held) => held.port === port && [protocol, 'TCPUDP'].includes(held.protocol)),
    );
    return !clash && this.#freePorts(c, i).length >= c.shape.dynamicPorts.length;
  }

  /** Numbers of the range that neither the agent's Pods nor the task itself uses, those on the fewest agents first. */
  #freePorts(c: DemandClass, i: number): number[] {
    const range = this.#snapshot.ports[0]?.ranges.ranges[0] ?? { first: 1, last: 0 };
    const used = new Set([...this.#held[i]!, ...c.shape.fixedPorts].map((p) => p.port));
    const all = Array.from({ length: range.last - range.first + 1 }, (_, n) => range.first + n);
    const nodes = (port: number) => this.#held.filter((held) => held.some((p) => p.port === port)).length;
    return all.filter((port) => !used.has(port)).sort((a, b) => nodes(a) - nodes(b) || a - b);
  }

  #fault(c: DemandClass, i: number): number {
    const { deleting, unfitMs, pressures, backMs } = this.#snapshot.health[i]!;
    if (deleting || unfitMs > 0) return 1;
    const avoided = c.avoids.get(this.#snapshot.agents[i]!.name);
    const failures = avoided ? Math.fround(avoidGrade(avoided, this.#snapshot.now)) : 0;
    return Math.max(failures, pressures.length > 0 ? 0.6 : backMs < 30_000 ? 0.4 : 0);
  }

  /** What the snapshot's room makes of the agent, larger is better. */
  #score(c: DemandClass, i: number, role: string): number {
    const { allocatable, supply, columns } = this.#snapshot;
    const used = [0, 1].map((r) => {
      const all = allocatable[i * columns.count + r]!;
      if (all === 0) return 0;
      return Math.min(1, (all - supply[i * columns.count + r]! + this.need(c)[r]!) / all);
    });
    const full = Math.round(((used[0]! + used[1]!) / 2) * 1000);
    const fullness = c.scheduling === 'Packed' ? full : 1000 - full;
    return this.#preferReserved(c, i, role, fullness) - Math.round(this.#fault(c, i) * 2000);
  }

  /** Room of its own counts three times as much as fullness, if there is any in the cluster. */
  #preferReserved(c: DemandClass, i: number, role: string, fullness: number): number {
    const own = this.#snapshot.roles
      .filter(({ path }) => isWithin(role, path))
      .flatMap(({ reservations }) => reservations)
      .filter(({ amounts, used }) => this.need(c).some((need, r) => need > 0 && amounts[r]! > used[r]!));
    if (own.length === 0) return fullness;
    return Math.round((fullness + 3 * (own.some(({ agent }) => agent === i) ? 1000 : 0)) / 4);
  }
}
