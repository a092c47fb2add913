/** Milliseconds on the one monotonic clock that all threads of a process share (`performance.now` starts anew in each). */
export const processMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

const deadline = 0;
const beat = 1;

/**
 * Memory that the lease thread and the main thread share. The lease thread writes until when the lease is ours;
 * the main thread reads it without waiting for a message, so that leadership ends on time even when both are
 * busy. The other way round, the main thread shows that its event loop still turns.
 */
export class LeaseFence {
  /** The memory itself, to hand to the other thread. */
  readonly buffer: SharedArrayBuffer;
  readonly #cells: BigInt64Array;
  readonly #now: () => number;

  /** Wraps the other thread's memory, or makes it. `now` is `processMs` outside of tests. */
  constructor(buffer?: SharedArrayBuffer, now: () => number = processMs) {
    this.buffer = buffer ?? new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT);
    this.#cells = new BigInt64Array(this.buffer);
    this.#now = now;
    if (buffer === undefined) this.beat();
  }

  /** The lease is ours until that moment of `processMs`. */
  extend(untilMs: number): void {
    Atomics.store(this.#cells, deadline, BigInt(Math.floor(untilMs * 1000)));
  }

  /** The lease is not ours (any more). */
  revoke(): void {
    Atomics.store(this.#cells, deadline, 0n);
  }

  /** Whether the lease is ours now. */
  holds(): boolean {
    return BigInt(Math.ceil(this.#now() * 1000)) < Atomics.load(this.#cells, deadline);
  }

  /** The main thread's event loop turns. */
  beat(): void {
    Atomics.store(this.#cells, beat, BigInt(Math.floor(this.#now() * 1000)));
  }

  /** For how long the main thread's event loop has not turned, milliseconds. */
  silenceMs(): number {
    return this.#now() - Number(Atomics.load(this.#cells, beat)) / 1000;
  }
}
