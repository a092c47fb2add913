import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { OutboundError, postJson, type Limits, type Target } from './post-json.ts';

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

/** A server on loopback that does as told; by TLS when it has a certificate. */
async function serving(listener: RequestListener, tls?: { key: string; cert: string }): Promise<string> {
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const post = (target: Target, limits: Partial<Limits> = {}) =>
  postJson(
    target,
    { ask: 1 },
    { timeoutMs: 5000, mostBytes: 1000, signal: new AbortController().signal, ...limits },
  );

test('posts JSON under the name that it is told, and reads JSON', async () => {
  const origin = await serving((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      const body = Buffer.concat(chunks).toString();
      response.end(JSON.stringify({ method, url, host: headers.host, type: headers['content-type'], body }));
    });
  });
  expect(await post({ origin, path: '/scale?x=1', host: 'scaler.games.svc' })).toEqual({
    method: 'POST',
    url: '/scale?x=1',
    host: 'scaler.games.svc',
    type: 'application/json',
    body: '{"ask":1}',
  });
});

describe('a server that does not do as it should fails the request, and says why', () => {
  const elsewhere: string[] = [];
  test.each<[what: string, listener: RequestListener, words: RegExp]>([
    ['answers an error', (_, response) => response.writeHead(500).end('{}'), /answers 500, not 200/],
    [
      'leads elsewhere',
      (request, response) => {
        elsewhere.push(request.url ?? '');
        response.writeHead(307, { location: '/elsewhere' }).end();
      },
      /answers 307/,
    ],
    ['answers no JSON', (_, response) => response.end('<html>'), /not JSON/],
    ['answers too much', (_, response) => response.end(JSON.stringify('x'.repeat(2000))), /too long/],
    [
      'answers without end',
      (_, response) => {
        response.write('[');
        const more = setInterval(() => response.write('1,'.repeat(200)), 5);
        response.on('close', () => clearInterval(more));
      },
      /too long/,
    ],
    ['breaks the connection', (request) => request.socket.destroy(), /other side closed/],
  ])('%s', async (_, listener, words) => {
    const failed = await post({ origin: await serving(listener), path: '/' }).catch(
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(OutboundError);
    expect((failed as OutboundError).message).toMatch(words);
    expect(elsewhere).not.toContain('/elsewhere');
  });

  test.each<[what: string, listener: RequestListener]>([
    ['says nothing', () => {}],
    ['never ends', (_, response) => void response.write('[')],
  ])('%s', async (_, listener) => {
    const origin = await serving(listener);
    await expect(post({ origin, path: '/' }, { timeoutMs: 100 })).rejects.toThrow('no answer within 100 ms');
  });

  test('nobody is there', async () => {
    await expect(post({ origin: 'http://127.0.0.1:1', path: '/' })).rejects.toThrow('ECONNREFUSED');
  });
});

describe('by TLS', () => {
  /** A certificate for a name, signed by itself. */
  function certificateOf(name: string): { key: string; cert: string } {
    const dir = mkdtempSync(join(tmpdir(), 'post-json-'));
    const [key, cert] = [join(dir, 'key'), join(dir, 'cert')];
    const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    const files = ['-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...files], {
      stdio: 'ignore',
    });
    const pair = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    rmSync(dir, { recursive: true });
    return pair;
  }

  test('a server is checked by the certificates and the name that are given', async () => {
    const pair = certificateOf('scaler.games.svc');
    const origin = await serving((_, response) => response.end('7'), pair);
    const target = { origin, path: '/', host: 'scaler.games.svc', ca: pair.cert };
    expect(await post(target)).toBe(7);
    await expect(post({ ...target, host: 'scaler.other.svc' })).rejects.toThrow('scaler.other.svc');
    const { ca: _, ...unknown } = target;
    await expect(post(unknown)).rejects.toThrow('self-signed');
    const other = certificateOf('scaler.games.svc');
    await expect(post({ ...target, ca: other.cert })).rejects.toThrow(/self-signed|unable to verify/);
    await expect(post({ ...target, ca: 'no certificate' })).rejects.toThrow(OutboundError);
  });
});
