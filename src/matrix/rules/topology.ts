import type { NodeTraits } from '../../snapshot/constraints.ts';

/** How the values of one node label part the agents into domains. */
export interface Topology {
  /** Number of the domain of each agent; -1 for one without the label. */
  readonly domainOf: Int32Array;
  /** Number of domains. */
  readonly size: number;
}

/** One of the domains; -1 = the agents without the label. */
export interface Domain extends Pick<Topology, 'domainOf'> {
  readonly domain: number;
}

/** Whether an agent is in a domain. */
export const isWithin = ({ domainOf, domain }: Domain, agent: number): boolean => domainOf[agent] === domain;

/** The topologies of a set of agents by label, each made when it is first asked for. */
export class Topologies {
  readonly #agents: readonly NodeTraits[];
  readonly #known = new Map<string, Topology>();

  constructor(agents: readonly NodeTraits[]) {
    this.#agents = agents;
  }

  /** The topology of a label. */
  of(key: string): Topology {
    let topology = this.#known.get(key);
    if (!topology) this.#known.set(key, (topology = this.#read(key)));
    return topology;
  }

  #read(key: string): Topology {
    const domains = new Map<string, number>();
    const domainOf = Int32Array.from(this.#agents, ({ labels }) => {
      const value = labels[key];
      if (value === undefined) return -1;
      let domain = domains.get(value);
      if (domain === undefined) domains.set(value, (domain = domains.size));
      return domain;
    });
    return { domainOf, size: domains.size };
  }
}
