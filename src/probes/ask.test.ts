import { afterEach, describe, expect, test } from 'vitest';
import { GameServer } from '../../test/support/game-servers.ts';
import { serverQuery, type QueryProtocol, type ServerQuery } from '../api/pool/query.ts';
import { ask, type Finding } from './ask.ts';

const PATTERNS: Partial<Record<QueryProtocol, object>> = {
  UDP: { send: 'ping\\x21', expect: 'pong ping!' },
  TCP: { send: 'BZFLAG\\r\\n\\r\\n', expect: 'BZFS' },
};
const ALL: readonly QueryProtocol[] = ['A2S', 'Quake3', 'Teeworlds', 'UDP', 'TCP'];
const NONCE = Buffer.from('01020304', 'hex');

const queryBy = (protocol: QueryProtocol): ServerQuery => ({
  ...serverQuery.parse({ protocol, port: 'game', ...PATTERNS[protocol] }),
  timeoutSeconds: 0.3,
});

let servers: GameServer[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
});

async function started(protocol: QueryProtocol): Promise<GameServer> {
  const server = await GameServer.start(protocol);
  servers.push(server);
  return server;
}
const asked = (server: GameServer, protocol: QueryProtocol): Promise<Finding> =>
  ask(server, queryBy(protocol), NONCE);

describe.each(ALL)('a server that is asked by %s', (protocol) => {
  test('answers, and tells of its players where the protocol does', async () => {
    const server = await started(protocol);
    Object.assign(server.crowd, { count: 70, capacity: 128 });
    const answer = protocol === 'UDP' || protocol === 'TCP' ? {} : { players: { count: 70, capacity: 128 } };
    expect(await asked(server, protocol)).toEqual({ kind: 'answered', answer });
  });

  test('refuses when its port is closed', async () => {
    const server = await started(protocol);
    await server.stop();
    expect(await asked(server, protocol)).toEqual({
      kind: 'unanswered',
      how: 'Refused',
      why: 'its port is closed',
    });
  });

  test('is silent when it hangs', async () => {
    const server = await started(protocol);
    server.mood = 'hangs';
    expect(await asked(server, protocol)).toEqual({
      kind: 'unanswered',
      how: 'Silent',
      why: 'no answer within 0.3 s',
    });
    expect(server.heard).toBe(1);
  });

  test('is as good as silent when it says something else', async () => {
    const server = await started(protocol);
    server.mood = 'lies';
    const finding = await asked(server, protocol);
    expect(finding).toMatchObject({ kind: 'unanswered', how: 'Silent' });
    expect(finding.kind === 'unanswered' && finding.why).toMatch(/^its answer is none: it |^no answer /);
  });
});

test('what cannot be asked by a fault of ours says nothing of the server', async () => {
  // An address for all takes no such question: the error is that of the own machine.
  const finding = await ask({ address: '255.255.255.255', port: 9 }, queryBy('A2S'), NONCE);
  expect(finding.kind).toBe('unasked');
});
