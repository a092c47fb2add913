import { QueryError } from './errors.ts';
import type { ServerInfo } from './server-info.ts';

// The connectionless packets of Teeworlds 0.7. A token is a 4-byte number that proves that the sender gets its mail.

const NO_TOKEN = 0xffffffff;
const CONTROL = 0x04;
const CONTROL_TOKEN = 0x05;
const CONNECTIONLESS = 0x21;
/** The server does not answer a token request shorter than this: it must not be an amplifier for forged senders. */
const TOKEN_PADDING = 508;
const GET_INFO = Buffer.from('\xff\xff\xff\xffgie3', 'latin1');
const INFO = Buffer.from('\xff\xff\xff\xffinf3', 'latin1');

/** Asks the server for its token, telling it ours. */
export function tokenRequest(ours: number): Buffer {
  const packet = Buffer.alloc(12 + TOKEN_PADDING);
  packet.writeUInt8(CONTROL, 0);
  packet.writeUInt32BE(NO_TOKEN, 3);
  packet.writeUInt8(CONTROL_TOKEN, 7);
  packet.writeUInt32BE(ours, 8);
  return packet;
}

/** The server's token from its reply; undefined when the packet is not a reply to us. */
export function readTokenReply(packet: Buffer, ours: number): number | undefined {
  if (packet.length < 12 || packet[7] !== CONTROL_TOKEN || packet.readUInt32BE(3) !== ours) return undefined;
  return packet.readUInt32BE(8);
}

/** Asks for the server's description; 1 is the number that the answer must repeat. */
export function infoRequest(theirs: number, ours: number): Buffer {
  const header = Buffer.alloc(9);
  header.writeUInt8(CONNECTIONLESS, 0);
  header.writeUInt32BE(theirs, 1);
  header.writeUInt32BE(ours, 5);
  return Buffer.concat([header, GET_INFO, Buffer.of(1)]);
}

/**
 * The description in an answer to `infoRequest`; undefined when the packet is something else.
 * @throws QueryError `malformed` when it is such an answer but ends in the middle.
 */
export function readInfo(packet: Buffer, ours: number): ServerInfo | undefined {
  if (packet.length < 17 || packet[0] !== CONNECTIONLESS || packet.readUInt32BE(1) !== ours) return undefined;
  if (!packet.subarray(9, 17).equals(INFO)) return undefined;
  const reader = new Reader(packet.subarray(17));
  reader.int();
  const [version, name, , map, gameType] = [
    reader.text(),
    reader.text(),
    reader.text(),
    reader.text(),
    reader.text(),
  ];
  // Flags, skill, players and their slots; then the same with spectators, which is what fills a server.
  const [, , , , players, maxPlayers] = [
    reader.int(),
    reader.int(),
    reader.int(),
    reader.int(),
    reader.int(),
    reader.int(),
  ];
  return { name, map, gameType, version, players, maxPlayers };
}

/** Reads the two kinds of field that Teeworlds packs: zero-ended strings, and integers of 1 to 5 bytes. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  text(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw new QueryError('malformed', 'the server description ends within a string');
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  /** First byte: more-follows, sign, 6 bits; each further one: more-follows, 7 bits; low bits first. */
  int(): number {
    let byte = this.#byte();
    const negative = (byte & 0x40) !== 0;
    let value = byte & 0x3f;
    for (let shift = 6; (byte & 0x80) !== 0 && shift < 32; shift += 7) {
      byte = this.#byte();
      value |= (byte & 0x7f) << shift;
    }
    return negative ? ~value : value;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new QueryError('malformed', 'the server description ends within a number');
    this.#at += 1;
    return byte;
  }
}
