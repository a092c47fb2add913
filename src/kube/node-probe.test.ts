import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { kubeletAnswers } from './node-probe.ts';

test('a port that takes connections answers; once it is closed it does not', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await kubeletAnswers('127.0.0.1', port)).toBe(true);
  server.close();
  await once(server, 'close');
  expect(await kubeletAnswers('127.0.0.1', port)).toBe(false);
});

test('an address that cannot be reached says no', async () => {
  expect(await kubeletAnswers('not-an-address.invalid', 1, 200)).toBe(false);
});
