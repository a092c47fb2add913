/** When cycles have failed for so long, the process is better restarted, ms. */
const AILING_MS = 30_000;

/** Cycles that fail one after the other, whoever is left out of them. All times are monotonic, ms. */
export class FailingCycles {
  #since: number | undefined;

  /** A cycle failed. @returns true for the first in a row: the others say nothing new */
  failed(now: number): boolean {
    const isFirst = this.#since === undefined;
    this.#since ??= now;
    return isFirst;
  }

  passed(): void {
    this.#since = undefined;
  }

  /** Why this process does not do its work; undefined while it does. */
  trouble(now: number): string | undefined {
    if (this.#since === undefined || now - this.#since < AILING_MS) return undefined;
    return 'placement cycles keep failing, see the log';
  }
}
