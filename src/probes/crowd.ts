import { massSilence } from '../recovery/heartbeat.ts';

/** Where a server belongs to: its node, its pool. */
export interface Places {
  readonly node: string;
  /** UID of its workload. */
  readonly owner: string;
}

interface Tally {
  /** Servers that answered lately, and those of them that do not now. */
  all: number;
  missing: number;
}

/**
 * Counts how many servers of a node, of a pool and of all have ceased to answer. Where most of them do so at once it is
 * more likely the way to them that is closed, or the operator that is cut off.
 */
export class Crowd {
  readonly #tallies = new Map<string, Tally>();

  /** A server that answered is counted from now on, or not any more. @param missing it does not answer now */
  count(places: Places, missing: boolean, by: 1 | -1): void {
    for (const key of keysOf(places)) {
      const tally = this.#tallies.get(key) ?? { all: 0, missing: 0 };
      tally.all += by;
      if (missing) tally.missing += by;
      if (tally.all > 0) this.#tallies.set(key, tally);
      else this.#tallies.delete(key);
    }
  }

  /** Which of the places of a server most servers do not answer from; undefined when none is. */
  silentPlace(places: Places): string | undefined {
    return keysOf(places).find((place) => this.isSilent(place));
  }

  /** Whether most servers do not answer from a place. */
  isSilent(place: string): boolean {
    const { missing, all } = this.#tallies.get(place) ?? { missing: 0, all: 0 };
    return massSilence(missing, all);
  }
}

/** Names of the places. */
const keysOf = ({ node, owner }: Places): string[] => ['cluster', `pool ${owner}`, `node ${node}`];
