import type { PodFacts } from '../../snapshot/task.ts';
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
  /** Number of the scope's domains with each count: Pods that come and go move the least one without a look at them all. */
  readonly #having: number[];
  #total = 0;
  #least = 0;

  constructor(topology: Topology, scope?: Scope) {
    this.topology = topology;
    this.scope = scope;
    this.#counts = new Int32Array(topology.size);
    this.#having = [scope?.domains.length ?? 0];
  }

  /** A copy that can be changed without changing this one. */
  clone(): Tally {
    const copy = new Tally(this.topology, this.scope);
    copy.#counts.set(this.#counts);
    this.#having.forEach((domains, count) => (copy.#having[count] = domains));
    copy.#total = this.#total;
    copy.#least = this.#least;
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
    const before = this.#counts[domain]!;
    const after = before + pods;
    this.#counts[domain] = after;
    this.#total += pods;
    if (!this.scope) return;
    this.#having[before]!--;
    this.#having[after] = (this.#having[after] ?? 0) + 1;
    this.#least = Math.min(this.#least, after);
    while (!this.#having[this.#least]) this.#least++;
  }

  /** Counts a Pod that is on an agent (1), or no more (-1). */
  move({ deleting }: PodFacts, agent: number, sign: 1 | -1): void {
    if (!deleting || !this.scope?.skipsLeaving) this.add(agent, sign);
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
    return this.#least;
  }
}
