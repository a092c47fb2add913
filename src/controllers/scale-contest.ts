import { compareVersions } from '../lib/resource-version.ts';

/** Whoever sets the number of servers this often in this time, ms, does it again and again. */
const OFTEN = 3;
const WITHIN_MS = 600_000;

/** Notices that somebody else sets the number of servers that the autoscaler sets. */
export class ScaleContest {
  /** The number as we know it: our own last write, or what was seen then. */
  #known: number | undefined;
  /** What we sent last; the answer may be lost. */
  #sent: number | undefined;
  /** Resource version of our last write. */
  #version = '';
  /** When others set it, ms since the epoch. */
  #others: readonly number[] = [];

  /**
   * The store shows a number.
   * @param version resource version of the object
   * @returns false while it is older than our last write
   */
  seen(replicas: number, version: string, now: number): boolean {
    if (compareVersions(version, this.#version) < 0) return false;
    // What was there before our first write is nobody's change.
    const isOthers = this.#version !== '' && replicas !== this.#known && replicas !== this.#sent;
    this.#others = this.#others.filter((at) => now - at < WITHIN_MS && at <= now);
    if (isOthers) this.#others = [...this.#others, now].slice(-OFTEN);
    this.#known = replicas;
    return true;
  }

  /** We are about to set it. */
  sends(replicas: number): void {
    this.#sent = replicas;
  }

  /** We set it. @param version of the object after that */
  wrote(replicas: number, version: string): void {
    this.#known = replicas;
    this.#version = version;
  }

  /** Somebody else sets it again and again. */
  get goesOn(): boolean {
    return this.#others.length === OFTEN;
  }

  /** When it is over unless somebody sets it again, ms since the epoch; Infinity when there is none. */
  get endsAt(): number {
    return this.goesOn ? this.#others[0]! + WITHIN_MS : Infinity;
  }
}
