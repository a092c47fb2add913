import { BytesReader } from './bytes-reader.ts';
import { AnswerError, OUT_OF_BAND, playersOf, type Conversation } from './conversation.ts';

/** A2S_INFO, as Valve's developer wiki has it under "Server queries". */
const QUESTION = Buffer.concat([OUT_OF_BAND, Buffer.from('TSource Engine Query\0', 'latin1')]);
const CHALLENGE = 0x41;
const INFO = 0x49;

/** How often a server may ask for another challenge before it is held to play with us. */
const MOST_CHALLENGES = 2;

/** Asks a server of the Source engine. It may want its question repeated with a number that it gives. */
export function a2s(): Conversation {
  let challenges = 0;
  return {
    opening: QUESTION,
    hear(packet) {
      const reader = new BytesReader(packet);
      reader.expect(OUT_OF_BAND);
      const kind = reader.byte();
      if (kind === CHALLENGE) {
        if (++challenges > MOST_CHALLENGES) throw new AnswerError('it asks for challenge after challenge');
        return { send: Buffer.concat([QUESTION, reader.take(4)]) };
      }
      if (kind !== INFO) throw new AnswerError('it is no A2S_INFO: the server speaks another protocol');
      // Version of the protocol; name, map, folder and game; id of the game.
      reader.byte();
      for (let text = 0; text < 4; text++) reader.skipText();
      reader.take(2);
      return { answer: playersOf(reader.byte(), reader.byte()) };
    },
  };
}
