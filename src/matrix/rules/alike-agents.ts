import type { Topology } from './topology.ts';

/** Agents in groups that no rule of some topologies tells apart. */
export interface AlikeAgents {
  /** Group of each agent. */
  readonly groupOf: Int32Array;
  /** An agent of each group. */
  readonly some: readonly number[];
  /** 1 for groups whose agents may be taken. */
  readonly allowed: Uint8Array;
}

/** Groups agents that are in the same domain of each topology, and that are allowed alike. */
export function alikeAgents(topologies: readonly Topology[], allowed: Uint8Array): AlikeAgents {
  let groupOf = Int32Array.from(allowed);
  let groups = 2;
  for (const { domainOf, size } of new Set(topologies)) {
    // Those in no domain are one more; groups are numbered anew, so that the product stays small.
    const known = new Map<number, number>();
    groupOf = groupOf.map((group, agent) => {
      const both = group * (size + 1) + domainOf[agent]! + 1;
      let number = known.get(both);
      if (number === undefined) known.set(both, (number = known.size));
      return number;
    });
    groups = known.size;
  }
  const some = Array.from({ length: groups }, () => -1);
  groupOf.forEach((group, agent) => {
    if (some[group]! < 0) some[group] = agent;
  });
  return { groupOf, some, allowed: Uint8Array.from(some, (agent) => allowed[agent] ?? 0) };
}
