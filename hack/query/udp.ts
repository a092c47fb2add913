import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { QueryError } from './errors.ts';

/** Milliseconds until an unanswered packet is sent again: UDP loses packets, and a server may not listen yet. */
const RESEND_MS = 200;

/**
 * Sends a packet, again and again, until `accept` makes something of a packet that comes back. `accept` answers undefined
 * for a packet that is not the one waited for, such as the late answer to an earlier try.
 * @throws QueryError.
 */
export type Ask = <T>(packet: Uint8Array, accept: (answer: Buffer) => T | undefined) => Promise<T>;

/**
 * Opens a socket that only hears this one server, lets `talk` ask it, and closes it whatever happens. All answers must come
 * before one common deadline.
 * @throws QueryError `timeout`, `refused` or `unreachable` from any `ask` within.
 */
export async function converse<T>(
  host: string,
  port: number,
  timeoutMs: number,
  talk: (ask: Ask) => Promise<T>,
): Promise<T> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const deadline = AbortSignal.timeout(timeoutMs);
  const where = `${host}:${port}`;
  // Between two questions nobody else listens, and an error event that nobody hears would end the process.
  socket.on('error', () => undefined);
  try {
    await connect(socket, host, port, deadline, where);
    return await talk((packet, accept) => ask(socket, packet, accept, deadline, where, timeoutMs));
  } finally {
    socket.close();
  }
}

/** Only on a connected socket does the kernel report that the port is closed. */
function connect(
  socket: Socket,
  host: string,
  port: number,
  deadline: AbortSignal,
  where: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = (): void =>
      reject(new QueryError('unreachable', `${where}: the name was not found in time`));
    deadline.addEventListener('abort', late, { once: true });
    socket.once('error', (error) => reject(asQueryError(error, where)));
    socket.once('connect', resolve);
    socket.connect(port, host);
  });
}

function ask<T>(
  socket: Socket,
  packet: Uint8Array,
  accept: (answer: Buffer) => T | undefined,
  deadline: AbortSignal,
  where: string,
  timeoutMs: number,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const fail = (error: Error): void =>
    reject(error instanceof QueryError ? error : asQueryError(error, where));
  const expire = (): void => fail(new QueryError('timeout', `${where}: no answer within ${timeoutMs} ms`));
  const hear = (answer: Buffer): void => {
    try {
      const accepted = accept(answer);
      if (accepted !== undefined) resolve(accepted);
    } catch (error) {
      reject(error);
    }
  };
  const send = (): void => socket.send(packet, (error) => error && fail(error));
  socket.on('message', hear).on('error', fail);
  deadline.addEventListener('abort', expire);
  if (deadline.aborted) expire();
  send();
  const resend = setInterval(send, RESEND_MS);
  return promise.finally(() => {
    clearInterval(resend);
    deadline.removeEventListener('abort', expire);
    socket.off('message', hear).off('error', fail);
  });
}

function asQueryError(error: NodeJS.ErrnoException, where: string): QueryError {
  if (error.code === 'ECONNREFUSED') {
    return new QueryError('refused', `${where}: nobody listens there`, { cause: error });
  }
  return new QueryError('unreachable', `${where}: ${error.message}`, { cause: error });
}
