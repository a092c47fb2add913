import { canonicalJson } from '../../lib/hash.ts';
import type { NodeTraits } from '../../snapshot/constraints.ts';
import { isReached, type VolumeFacts } from '../../snapshot/volumes/volume.ts';

const HOST = 'kubernetes.io/hostname';

type Affinity = NonNullable<VolumeFacts['affinity']>;

/**
 * The agents that reach volumes, found once for each node affinity. A cluster of local disks has an affinity for each
 * node, so that terms that name hosts are only tried on those.
 */
export class Reach {
  readonly #agents: readonly NodeTraits[];
  readonly #byHost: ReadonlyMap<string, readonly number[]>;
  readonly #known = new Map<string, readonly number[]>();
  /** The same by the objects that were asked for: many claims look at the same volumes. */
  readonly #asked = new Map<Affinity, readonly number[]>();

  constructor(agents: readonly NodeTraits[]) {
    this.#agents = agents;
    const byHost = new Map<string, number[]>();
    agents.forEach(({ labels }, i) => {
      const host = labels[HOST];
      if (host === undefined) return;
      const alike = byHost.get(host);
      if (alike) alike.push(i);
      else byHost.set(host, [i]);
    });
    this.#byHost = byHost;
  }

  /** Numbers of the agents that reach volumes of that affinity. */
  of(affinity: Affinity): readonly number[] {
    const asked = this.#asked.get(affinity);
    if (asked) return asked;
    const key = canonicalJson(affinity);
    let found = this.#known.get(key);
    if (!found) {
      found = this.#candidates(affinity).filter((i) => isReached({ affinity }, this.#agents[i]!.labels));
      this.#known.set(key, found);
    }
    this.#asked.set(affinity, found);
    return found;
  }

  #candidates(affinity: Affinity): readonly number[] {
    const hosts = new Set<number>();
    for (const { matchExpressions = [] } of affinity) {
      const named = matchExpressions.find(({ key, operator }) => key === HOST && operator === 'In');
      if (!named) return [...this.#agents.keys()];
      for (const host of named.values ?? [])
        for (const agent of this.#byHost.get(host) ?? []) hosts.add(agent);
    }
    return [...hosts];
  }
}
