import { REASON } from '../api/conditions.ts';
import { boundedText } from '../lib/bounded-text.ts';
import { messageOf } from '../lib/errors.ts';
import { atOnce, type Steps } from '../lib/steps.ts';
import type { Hold } from '../snapshot/hold.ts';

/** How long a framework is left out before it is tried again, ms; twice as long after each further failure. */
const FIRST_MS = 60_000;
const LONGEST_MS = 3_600_000;
/** So many culprits in one namespace, and all of the namespace is left out: the search for each takes several cycles. */
const MOST_CULPRITS = 4;

/** A framework, as far as the search for a culprit knows it. */
export interface Suspect {
  readonly id: string;
  readonly namespace: string;
}

interface Entry {
  readonly namespace: string;
  readonly why: string;
  readonly until: number;
  readonly count: number;
}

/** Runs a cycle in which some frameworks, by id, are left out. It must be pure. @throws whatever is wrong */
export type Attempt<T> = (leftOut: ReadonlyMap<string, Hold>) => Steps<T>;

/**
 * Keeps a fault of ours that one object brings out from stopping everybody else. A cycle is pure, so that it can be run
 * again without some of the frameworks: who it fails with, and not without, is left out until its spec changes or a
 * while has passed.
 */
export class Quarantine {
  readonly #entries = new Map<string, Entry>();
  readonly #told: (suspect: Suspect, error: unknown) => void;

  /** @param told called once for each framework that is left out */
  constructor(told: (suspect: Suspect, error: unknown) => void) {
    this.#told = told;
  }

  /** Frameworks that are left out now, by id. @param now ms since the epoch */
  holds(now: number): Map<string, Hold> {
    const holds = new Map<string, Hold>();
    for (const [id, { why, until }] of this.#entries) {
      if (until > now) holds.set(id, holdFor(why));
      else if (until + LONGEST_MS <= now) this.#entries.delete(id);
    }
    return holds;
  }

  /** Its spec changed, or it is gone: it is tried anew. */
  cleared(id: string): void {
    this.#entries.delete(id);
  }

  /**
   * Runs a cycle; when it fails, without those who make it fail.
   * @param suspects all frameworks that there are
   * @param now ms since the epoch
   * @throws what the cycle throws without any framework: nobody is to blame for it
   */
  *run<T>(attempt: Attempt<T>, suspects: () => readonly Suspect[], now: number): Steps<T> {
    const leftOut = this.holds(now);
    for (;;) {
      try {
        return yield* attempt(leftOut);
      } catch (error) {
        const open = suspects().filter(({ id }) => !leftOut.has(id));
        const culprit = culpritOf(attempt, leftOut, open, error);
        const all = this.#enter(culprit, open, error, now);
        for (const { id } of all) leftOut.set(id, holdFor(messageOf(error)));
      }
    }
  }

  /** @returns who is left out from now on: the culprit, or all of its namespace */
  #enter(culprit: Suspect, open: readonly Suspect[], error: unknown, now: number): readonly Suspect[] {
    const theirs = open.filter(({ namespace }) => namespace === culprit.namespace);
    const before = [...this.#entries.values()].filter(
      ({ namespace }) => namespace === culprit.namespace,
    ).length;
    const all = before < MOST_CULPRITS ? [culprit] : theirs;
    for (const suspect of all) {
      const count = (this.#entries.get(suspect.id)?.count ?? 0) + 1;
      const until = now + Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(count - 1, 16));
      this.#entries.set(suspect.id, { namespace: suspect.namespace, why: messageOf(error), until, count });
      this.#told(suspect, error);
    }
    return all;
  }
}

const holdFor = (why: string): Hold => ({
  reason: REASON.quarantined,
  message: boundedText(
    `left as it is, since working on it fails by a fault of Proffer, please report it: ${why}`,
  ),
  freezes: true,
});

/**
 * Finds one framework that a cycle fails with and not without, by halves: of those that are taken in one after the other,
 * the first with which it fails.
 * @throws the error when the cycle fails without any of them as well
 */
function culpritOf<T>(
  attempt: Attempt<T>,
  leftOut: ReadonlyMap<string, Hold>,
  suspects: readonly Suspect[],
  error: unknown,
): Suspect {
  const failsWith = (taken: number): boolean => {
    const without = new Map(leftOut);
    for (const { id } of suspects.slice(taken)) without.set(id, holdFor(''));
    try {
      atOnce(attempt(without));
      return false;
    } catch {
      return true;
    }
  };
  if (failsWith(0)) throw error;
  let good = 0;
  let bad = suspects.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (failsWith(middle)) bad = middle;
    else good = middle;
  }
  return suspects[bad - 1]!;
}
