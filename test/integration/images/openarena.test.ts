import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildImage } from '../../../hack/images/index.ts';
import { queryOpenArena } from '../../../hack/query/openarena.ts';
import { until } from '../../support/until.ts';
import { answersWith } from './probe.ts';
import { freeUdpPort, unpackImage, type ImageRoot } from './root.ts';

let image: ImageRoot;
beforeAll(async () => (image = await unpackImage((await buildImage('openarena')).tar)));
afterAll(() => image[Symbol.asyncDispose]());

const args = (port: number, map: string): string[] => [
  '+set',
  'net_port',
  `${port}`,
  '+set',
  'sv_hostname',
  'packed',
  '+map',
  map,
];
const ask = (port: number) => queryOpenArena('127.0.0.1', port, { timeoutMs: 500 });

it('says what it is, and shuts down cleanly on SIGTERM', async () => {
  const port = await freeUdpPort();
  await using server = image.run({ args: args(port, 'oa_dm1') });
  const said = await answersWith(() => ask(port), server, 'answer');
  expect(said).toMatchObject({ name: 'packed', map: 'oa_dm1', players: 0, maxPlayers: 8 });
  process.kill(await server.pid(), 'SIGTERM');
  // This engine's own status after a clean shutdown.
  expect(await server.status).toBe(1);
  expect(server.output()).toContain('Server Shutdown');
});

it('is wedged by a map that does not exist: up, and silent', async () => {
  const port = await freeUdpPort();
  await using server = image.run({ args: args(port, 'nosuchmap') });
  await until('the map to be missed', () => server.output().includes("Can't find map maps/nosuchmap.bsp"));
  await answersWith(() => ask(port), server, 'timeout');
});
