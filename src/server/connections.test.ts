import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Connections } from './connections.ts';

const aSocket = (): Socket => new Duplex({ read: () => undefined }) as Socket;
/** Connections with room for three, and the sockets that came to them in order. */
function three(): { connections: Connections; sockets: Socket[] } {
  const connections = new Connections(3);
  const sockets = [aSocket(), aSocket(), aSocket()];
  for (const socket of sockets) connections.add(socket);
  return { connections, sockets };
}
const gone = (sockets: readonly Socket[]): number[] =>
  [...sockets.keys()].filter((i) => sockets[i]!.destroyed);

test('a new one takes the place of the oldest that has not asked', () => {
  const { connections, sockets } = three();
  expect(gone(sockets)).toEqual([]);
  connections.asked(sockets[0]!);
  connections.add(aSocket());
  expect(gone(sockets)).toEqual([1]);
  connections.add(aSocket());
  expect(gone(sockets)).toEqual([1, 2]);
});

test('one that has its answer waits anew, behind those that came before its answer', () => {
  const { connections, sockets } = three();
  connections.asked(sockets[0]!);
  connections.answered(sockets[0]!);
  connections.add(aSocket());
  connections.add(aSocket());
  expect(gone(sockets)).toEqual([1, 2]);
  connections.add(aSocket());
  expect(gone(sockets)).toEqual([0, 1, 2]);
});

test('when all are being answered the oldest goes', () => {
  const { connections, sockets } = three();
  for (const socket of sockets) connections.asked(socket);
  connections.add(aSocket());
  expect(gone(sockets)).toEqual([0]);
});

test('one that closed leaves its place', async () => {
  const { connections, sockets } = three();
  const closed = new Promise((resolve) => sockets[2]!.once('close', resolve));
  sockets[2]!.destroy();
  await closed;
  connections.add(aSocket());
  expect(gone(sockets)).toEqual([2]);
});
