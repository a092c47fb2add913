import { BytesReader } from './bytes-reader.ts';
import { OUT_OF_BAND, playersOf, AnswerError, type Conversation } from './conversation.ts';

const HEAD = Buffer.concat([OUT_OF_BAND, Buffer.from('statusResponse\n', 'latin1')]);

/** The value of a key in `\key\value\key\value`; undefined when it is not there. */
function valueOf(info: string, key: string): string | undefined {
  const parts = info.split('\\');
  for (let i = 1; i + 1 < parts.length; i += 2) if (parts[i]!.toLowerCase() === key) return parts[i + 1];
  return undefined;
}

/**
 * Asks a server of the family of Quake 3 by `getstatus`. It answers with its settings, then a line for each player.
 * @param nonce that it repeats, so that no answer to an earlier question is taken for this one's
 */
export function quake3(nonce: Buffer): Conversation {
  const challenge = nonce.toString('hex');
  return {
    opening: Buffer.concat([OUT_OF_BAND, Buffer.from(`getstatus ${challenge}\n`, 'latin1')]),
    hear(packet) {
      const reader = new BytesReader(packet);
      reader.expect(HEAD);
      const [info = '', ...players] = reader.rest().toString('latin1').split('\n');
      // Some engines leave it out.
      if ((valueOf(info, 'challenge') ?? challenge) !== challenge) return undefined;
      const places = valueOf(info, 'sv_maxclients') ?? '';
      if (!/^\d{1,6}$/.test(places))
        throw new AnswerError('it has no sv_maxclients: the server speaks another protocol');
      return { answer: playersOf(players.filter((line) => line.trim() !== '').length, Number(places)) };
    },
  };
}
