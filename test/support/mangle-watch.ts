import { statusBody, type WatchFault } from './faults.ts';

/** Where a mangled watch goes. */
export interface WatchSink {
  write(bytes: string): void;
  /** A normal end of the answer. */
  end(): void;
  /** A broken connection. */
  reset(): void;
}

/** Passes the lines of a watch on until the fault strikes, and then carries the fault out. */
export class WatchMangler {
  readonly #fault: WatchFault;
  readonly #sink: WatchSink;
  #rest = '';
  #lines = 0;
  #state: 'before' | 'corrupted' | 'over' = 'before';

  constructor(fault: WatchFault, sink: WatchSink) {
    this.#fault = fault;
    this.#sink = sink;
  }

  /** Takes in what the API server sent. */
  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  /** The API server ended the watch. A stalled connection stays open even then. */
  end(): void {
    if (this.#state !== 'over') this.#sink.end();
  }

  #line(line: string): void {
    switch (this.#state) {
      case 'over':
        return;
      case 'corrupted':
        return this.#sink.write(`${line}\n`);
      case 'before':
        if (this.#lines >= this.#fault.afterEvents) return this.#strike(line);
        this.#lines += 1;
        return this.#sink.write(`${line}\n`);
    }
  }

  #strike(line: string): void {
    const half = line.slice(0, Math.floor(line.length / 2));
    this.#state = this.#fault.kind === 'corruptWatch' ? 'corrupted' : 'over';
    switch (this.#fault.kind) {
      case 'endWatch':
        return this.#sink.end();
      case 'resetWatch':
        return this.#sink.reset();
      case 'truncateWatch':
        this.#sink.write(half);
        return this.#sink.end();
      case 'corruptWatch':
        return this.#sink.write(`${half}\n`);
      case 'failWatch': {
        const { status, reason } = this.#fault;
        this.#sink.write(
          `${JSON.stringify({ type: 'ERROR', object: statusBody(status, reason, 'injected') })}\n`,
        );
        return this.#sink.end();
      }
      case 'stallWatch':
        return;
    }
  }
}
