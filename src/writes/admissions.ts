import type { Admission } from '../snapshot/admission.ts';
import type { Admitted } from '../snapshot/admitted.ts';

/** An answer of the API server holds for so long, ms: within it Pods of the class are made without asking again. */
const FRESH_MS = 1000;

const UNKNOWN: Admitted = {
  admission: undefined,
  since: Number.NEGATIVE_INFINITY,
  at: Number.NEGATIVE_INFINITY,
  askedAt: undefined,
  mute: false,
};

/** What the API server made of the last Pod of each class, by what dry runs and creates brought back. */
export class Admissions {
  readonly #classes = new Map<string, Admitted>();

  /** What is known of each class, by admissionKey(). */
  get known(): ReadonlyMap<string, Admitted> {
    return this.#classes;
  }

  /** The API server is about to be asked. @param now ms since the epoch @returns false when it has been, and has not answered */
  ask(key: string, now: number): boolean {
    const known = this.#of(key);
    if (known.askedAt !== undefined) return false;
    this.#classes.set(key, { ...known, askedAt: now });
    return true;
  }

  /** The question came to nothing. */
  unanswered(key: string): void {
    this.#classes.set(key, { ...this.#of(key), askedAt: undefined });
  }

  /** The API server cannot be asked about the class. */
  mute(key: string): void {
    this.#classes.set(key, { ...this.#of(key), askedAt: undefined, mute: true });
  }

  /**
   * The API server has said what it makes of a Pod of the class.
   * @param dryRun it was asked; else the Pod was made
   * @param now ms since the epoch
   * @returns how that differs from what was known: not at all, for the first time, or in what
   */
  learn(key: string, admission: Admission, dryRun: boolean, now: number): Learned {
    const known = this.#of(key);
    const before = known.admission;
    const kept = before && isSame(before, admission) ? before : admission;
    const since = before ? known.since : now;
    const askedAt = dryRun ? undefined : known.askedAt;
    this.#classes.set(key, { ...known, admission: kept, since, at: now, askedAt });
    if (before === undefined) return 'new';
    return before.fingerprint === admission.fingerprint ? 'same' : 'changed';
  }

  /** Whether Pods of the class may be made without asking again. @param now ms since the epoch */
  isFresh(key: string, now: number): boolean {
    const { admission, at } = this.#of(key);
    return admission !== undefined && now - at < FRESH_MS;
  }

  /** Whether the API server can be asked about the class, as far as is known. */
  canAsk(key: string): boolean {
    return !this.#of(key).mute;
  }

  /** Forgets classes that are gone. @param keys of those that are there */
  keep(keys: ReadonlySet<string>): void {
    for (const [key, { askedAt }] of this.#classes)
      if (askedAt === undefined && !keys.has(key)) this.#classes.delete(key);
  }

  /** Forgets everything: another leader decides now. */
  clear(): void {
    this.#classes.clear();
  }

  #of(key: string): Admitted {
    return this.#classes.get(key) ?? UNKNOWN;
  }
}

/** How an answer relates to what was known before. */
export type Learned = 'same' | 'new' | 'changed';

const sameLabels = (a: Admission['labels'], b: Admission['labels']): boolean => {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
};

const isSame = (a: Admission, b: Admission): boolean =>
  a.fingerprint === b.fingerprint && sameLabels(a.labels, b.labels);
