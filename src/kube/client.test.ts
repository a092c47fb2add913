import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KubeClient } from './client.ts';

const TEXT = JSON.stringify({ items: ['ä', 'b'.repeat(100)] });
let server: Server;
let client: KubeClient;
let statuses: number[];
let address: string;

const access = () => ({
  server: `http://${address}`,
  tls: {},
  auth: { kind: 'none' } as const,
  namespace: '',
});

beforeEach(async () => {
  statuses = [];
  server = createServer((request, response) => {
    if (request.url === '/api/v1/endless') {
      const timer = setInterval(() => response.write('x'.repeat(1000)), 1);
      response.on('close', () => clearInterval(timer));
    } else response.end(TEXT);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new KubeClient(access(), { onRequest: ({ status }) => void statuses.push(status) });
});

afterEach(async () => {
  await client.close();
  server.close();
});

test('an answer is measured in bytes', async () => {
  const answer = await client.measured({ method: 'GET', path: '/api/v1/pods', mostBytes: TEXT.length + 1 });
  expect(answer).toEqual({ body: JSON.parse(TEXT), bytes: TEXT.length + 1 });
});

test('of an answer that is longer than it may be the rest is not waited for', async () => {
  await expect(
    client.measured({ method: 'GET', path: '/api/v1/endless', mostBytes: 5000 }),
  ).rejects.toMatchObject({
    code: 'PROFFER_KUBE_TOO_LARGE',
    retryable: false,
    message: expect.stringMatching(/the answer is longer than 5000 bytes$/) as string,
  });
  expect(statuses).toEqual([200]);
});

test('a certificate that a plugin issues anew makes a new connection', async () => {
  let connections = 0;
  server.on('connection', () => connections++);
  const directory = mkdtempSync(join(tmpdir(), 'client-'));
  const issue = (clientCertificateData: string) => {
    const status = {
      clientCertificateData,
      clientKeyData: 'KEY',
      expirationTimestamp: '2026-01-01T00:00:00Z',
    };
    writeFileSync(join(directory, 'issued'), JSON.stringify({ status }));
  };
  const user = { name: '', exec: { command: 'cat', args: [join(directory, 'issued')] } };
  const auth = { kind: 'login', what: 'cat', user } as const;
  const certified = new KubeClient({ ...access(), auth }, { connections: 1 });
  const get = () => certified.request({ method: 'GET', path: '/api/v1/pods' });
  issue('ONE');
  await get();
  await get();
  expect(connections).toBe(1);
  issue('TWO');
  await get();
  expect(connections).toBe(2);
  await certified.close();
  rmSync(directory, { recursive: true });
});

describe('behind a proxy', () => {
  let proxy: Server;
  let asked: string[];
  beforeEach(async () => {
    asked = [];
    proxy = createServer().on('connect', (request, socket, head) => {
      asked.push(`${request.url} ${request.headers['proxy-authorization']}`);
      if (asked.length > 2) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      const [host, port] = request.url!.split(':');
      const there = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        there.write(head);
        there.pipe(socket).pipe(there);
      });
      there.on('error', () => socket.destroy());
      socket.on('error', () => there.destroy());
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
  });
  afterEach(() => void proxy.close());

  test('requests and watches go through tunnels of their own, as long as it opens them', async () => {
    const { port } = proxy.address() as AddressInfo;
    const tunnelled = new KubeClient(
      { ...access(), proxy: `http://me:it%21@127.0.0.1:${port}` },
      { connections: 1 },
    );
    for (let i = 0; i < 2; i++) {
      expect(await tunnelled.request({ method: 'GET', path: '/api/v1/pods' })).toEqual(JSON.parse(TEXT));
    }
    const watch = await tunnelled.watch({ path: '/api/v1/endless' });
    watch.on('error', () => {}).destroy();
    const basic = `Basic ${Buffer.from('me:it!').toString('base64')}`;
    expect(asked).toEqual([`${address} ${basic}`, `${address} ${basic}`]);
    await expect(tunnelled.watch({ path: '/api/v1/endless' })).rejects.toMatchObject({
      kind: 'network',
      retryable: true,
      message: expect.stringContaining('403') as string,
    });
    await tunnelled.close();
  });
});
