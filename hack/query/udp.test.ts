import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { QueryError } from './errors.ts';
import { converse } from './udp.ts';

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

/** A UDP server on a free port of loopback. */
async function listen(hear: (socket: Socket, packet: Buffer, from: RemoteInfo) => void): Promise<number> {
  const socket = createSocket('udp4');
  socket.on('message', (packet, from) => hear(socket, packet, from));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  open.push(socket);
  return socket.address().port;
}

const HELLO = Buffer.from('hello');
const anything = (answer: Buffer): string => answer.toString();

it('asks several questions over one socket', async () => {
  const port = await listen((socket, packet, from) => socket.send(`re: ${packet.toString()}`, from.port));
  const answers = await converse('localhost', port, 5000, async (ask) => [
    await ask(HELLO, anything),
    await ask(Buffer.from('bye'), (answer) => (answer.includes('bye') ? 'bye too' : undefined)),
  ]);
  expect(answers).toEqual(['re: hello', 'bye too']);
});

it('asks again when a packet is lost', async () => {
  let heard = 0;
  const port = await listen((socket, _packet, from) => {
    heard += 1;
    if (heard === 3) socket.send('at last', from.port);
  });
  expect(await converse('127.0.0.1', port, 10_000, (ask) => ask(HELLO, anything))).toBe('at last');
});

it('calls a server that never answers wedged, also between two questions', async () => {
  const port = await listen((socket, packet, from) => {
    if (packet.equals(HELLO)) socket.send('hello', from.port);
  });
  const silent = converse('127.0.0.1', port, 100, async (ask) => {
    await ask(HELLO, anything);
    return ask(Buffer.from('are you there?'), (answer) =>
      answer.equals(HELLO) ? undefined : anything(answer),
    );
  });
  await expect(silent).rejects.toMatchObject({ code: 'timeout' });
});

it('calls a closed port dead, without waiting for the time limit', async () => {
  const port = await listen(() => undefined);
  const socket = open.pop();
  await new Promise<void>((resolve) => socket?.close(resolve));
  const asked = converse('127.0.0.1', port, 60_000, (ask) => ask(HELLO, anything));
  await expect(asked).rejects.toMatchObject({ code: 'refused' });
});

it('passes on what the reader of the answer throws', async () => {
  const port = await listen((socket, _packet, from) => socket.send('rubbish', from.port));
  const asked = converse('127.0.0.1', port, 5000, (ask) =>
    ask(HELLO, () => {
      throw new QueryError('malformed', 'not this game');
    }),
  );
  await expect(asked).rejects.toThrow('not this game');
});
