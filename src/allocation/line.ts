/** Somebody who waits for a server. */
interface Waiter<T> {
  readonly priority: number;
  readonly serve: () => T | undefined;
  readonly resolve: (served: T | undefined) => void;
}

/** Those who wait for a server, the higher priority first, of equal ones who came first. */
export class Line<T> {
  readonly #waiters: Waiter<T>[] = [];

  /** How many wait. */
  get length(): number {
    return this.#waiters.length;
  }

  /**
   * Waits until `serve` yields something.
   * @param signal ends the wait, with nothing
   */
  wait(priority: number, serve: () => T | undefined, signal: AbortSignal): Promise<T | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const leave = () => {
        const at = this.#waiters.indexOf(waiter);
        if (at >= 0) this.#waiters.splice(at, 1);
        resolve(undefined);
      };
      const waiter: Waiter<T> = {
        priority,
        serve,
        resolve: (served) => {
          signal.removeEventListener('abort', leave);
          resolve(served);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      const behind = this.#waiters.findIndex((other) => other.priority < priority);
      this.#waiters.splice(behind < 0 ? this.#waiters.length : behind, 0, waiter);
    });
  }

  /** Something may be had: serves those who can be served, in their order. */
  serve(): void {
    for (let i = 0; i < this.#waiters.length;) {
      const waiter = this.#waiters[i]!;
      const served = waiter.serve();
      if (served === undefined) i++;
      else {
        this.#waiters.splice(i, 1);
        waiter.resolve(served);
      }
    }
  }

  /** Sends everybody away. */
  close(): void {
    for (const { resolve } of this.#waiters.splice(0)) resolve(undefined);
  }
}
