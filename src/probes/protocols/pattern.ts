import { AnswerError, type Conversation } from './conversation.ts';

/**
 * Sends bytes and looks how the answer begins.
 * @param send may be empty
 * @param expect any answer will do when empty
 */
export function pattern(send: Uint8Array, expect: Uint8Array): Conversation {
  return {
    opening: Buffer.from(send),
    hear(said) {
      const known = Math.min(said.length, expect.length);
      if (!said.subarray(0, known).equals(expect.subarray(0, known)))
        throw new AnswerError('it does not begin as health.query.expect says');
      return said.length < expect.length ? undefined : { answer: {} };
    },
  };
}
