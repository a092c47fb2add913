import { bytesOf, type QueryProtocol, type ServerQuery } from '../../api/pool/query.ts';
import { a2s } from './a2s.ts';
import type { Conversation } from './conversation.ts';
import { pattern } from './pattern.ts';
import { quake3 } from './quake3.ts';
import { teeworlds } from './teeworlds.ts';

const plain = ({ send = '', expect = '' }: ServerQuery): Conversation =>
  pattern(bytesOf(send), bytesOf(expect));

const PROTOCOLS: Readonly<Record<QueryProtocol, (query: ServerQuery, nonce: Buffer) => Conversation>> = {
  A2S: a2s,
  Quake3: (_, nonce) => quake3(nonce),
  Teeworlds: (_, nonce) => teeworlds(nonce),
  UDP: plain,
  TCP: plain,
};

/**
 * Asking one server once, by its query.
 * @param nonce four bytes of no meaning, others for each question
 */
export const conversationOf = (query: ServerQuery, nonce: Buffer): Conversation =>
  PROTOCOLS[query.protocol](query, nonce);
