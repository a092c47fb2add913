import type { PodFacts } from '../snapshot/task.ts';

/** The Pods that somebody asks for all at once, in no order. */
export class Roster {
  readonly #belongs: (pod: PodFacts) => boolean;
  readonly #byKey = new Map<string, PodFacts>();
  #pods: readonly PodFacts[] | undefined;

  /** @param belongs whether a Pod is one of them */
  constructor(belongs: (pod: PodFacts) => boolean) {
    this.#belongs = belongs;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** All of them; never changed afterwards. */
  get pods(): readonly PodFacts[] {
    return (this.#pods ??= [...this.#byKey.values()]);
  }

  /** A Pod is new or has changed. */
  put(pod: PodFacts): void {
    if (!this.#belongs(pod)) return this.delete(pod.key);
    this.#byKey.set(pod.key, pod);
    this.#pods = undefined;
  }

  /** A Pod is gone. */
  delete(key: string): void {
    if (this.#byKey.delete(key)) this.#pods = undefined;
  }
}
