const newline = 0x0a;

/**
 * Queue of received bytes that hands out complete lines. Chunks are kept as they came; a byte is looked at once
 * and copied at most once (when its line spans chunks).
 */
export class LineSplitter {
  readonly #chunks: Buffer[] = [];
  /** Index of the first chunk not used up; the array is cut when it is worth it. */
  #head = 0;
  /** Where the next line starts in the first chunk. */
  #offset = 0;
  /** How many chunks from the head are known to hold no newline. */
  #searched = 0;
  #pendingBytes = 0;

  /** Bytes received and not handed out. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Appends what the socket gave. The buffer must not be changed afterwards. */
  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#pendingBytes += chunk.length;
  }

  /** The next complete line as text, without its newline; undefined when there is none yet. Empty lines are skipped. */
  next(): string | undefined {
    for (;;) {
      const at = this.#head + this.#searched;
      const chunk = this.#chunks[at];
      if (chunk === undefined) return undefined;
      const from = this.#searched === 0 ? this.#offset : 0;
      const end = chunk.indexOf(newline, from);
      if (end === -1) {
        this.#searched += 1;
        continue;
      }
      const line = this.#take(chunk, from, end);
      if (line !== '') return line;
    }
  }

  /** The line that ends at `end` of the chunk last searched; earlier chunks hold its beginning. */
  #take(chunk: Buffer, from: number, end: number): string {
    let line: string;
    if (this.#searched === 0) {
      line = chunk.toString('utf8', from, end);
    } else {
      const parts = this.#chunks.slice(this.#head, this.#head + this.#searched);
      const first = parts[0];
      if (first !== undefined) parts[0] = first.subarray(this.#offset);
      parts.push(chunk.subarray(0, end));
      // Joined as bytes first: a character may span chunks.
      const bytes = Buffer.concat(parts);
      this.#pendingBytes -= bytes.length - end;
      line = bytes.toString('utf8');
    }
    this.#pendingBytes -= end + 1 - from;
    this.#head += this.#searched;
    this.#searched = 0;
    this.#offset = end + 1;
    if (this.#offset === chunk.length) this.#dropHead();
    return line;
  }

  #dropHead(): void {
    this.#head += 1;
    this.#offset = 0;
    if (this.#head < 64 && this.#head < this.#chunks.length) return;
    this.#chunks.splice(0, this.#head);
    this.#head = 0;
  }
}
