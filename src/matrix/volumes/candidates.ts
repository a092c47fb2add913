import { selects } from '../../snapshot/reading/selector.ts';
import type { ClaimFacts } from '../../snapshot/volumes/claim.ts';
import { isKeptFor, suits, type VolumeFacts } from '../../snapshot/volumes/volume.ts';
import type { Reach } from './reach.ts';

/** The smallest volume that will do, so that large ones are left for those who need them. */
const smallestFirst = (a: VolumeFacts, b: VolumeFacts): number =>
  a.capacity - b.capacity || (a.key < b.key ? -1 : 1);

/**
 * The volumes that are there and may serve a claim, by the agents that reach them. One that is kept for the claim is the
 * only one that may (k8s.io/component-helpers storage/volume, FindMatchingVolume).
 */
export class Candidates {
  readonly #kept:
    { readonly volume: VolumeFacts; readonly agents: ReadonlySet<number> | undefined } | undefined;
  /** Smallest first. */
  readonly #everywhere: readonly VolumeFacts[];
  /** By agent; smallest first, in groups that are reached by the same agents. */
  readonly #at = new Map<number, (readonly VolumeFacts[])[]>();

  /** @param volumes of the claim's StorageClass */
  constructor(claim: ClaimFacts, volumes: readonly VolumeFacts[], reach: Reach) {
    const suitable = volumes.filter((volume) => suits(volume, claim)).sort(smallestFirst);
    const kept = suitable.find((volume) => isKeptFor(volume, claim));
    this.#kept = kept && { volume: kept, agents: kept.affinity && new Set(reach.of(kept.affinity)) };
    const free = kept ? [] : suitable.filter((volume) => isFree(volume, claim));
    this.#everywhere = free.filter(({ affinity }) => affinity === undefined);
    const groups = Map.groupBy(free, ({ affinity }) => affinity && reach.of(affinity));
    for (const [agents, group] of groups) {
      for (const agent of agents ?? []) {
        const known = this.#at.get(agent);
        if (known) known.push(group);
        else this.#at.set(agent, [group]);
      }
    }
  }

  /** The volume that is kept for the claim; undefined when none is. */
  get kept(): VolumeFacts | undefined {
    return this.#kept?.volume;
  }

  /** The volume that serves the claim on an agent; undefined when there is none. @param taken volumes of other claims */
  find(agent: number, taken: ReadonlySet<string>): VolumeFacts | undefined {
    if (this.#kept) {
      const { volume, agents } = this.#kept;
      return (agents?.has(agent) ?? true) && !taken.has(volume.key) ? volume : undefined;
    }
    const free = (volume: VolumeFacts) => !taken.has(volume.key);
    return [this.#everywhere, ...(this.#at.get(agent) ?? [])]
      .map((group) => group.find(free))
      .filter((volume) => volume !== undefined)
      .sort(smallestFirst)[0];
  }
}

/** Whether nobody has a volume, and it has the labels and modes that the claim asks for. */
const isFree = (volume: VolumeFacts, { selector, accessModes }: ClaimFacts): boolean =>
  volume.claim === undefined &&
  volume.available &&
  // Where a cloud's own disk can be reached its driver knows, and no label of the volume.
  volume.inTree === undefined &&
  (selector === undefined || selects(selector, volume.labels)) &&
  accessModes.every((mode) => volume.accessModes.includes(mode));
