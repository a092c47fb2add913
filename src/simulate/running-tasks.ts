/** Where a task runs. */
interface Place {
  readonly framework: string;
  readonly agent: string;
}

/** Tasks that run, and when those of workloads end. The engine knows the resources; this knows whose they are. */
export class RunningTasks {
  readonly #running = new Map<string, Place>();
  readonly #counts = new Map<string, number>();
  /** By the batch before which they end. */
  readonly #ends = new Map<number, string[]>();

  start(task: string, place: Place): void {
    this.#running.set(task, place);
    this.#count(place.framework, 1);
  }

  endAt(task: string, batch: number): void {
    const tasks = this.#ends.get(batch);
    if (tasks === undefined) this.#ends.set(batch, [task]);
    else tasks.push(task);
  }

  finish(task: string): void {
    const place = this.#running.get(task);
    if (place === undefined) return;
    this.#running.delete(task);
    this.#count(place.framework, -1);
  }

  /** Forgets the tasks of an agent or framework that is gone. */
  drop(gone: (place: Place) => boolean): void {
    for (const [task, place] of this.#running) if (gone(place)) this.finish(task);
  }

  /** Tasks that end before a batch and still run. Asked once per batch. */
  takeEnding(batch: number): { task: string; framework: string }[] {
    const ending = this.#ends.get(batch) ?? [];
    this.#ends.delete(batch);
    return ending.flatMap((task) => {
      const place = this.#running.get(task);
      return place === undefined ? [] : [{ task, framework: place.framework }];
    });
  }

  /** Running tasks by framework, as they go on changing. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  countOf(framework: string): number {
    return this.#counts.get(framework) ?? 0;
  }

  #count(framework: string, change: number): void {
    this.#counts.set(framework, this.countOf(framework) + change);
  }
}
