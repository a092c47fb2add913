import { AnswerError } from './conversation.ts';

/** Reads an answer from its start; what is not there is an AnswerError. */
export class BytesReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The next bytes. @throws AnswerError when there are not so many */
  take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length)
      throw new AnswerError('it ends too soon: the server speaks another protocol');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** The next byte. @throws AnswerError when there is none */
  byte(): number {
    return this.take(1)[0]!;
  }

  /** Goes over what must stand here. @throws AnswerError when something else does */
  expect(bytes: Buffer): void {
    if (!this.take(bytes.length).equals(bytes))
      throw new AnswerError('it is not what the protocol says: the server speaks another one');
  }

  /** Goes over a text that ends with a zero. @throws AnswerError when none does */
  skipText(): void {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw new AnswerError('a text in it has no end: the server speaks another protocol');
    this.#at = end + 1;
  }

  /** A number as Teeworlds packs it: six bits and a sign, then seven bits a byte. @throws AnswerError */
  packed(): number {
    let byte = this.byte();
    const isNegative = (byte & 0x40) !== 0;
    let value = byte & 0x3f;
    for (let shift = 6; (byte & 0x80) !== 0; shift += 7) {
      if (shift > 27) throw new AnswerError('a number in it has no end: the server speaks another protocol');
      byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
    }
    return isNegative ? -value - 1 : value;
  }

  /** All that is left. */
  rest(): Buffer {
    return this.#bytes.subarray(this.#at);
  }
}
