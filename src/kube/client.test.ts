import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KubeClient } from './client.ts';

const TEXT = JSON.stringify({ items: ['ä', 'b'.repeat(100)] });
let server: Server;
let client: KubeClient;
let statuses: number[];

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
  const { port } = server.address() as AddressInfo;
  const auth = { kind: 'none' } as const;
  const access = { server: `http://127.0.0.1:${port}`, tls: {}, auth, namespace: '' };
  client = new KubeClient(access, { onRequest: ({ status }) => void statuses.push(status) });
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
