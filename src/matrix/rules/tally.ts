import type { Topology } from './topology.ts';

/** Which agents a tally counts, and whether Pods on their way out count. */
export interface Scope {
  /** 1 for an agent whose Pods count. */
  readonly agents: Uint8Array;
  /** Domains with an agent that counts. */
  readonly domains: Int32Array;
  /** Pods that are being deleted do not count. */
  readonly skipsLeaving: boolean;
}

/** Counts Pods of one kind in each domain of a topology. */
export class Tally {
  readonly topology: Topology;
  /** Undefined: all agents, and all Pods. */
  readonly scope: Scope | undefined;
  readonly #counts: Int32Array;
  #total = 0;
  /** The least count; -1 when it has to be looked for. */
  #least = -1;

  constructor(topology: Topology, scope?: Scope) {
    this.topology = topology;
    this.scope = scope;
    this.#counts = new Int32Array(topology.size);
  }

  /** A copy that can be changed without changing this one. */
  clone(): Tally {
    const copy = new Tally(this.topology, this.scope);
    copy.#counts.set(this.#counts);
    copy.#total = this.#total;
    return copy;
  }

  /** Pods in all domains. */
  get total(): number {
    return this.#total;
  }

  /** Counts Pods that come to an agent, or go when negative. */
  add(agent: number, pods: number): void {
    const domain = this.topology.domainOf[agent]!;
    if (domain < 0 || this.scope?.agents[agent] === 0) return;
    this.#counts[domain]! += pods;
    this.#total += pods;
    this.#least = -1;
  }

  /** Whether the agent is in a domain at all. */
  covers(agent: number): boolean {
    return this.topology.domainOf[agent]! >= 0;
  }

  /** Pods in the domain of an agent; 0 for one that is in none. */
  near(agent: number): number {
    const domain = this.topology.domainOf[agent]!;
    return domain < 0 ? 0 : this.#counts[domain]!;
  }

  /** The least count among the domains of the scope; 0 when there is none. */
  get least(): number {
    if (this.#least < 0) {
      const domains = this.scope?.domains ?? [];
      let least = domains.length === 0 ? 0 : Number.POSITIVE_INFINITY;
      for (let d = 0; d < domains.length; d++) least = Math.min(least, this.#counts[domains[d]!]!);
      this.#least = least;
    }
    return this.#least;
  }
}
