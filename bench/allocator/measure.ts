/** One figure of a case: what was done, how long it took, in milliseconds. */
export interface Figure {
  readonly what: string;
  readonly ms: number;
  /** The same in processor time of the main thread, which others on the machine bear on less. */
  readonly cpu: number;
}

/** What one run of a case in a process of its own reports. */
export interface Report {
  readonly figures: readonly Figure[];
  /** Counts that must come out as they do, such as offers made. */
  readonly counts: Readonly<Record<string, number>>;
  /** MiB resident at the end. */
  readonly rss: number;
  /** MiB allocated by the measured run, when the process was started to measure that; else 0. */
  readonly allocated: number;
}

/** Gathers the figures of a case. */
export class Recorder {
  readonly #figures: Figure[] = [];
  readonly #counts: Record<string, number> = {};
  #allocated = 0;

  /** Runs and times something. */
  time<T>(what: string, act: () => T): T {
    const start = performance.now();
    const before = process.threadCpuUsage();
    const result = act();
    const ms = performance.now() - start;
    const { user, system } = process.threadCpuUsage(before);
    this.#figures.push({ what, ms, cpu: (user + system) / 1000 });
    return result;
  }

  /** The same, and also how much memory it took from the heap (exact only without a collection in between). */
  timeAllocating<T>(what: string, act: () => T): T {
    const before = process.memoryUsage().heapUsed;
    const result = this.time(what, act);
    this.#allocated = (process.memoryUsage().heapUsed - before) / 2 ** 20;
    return result;
  }

  count(what: string, count: number): void {
    this.#counts[what] = count;
  }

  report(): Report {
    return {
      figures: this.#figures,
      counts: this.#counts,
      rss: process.memoryUsage().rss / 2 ** 20,
      allocated: this.#allocated,
    };
  }
}
