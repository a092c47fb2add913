import { randomInt } from 'node:crypto';
import type { QueryOptions, ServerInfo } from './server-info.ts';
import { infoRequest, readInfo, readTokenReply, tokenRequest } from './teeworlds-packets.ts';
import { converse } from './udp.ts';

/**
 * Asks a Teeworlds 0.7 server for its description: first a token, then the question.
 * @throws QueryError; its code tells a dead server (`refused`) from a wedged one (`timeout`).
 */
export function queryTeeworlds(host: string, port: number, options: QueryOptions = {}): Promise<ServerInfo> {
  return converse(host, port, options.timeoutMs ?? 1000, async (ask) => {
    const ours = randomInt(1, 0xffffffff);
    const theirs = await ask(tokenRequest(ours), (packet) => readTokenReply(packet, ours));
    return ask(infoRequest(theirs, ours), (packet) => readInfo(packet, ours));
  });
}
