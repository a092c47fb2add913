import { randomInt } from 'node:crypto';
import { QueryError } from './errors.ts';
import type { QueryOptions, ServerInfo } from './server-info.ts';
import { converse } from './udp.ts';

const OUT_OF_BAND = '\xff\xff\xff\xff';

/**
 * Asks an OpenArena (Quake 3 protocol) server for its description with `getinfo`.
 * @throws QueryError; its code tells a dead server (`refused`) from a wedged one (`timeout`).
 */
export function queryOpenArena(host: string, port: number, options: QueryOptions = {}): Promise<ServerInfo> {
  const challenge = String(randomInt(1, 0x7fffffff));
  return converse(host, port, options.timeoutMs ?? 1000, (ask) =>
    ask(infoQuestion(challenge), (packet) => readInfoResponse(packet, challenge)),
  );
}

/** The `getinfo` packet; the server repeats the challenge. */
export function infoQuestion(challenge: string): Buffer {
  return Buffer.from(`${OUT_OF_BAND}getinfo ${challenge}\n`, 'latin1');
}

/**
 * The description in an `infoResponse` to our challenge; undefined when the packet is something else.
 * @throws QueryError `malformed` when it lacks the map or the player limit.
 */
export function readInfoResponse(packet: Buffer, challenge: string): ServerInfo | undefined {
  const text = packet.toString('latin1');
  const head = `${OUT_OF_BAND}infoResponse\n\\`;
  if (!text.startsWith(head)) return undefined;
  const fields = new Map<string, string>();
  const parts = text.slice(head.length).trimEnd().split('\\');
  for (let i = 0; i + 1 < parts.length; i += 2) fields.set(parts[i] ?? '', parts[i + 1] ?? '');
  if (fields.get('challenge') !== challenge) return undefined;
  const field = (name: string): string => {
    const value = fields.get(name);
    if (value === undefined) throw new QueryError('malformed', `the server description has no field ${name}`);
    return value;
  };
  return {
    name: field('hostname'),
    map: field('mapname'),
    gameType: field('gametype'),
    version: `protocol ${field('protocol')}`,
    players: Number(field('clients')),
    maxPlayers: Number(field('sv_maxclients')),
  };
}
