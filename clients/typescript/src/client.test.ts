import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AllocationClient, AllocationFailed } from './client.ts';

type Handler = (response: ServerResponse, request: IncomingMessage) => void;

let folder: string;
let tokenFile: string;
let client: AllocationClient;
/** What the server does with each call, in their order; the last one with all that come later. */
let script: Handler[];
let calls: { path: string; token: string; body: unknown; at: number }[];

const server = createServer((request, response) => {
  void (async () => {
    const body = request.method === 'POST' ? await json(request) : undefined;
    const { authorization: token = '' } = request.headers;
    calls.push({ path: `${request.method} ${request.url}`, token, body, at: performance.now() });
    (script.length > 1 ? script.shift()! : script[0]!)(response, request);
  })();
});

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proffer-client-'));
  tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'one\n');
  calls = [];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  client = new AllocationClient({ url: `http://127.0.0.1:${port}/`, namespace: 'games', tokenFile });
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

const ok: Handler = (response) => void response.end(JSON.stringify({ session: 'm1', server: 'arena-0' }));
const broken: Handler = (_, request) => void request.socket.destroy();
const refused =
  (status: number, code: string, retryAfter?: string): Handler =>
  (response) => {
    response.writeHead(status, {
      'content-type': 'application/problem+json',
      ...(retryAfter && { 'retry-after': retryAfter }),
    });
    response.end(JSON.stringify({ detail: 'why', code, field: 'selectors[0].pool' }));
  };

test('what fails for the moment is tried again with the same session, with the token as it is then', async () => {
  const renew: Handler = (...of) => {
    writeFileSync(tokenFile, 'two\n');
    refused(409, 'PROFFER_ALLOCATION_CONTENTION')(...of);
  };
  script = [broken, renew, ok];
  expect(await client.allocate({ session: 'm1', waitSeconds: 1 })).toMatchObject({ server: 'arena-0' });
  expect(calls).toHaveLength(3);
  for (const { path, body } of calls) {
    expect(path).toBe('POST /v1/allocate');
    expect(body).toEqual({ namespace: 'games', session: 'm1', waitSeconds: 1 });
  }
  expect(calls.map(({ token }) => token)).toEqual(['Bearer one', 'Bearer one', 'Bearer two']);
});

test('Retry-After is kept to', async () => {
  script = [refused(429, 'PROFFER_ALLOCATION_NONE_FREE', '1'), ok];
  await client.reserve({ session: 'm1', seconds: 60 });
  expect(calls[1]!.at - calls[0]!.at).toBeGreaterThanOrEqual(995);
});

test('what does not pass by itself is told at once, and what does when patience ends', async () => {
  script = [refused(400, 'PROFFER_ALLOCATION_INVALID')];
  const invalid = await client.allocate({ session: 'm1' }).catch((error: unknown) => error);
  expect(invalid).toBeInstanceOf(AllocationFailed);
  expect(invalid).toMatchObject({
    message: 'why',
    status: 400,
    code: 'PROFFER_ALLOCATION_INVALID',
    field: 'selectors[0].pool',
  });
  expect(calls).toHaveLength(1);
  script = [refused(429, 'PROFFER_ALLOCATION_NONE_FREE', '1')];
  await expect(client.allocate({ session: 'm1' }, { patienceMs: 0 })).rejects.toMatchObject({ status: 429 });
  script = [broken];
  await expect(client.release({ session: 'm1' }, { patienceMs: 150 })).rejects.toMatchObject({ status: 0 });
  expect(calls.length).toBeGreaterThan(3);
});

test('a signal ends a call that waits, for an answer or for its next try', async () => {
  const reason = new Error('the players left');
  for (const handler of [() => {}, refused(503, 'PROFFER_ALLOCATION_NO_LEADER', '60')] as Handler[]) {
    const gone = new AbortController();
    script = [
      (...of) => {
        setTimeout(() => gone.abort(reason), 50);
        handler(...of);
      },
    ];
    const call = client.allocate({ session: 'm1' }, { signal: gone.signal, patienceMs: 90_000 });
    await expect(call).rejects.toBe(reason);
  }
});

test('a session that is not there is none, whatever its name', async () => {
  script = [refused(404, 'PROFFER_ALLOCATION_NOT_FOUND')];
  expect(await client.session('a/b')).toBeUndefined();
  expect(calls[0]!.path).toBe('GET /v1/sessions/a%2Fb?namespace=games');
});
