import { isKubeError } from '../kube/errors.ts';
import { Backoff, type BackoffOptions } from '../lib/backoff.ts';
import { messageOf } from '../lib/errors.ts';
import type { LoopMeans } from './loop.ts';

/** Waits between two tries for one key. */
const BACKOFF: BackoffOptions = { initialMs: 500, maxMs: 60_000 };
/** Longest time until it is noticed that work may be done again, ms. */
const POLL_MS = 500;
/** Most keys that are worked on at a time, so that one that takes long holds up no other. */
const MOST = 4;

/** What a queue works with. Nothing is worked on while `mayDecide` is false; the keys are kept. */
export interface WorkQueueOptions extends Omit<LoopMeans, 'client' | 'mayWrite'> {
  /** What is written, in a word, for the log. */
  readonly what: string;
  /** Brings what a key names to where it should be. When it throws, the key is tried again. */
  readonly work: (key: string) => Promise<void>;
}

/** Keys of workloads that are to be looked at: each by one worker at a time, and again after a while where that failed. */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #due = new Set<string>();
  readonly #busy = new Set<string>();
  readonly #failures = new Map<string, Backoff>();
  #wake = new AbortController();

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Has a key looked at soon, however often it is added until then. */
  add(key: string): void {
    this.#due.add(key);
    this.#wake.abort();
  }

  /** Works until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, mayDecide } = this.#options;
    signal.addEventListener('abort', () => this.#wake.abort(), { once: true });
    while (!signal.aborted) {
      if (mayDecide()) this.#start(signal);
      this.#wake = new AbortController();
      await clock.sleep(POLL_MS, this.#wake.signal);
    }
  }

  #start(signal: AbortSignal): void {
    for (const key of this.#due) {
      if (this.#busy.size >= MOST) return;
      if (this.#busy.has(key)) continue;
      this.#due.delete(key);
      void this.#work(key, signal);
    }
  }

  async #work(key: string, signal: AbortSignal): Promise<void> {
    const { clock, random, log, what, work } = this.#options;
    this.#busy.add(key);
    try {
      await work(key);
      this.#failures.delete(key);
    } catch (error) {
      const backoff = this.#failures.get(key) ?? new Backoff(BACKOFF, random);
      this.#failures.set(key, backoff);
      if (!isKubeError(error, 'fenced'))
        log.warn({ workload: key, error: messageOf(error) }, `${what} not written`);
      void clock.sleep(backoff.next(), signal).then(() => this.add(key));
    } finally {
      this.#busy.delete(key);
      this.#wake.abort();
    }
  }
}
