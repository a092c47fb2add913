import { BytesReader } from './bytes-reader.ts';
import { AnswerError, OUT_OF_BAND, playersOf, type Conversation } from './conversation.ts';

/** Packets of Teeworlds 0.7: src/engine/shared/network.h of its sources. */
const CONTROL = Buffer.from([0x04, 0x00, 0x00]);
const TOKEN = 0x05;
const CONNLESS = 0x21;
/** What follows a request for a token, so that no answer is larger than its question. */
const PADDING = Buffer.alloc(508);
const QUESTION = Buffer.concat([OUT_OF_BAND, Buffer.from('gie3', 'latin1'), Buffer.from([0x01])]);
const HEAD = Buffer.concat([OUT_OF_BAND, Buffer.from('inf3', 'latin1')]);
/** Version, name, host name, map, and kind of the game. */
const TEXTS = 5;

/**
 * Asks a server of Teeworlds 0.7: first for its token, then for its state.
 * @param nonce our own token, four bytes that every answer repeats
 */
export function teeworlds(nonce: Buffer): Conversation {
  return {
    opening: Buffer.concat([CONTROL, OUT_OF_BAND, Buffer.from([TOKEN]), nonce, PADDING]),
    hear(packet) {
      const reader = new BytesReader(packet);
      if (packet[0] === CONNLESS) {
        reader.take(1);
        if (!reader.take(4).equals(nonce)) return undefined;
        reader.take(4);
        reader.expect(HEAD);
        reader.packed();
        for (let text = 0; text < TEXTS; text++) reader.skipText();
        // Flags, level, and those who play and may play: others watch, and hold a place as well.
        for (let number = 0; number < 4; number++) reader.packed();
        return { answer: playersOf(reader.packed(), reader.packed()) };
      }
      reader.take(3);
      if (!reader.take(4).equals(nonce)) return undefined;
      if (reader.byte() !== TOKEN)
        throw new AnswerError('it gives no token: the server speaks another protocol than Teeworlds 0.7');
      return { send: Buffer.concat([Buffer.from([CONNLESS]), reader.take(4), nonce, QUESTION]) };
    },
  };
}
