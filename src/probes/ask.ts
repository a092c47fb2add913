import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import type { ServerQuery, Unanswered } from '../api/pool/query.ts';
import { messageOf } from '../lib/errors.ts';
import type { Answer, Conversation } from './protocols/conversation.ts';
import { conversationOf } from './protocols/index.ts';

/** Where a server is asked. */
export interface Target {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
}

/** What came of asking a server. */
export type Finding =
  | { readonly kind: 'answered'; readonly answer: Answer }
  /** It did not, and how in words. */
  | { readonly kind: 'unanswered'; readonly how: Unanswered; readonly why: string }
  /** It could not be asked, by a fault on our side: that says nothing of it. */
  | { readonly kind: 'unasked'; readonly why: string };

/** Most bytes of an answer by TCP that are read. */
const MOST_BYTES = 4096;

const silent = (why: string): Finding => ({ kind: 'unanswered', how: 'Silent', why });

/** Errors of a socket that come from the other side, or from the way there. All others are ours: no files, no network. */
const THEIRS = new Set<unknown>(['ECONNRESET', 'EPIPE', 'EHOSTUNREACH', 'ETIMEDOUT']);

function failed(error: Error): Finding {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ECONNREFUSED') return { kind: 'unanswered', how: 'Refused', why: 'its port is closed' };
  return THEIRS.has(code) ? silent(messageOf(error)) : { kind: 'unasked', why: messageOf(error) };
}

/** One end of a conversation: what it needs of a socket. */
interface Line {
  say(bytes: Buffer): void;
  close(): void;
}

/**
 * Holds one conversation.
 * @param open opens the line, and says what comes of it
 */
function converse(
  conversation: Conversation,
  timeoutMs: number,
  open: (hear: (said: Buffer) => void, end: (finding: Finding) => void) => Line,
): Promise<Finding> {
  return new Promise((resolve) => {
    let isOver = false;
    const end = (finding: Finding) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      line?.close();
      resolve(finding);
    };
    const hear = (said: Buffer) => {
      if (isOver) return;
      try {
        const reply = conversation.hear(said);
        if (reply && 'answer' in reply) end({ kind: 'answered', answer: reply.answer });
        else if (reply) line?.say(reply.send);
      } catch (error) {
        // Whatever it is: what a stranger sends must not end the operator.
        end(silent(`its answer is none: ${messageOf(error)}`));
      }
    };
    const timer = setTimeout(() => end(silent(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    let line: Line | undefined;
    try {
      line = open(hear, end);
    } catch (error) {
      end({ kind: 'unasked', why: messageOf(error) });
    }
  });
}

/** By UDP. The socket is connected, since the kernel tells only such a one that a port is closed. */
const byUdp = ({ address, port }: Target, conversation: Conversation, timeoutMs: number): Promise<Finding> =>
  converse(conversation, timeoutMs, (hear, end) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const say = (bytes: Buffer) => socket.send(bytes, (error) => error && end(failed(error)));
    socket.on('error', (error) => end(failed(error)));
    socket.on('message', hear);
    socket.on('connect', () => say(conversation.opening));
    socket.connect(port, address);
    return { say, close: () => socket.close() };
  });

/** By TCP. What came so far is looked at whole. */
const byTcp = ({ address, port }: Target, conversation: Conversation, timeoutMs: number): Promise<Finding> =>
  converse(conversation, timeoutMs, (hear, end) => {
    const socket = connect({ host: address, port });
    let said = Buffer.alloc(0);
    socket.on('connect', () => conversation.opening.length > 0 && socket.write(conversation.opening));
    socket.on('error', (error) => end(failed(error)));
    socket.on('data', (bytes) => {
      said = Buffer.concat([said, bytes]);
      hear(said);
      if (said.length > MOST_BYTES) end(silent('its answer is too long'));
    });
    socket.on('end', () => end(silent('it closed the connection without an answer')));
    return { say: (bytes) => socket.write(bytes), close: () => socket.destroy() };
  });

/** Asks a server once, and ends within the time of its query. Never rejects. @param nonce four bytes, others each time */
export const ask = (target: Target, query: ServerQuery, nonce: Buffer): Promise<Finding> =>
  (query.protocol === 'TCP' ? byTcp : byUdp)(
    target,
    conversationOf(query, nonce),
    query.timeoutSeconds * 1000,
  );
