import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KubeClient } from './client.ts';

let server: Server;
let client: KubeClient;
/** Requests that arrived and wait for their answer, oldest first. */
let arrived: { url: string; response: ServerResponse }[];
let measured: number[];
let connections: number;

beforeEach(async () => {
  arrived = [];
  measured = [];
  connections = 0;
  server = createServer((request, response) => {
    arrived.push({ url: request.url ?? '', response });
    server.emit('arrived');
  });
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const access = {
    server: `http://127.0.0.1:${port}`,
    tls: {},
    auth: { kind: 'none' },
    namespace: '',
  } as const;
  const onRequest = ({ status }: { status: number }) => void measured.push(status);
  client = new KubeClient(access, { connections: 1, onRequest });
});

afterEach(async () => {
  await client.close();
  server.close();
});

const write = (name: string, mayGo: () => boolean) =>
  client.request({
    method: 'POST',
    path: '/api/v1/namespaces/a/pods',
    query: { name },
    body: { name },
    mayGo,
  });
const urls = () => arrived.map(({ url }) => url.split('name=')[1]);

test('a write that waited for its connection is held back when the lease is lost meanwhile', async () => {
  let leading = true;
  let asked = 0;
  const mayGo = () => {
    asked++;
    return leading;
  };
  const first = write('first', mayGo);
  await once(server, 'arrived');
  const second = write('second', mayGo);
  const third = write('third', () => true);
  const refused = expect(second).rejects.toMatchObject({
    code: 'PROFFER_KUBE_FENCED',
    retryable: false,
    mayHaveApplied: false,
    message: expect.stringMatching(
      /^create pods .*: not sent, this replica does not lead any more$/,
    ) as string,
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked, 'the second waits for the one connection').toBe(1);
  leading = false;
  arrived[0]!.response.end('{}');
  await first;
  await refused;
  if (arrived.length < 2) await once(server, 'arrived');
  arrived[1]!.response.end('{}');
  await third;
  expect(urls()).toEqual(['first', 'third']);
  expect(connections, 'the connection stays good').toBe(1);
  expect(measured, 'what was not sent is no request').toEqual([200, 200]);
});

test('a write whose connection is opened while the lease is lost is held back', async () => {
  let asked = 0;
  await expect(write('late', () => asked++ > 0)).rejects.toMatchObject({ kind: 'fenced' });
  expect(connections).toBe(1);
  expect(urls()).toEqual([]);
});
