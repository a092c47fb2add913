import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildImage } from '../../../hack/images/index.ts';
import { queryTeeworlds } from '../../../hack/query/teeworlds.ts';
import type { ServerInfo } from '../../../hack/query/server-info.ts';
import { answersWith } from './probe.ts';
import { freeUdpPort, unpackImage, type ImageRoot, type Running } from './root.ts';

let image: ImageRoot;
beforeAll(async () => (image = await unpackImage((await buildImage('teeworlds')).tar)));
afterAll(() => image[Symbol.asyncDispose]());

const ask = (port: number) => queryTeeworlds('127.0.0.1', port, { timeoutMs: 500 });

interface Server {
  readonly server: Running;
  readonly port: number;
  /** Its first answer. */
  readonly said: ServerInfo | undefined;
}

/** Starts the packed server and waits until it answers. */
async function startServer(): Promise<Server> {
  const port = await freeUdpPort();
  const args = [
    `sv_port ${port}`,
    'sv_register 0',
    'sv_map ctf1',
    'sv_gametype ctf',
    'sv_name packed',
    'sv_max_clients 12',
  ];
  const server = image.run({ args });
  const said = await answersWith(() => ask(port), server, 'answer');
  return { server, port, said };
}

it('starts as non-root on a read-only root and says what it is', async () => {
  const { server, said } = await startServer();
  await using _ = server;
  expect(said).toEqual({
    name: 'packed',
    map: 'ctf1',
    gameType: 'CTF',
    version: '0.7.5',
    players: 0,
    maxPlayers: 12,
  });
  const status = await readFile(`/proc/${await server.pid()}/status`, 'utf8');
  expect(status).toMatch(/^Uid:\t65532\t65532/mu);
});

it('ends at once on SIGTERM, which tini passes on', async () => {
  const { server } = await startServer();
  await using _ = server;
  process.kill(await server.pid(), 'SIGTERM');
  expect(await server.status).toBe(143);
});

it('is wedged while stopped, well again after, and dead when killed', async () => {
  const { server, port } = await startServer();
  await using _ = server;
  const tini = await server.pid();
  const game = Number(await readFile(`/proc/${tini}/task/${tini}/children`, 'utf8'));
  process.kill(game, 'SIGSTOP');
  await answersWith(() => ask(port), server, 'timeout');
  process.kill(game, 'SIGCONT');
  await answersWith(() => ask(port), server, 'answer');
  process.kill(game, 'SIGKILL');
  expect(await server.status).toBe(137);
  await answersWith(() => ask(port), server, 'refused');
});
