import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { a2s } from './a2s.ts';
import { AnswerError, type Conversation } from './conversation.ts';
import { pattern } from './pattern.ts';
import { quake3 } from './quake3.ts';
import { teeworlds } from './teeworlds.ts';

const NONCE = Buffer.from('a1a2a3a4', 'hex');

/** A good answer of each protocol, as bytes that were seen or that its documentation gives. */
const KNOWN: readonly (readonly [name: string, open: () => Conversation, answer: Buffer])[] = [
  ['A2S', a2s, Buffer.from('ffffffff491161006200630064002c010510006477', 'hex')],
  [
    'Quake3',
    () => quake3(NONCE),
    Buffer.from(
      '\xff\xff\xff\xffstatusResponse\n\\sv_maxclients\\8\\challenge\\a1a2a3a4\n5 48 "a"\n',
      'latin1',
    ),
  ],
  [
    'Teeworlds',
    () => teeworlds(NONCE),
    Buffer.from('21a1a2a3a401020304ffffffff696e663301302e372e3500776c0000646d3100444d00000100080010', 'hex'),
  ],
  ['pattern', () => pattern(Buffer.from('x'), Buffer.from('BZFS')), Buffer.from('BZFS0221')],
];

/** Hears a packet; the only error that may come of it is the coded one. */
function heard(conversation: Conversation, packet: Buffer): unknown {
  try {
    return conversation.hear(packet);
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error;
    expect(error.code).toBe('PROFFER_ANSWER');
    return error;
  }
}

describe.each(KNOWN)('an answer of %s', (_, open, answer) => {
  test('is read', () => {
    expect(open().hear(answer)).toHaveProperty('answer');
  });

  test('that is cut short is none, and that goes on is one still', () => {
    for (let length = 0; length < answer.length; length++)
      expect(() => heard(open(), answer.subarray(0, length))).not.toThrow();
    expect(open().hear(Buffer.concat([answer, Buffer.alloc(100, 10)]))).toHaveProperty('answer');
  });

  test('of any bytes throws nothing but an AnswerError', () => {
    const bytes = fc.uint8Array({ maxLength: 2000 }).map((all) => Buffer.from(all));
    fc.assert(fc.property(bytes, (packet) => void heard(open(), packet)));
    const changed = fc.tuple(fc.nat(answer.length - 1), fc.integer({ min: 0, max: 255 }), bytes);
    fc.assert(
      fc.property(changed, ([at, byte, more]) => {
        const packet = Buffer.concat([answer, more]);
        packet[at] = byte;
        heard(open(), packet);
      }),
    );
  });

  test('of the largest packet that there can be is read in no time', () => {
    const start = performance.now();
    for (const byte of [0, 0x0a, 0x5c, 0xff]) {
      heard(open(), Buffer.concat([answer, Buffer.alloc(65_000, byte)]));
      heard(open(), Buffer.concat([answer.subarray(0, 20), Buffer.alloc(65_000, byte)]));
    }
    expect(performance.now() - start).toBeLessThan(500);
  });
});

test('answers to other questions are not taken for this one', () => {
  const other = Buffer.from('b1b2b3b4', 'hex');
  expect(quake3(other).hear(KNOWN[1]![2])).toBeUndefined();
  expect(teeworlds(other).hear(KNOWN[2]![2])).toBeUndefined();
});

test('a server that asks for challenge after challenge is heard twice', () => {
  const conversation = a2s();
  const challenge = Buffer.from('ffffffff4101020304', 'hex');
  expect(conversation.hear(challenge)).toEqual({
    send: Buffer.concat([conversation.opening, Buffer.from('01020304', 'hex')]),
  });
  expect(conversation.hear(challenge)).toHaveProperty('send');
  expect(() => conversation.hear(challenge)).toThrow(AnswerError);
});
