import type { Clock } from '../lib/clock.ts';

/** Does something once a while after it was asked for, however often it was asked for meanwhile. */
export class OnceLater {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #act: () => void;
  #due = false;

  /** @param ms from the first time that it is asked for until it acts */
  constructor(clock: Clock, ms: number, act: () => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#act = act;
  }

  /** Asks for it. @param signal when it aborts, the wait is over */
  async ask(signal: AbortSignal): Promise<void> {
    if (this.#due) return;
    this.#due = true;
    await this.#clock.sleep(this.#ms, signal);
    this.#due = false;
    this.#act();
  }
}
