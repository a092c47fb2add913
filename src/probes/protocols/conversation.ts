import { ProfferError } from '../../lib/errors.ts';

/** An answer that is none of the protocol. */
export class AnswerError extends ProfferError {
  readonly code = 'PROFFER_ANSWER';
}

/** What an answer tells of a server, as far as its protocol does. */
export interface Answer {
  /** Who holds a place on it, and how many places there are. */
  readonly players?: { readonly count: number; readonly capacity: number };
}

/** What a packet of a server leads to. */
export type Reply =
  /** It is to be answered. */
  | { readonly send: Buffer }
  /** It is the answer. */
  | { readonly answer: Answer };

/** Asking one server once. */
export interface Conversation {
  /** What is sent first; empty when the server speaks first. */
  readonly opening: Buffer;
  /**
   * Hears what the server says: a packet of UDP, or all that came by TCP so far.
   * @returns undefined when there is more to wait for
   * @throws AnswerError when it is no answer
   */
  hear(said: Buffer): Reply | undefined;
}

/** Four bytes that start every packet of the protocols that descend from Quake: it belongs to no connection. */
export const OUT_OF_BAND = Buffer.from([0xff, 0xff, 0xff, 0xff]);

/** Most players, and places for them, that are believed. */
const MOST_PLAYERS = 1_000_000;

/**
 * The players that an answer tells of.
 * @throws AnswerError for numbers that cannot be
 */
export function playersOf(count: number, capacity: number): Answer {
  for (const number of [count, capacity])
    if (!Number.isSafeInteger(number) || number < 0 || number > MOST_PLAYERS)
      throw new AnswerError(`it tells of ${number} players or places: the server is at fault`);
  return { players: { count, capacity } };
}
