import type { Io } from './io.ts';

/** Times between two looks at the progress, ms. */
const EVERY_MS = 200;

/** Shows how far a work is, if somebody watches, and not more often than one can read. */
export class Progress {
  readonly #write: Io['progress'];
  #next = performance.now() + EVERY_MS;
  #shown = false;

  constructor({ progress }: Io) {
    this.#write = progress;
  }

  /** @param line makes the text when it is time to show it */
  show(line: () => string): void {
    if (this.#write === undefined || performance.now() < this.#next) return;
    this.#next = performance.now() + EVERY_MS;
    this.#shown = true;
    this.#write(line());
  }

  /** Makes room for other output. */
  clear(): void {
    if (this.#shown) this.#write?.('');
    this.#shown = false;
  }
}
