import type { Socket } from 'node:net';

/**
 * The open connections of a listener, of which there are never more than `most`. A new one is always let in: where
 * there is no room for it, the oldest connection that owes a request is destroyed. So clients that are silent, or
 * that send their request byte by byte, keep nobody out, however many they are.
 */
export class Connections {
  readonly #most: number;
  /** Those that have not sent a whole request since they came or since their last answer; the oldest first. */
  readonly #waiting = new Set<Socket>();
  /** Those whose request is being answered; the oldest first. */
  readonly #answering = new Set<Socket>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes a new connection, at the price of an older one where there are `most` already. */
  add(socket: Socket): void {
    if (this.#waiting.size + this.#answering.size >= this.#most) this.#makeRoom();
    this.#waiting.add(socket);
    socket.once('close', () => {
      this.#waiting.delete(socket);
      this.#answering.delete(socket);
    });
  }

  /** A request of this connection is there. */
  asked(socket: Socket): void {
    if (this.#waiting.delete(socket)) this.#answering.add(socket);
  }

  /** The connection has its answer, and may send another request. */
  answered(socket: Socket): void {
    if (this.#answering.delete(socket)) this.#waiting.add(socket);
  }

  /** Clients that have sent their request go last: they are slow readers of an answer at worst. */
  #makeRoom(): void {
    const [oldest] = this.#waiting.size > 0 ? this.#waiting : this.#answering;
    if (oldest === undefined) return;
    // Its event "close" comes later, and its room is needed now.
    this.#waiting.delete(oldest);
    this.#answering.delete(oldest);
    oldest.destroy();
  }
}
