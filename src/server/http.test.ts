import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { allocate } from '../allocator/allocate.ts';
import { answerOffers } from '../frameworks/answer.ts';
import { buildMatrices } from '../matrix/matrices.ts';
import { aNode, aPool, aSnapshot, NOW } from '../../test/builders/index.ts';
import { serveHttp, type HttpOptions, type HttpServer } from './http.ts';
import type { LastCycle } from './inspect.ts';
import { Metrics } from './metrics.ts';
import { OfferLog } from './offer-log.ts';

/** A real cycle over two nodes and one pool. */
function cycle(): LastCycle {
  const snapshot = aSnapshot().with(aNode('n1'), aNode('n2'), aPool('arena').replicas(2).cpu('500m')).build();
  const { offers } = allocate(snapshot, buildMatrices(snapshot, snapshot.classes), answerOffers);
  const log = new OfferLog(10);
  log.record(offers, snapshot);
  return { snapshot, offers: log.entries, at: NOW, durationMs: 4 };
}

let server: HttpServer | undefined;
afterEach(() => server?.close());

const state = { ready: true, leader: true, last: cycle() as LastCycle | undefined };
const start = async (options: Partial<HttpOptions> = {}): Promise<HttpServer> => {
  Object.assign(state, { ready: true, leader: true, last: cycle() });
  server = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    metrics: new Metrics(),
    inspect: { latest: () => state.last, leader: () => state.leader },
    ready: () => state.ready,
    ...options,
  });
  return server;
};
const get = async (path: string, init?: RequestInit) => {
  const response = await fetch(`${server!.url}${path}`, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const json = async (path: string): Promise<{ status: number; body: object }> => {
  const { status, text } = await get(path);
  return { status, body: JSON.parse(text) as object };
};

describe('the HTTP server', () => {
  test('is alive at once and ready when told so', async () => {
    await start();
    state.ready = false;
    expect((await get('/healthz')).status).toBe(200);
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      text: expect.stringContaining('not synced') as string,
    });
    state.ready = true;
    expect((await get('/readyz')).status).toBe(200);
  });

  test('serves metrics in the text format of Prometheus', async () => {
    await start();
    const { status, headers, text } = await get('/metrics');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toContain('proffer_cycles_total 0');
  });

  test('serves the matrices, offers and roles of the last cycle', async () => {
    await start();
    const matrices = await json('/debug/matrices?framework=gsp/games/arena');
    expect(matrices).toMatchObject({
      status: 200,
      body: { at: '2026-01-01T12:00:00.000Z', durationMs: 4, A: [[{ fit: 8 }], [{ fit: 8 }]] },
    });
    expect((await json('/debug/offers?limit=1')).body).toMatchObject({
      offers: [{ framework: 'gsp/games/arena', node: 'n1', answer: 'accepted' }],
    });
    expect((await json('/debug/roles')).body).toMatchObject({ roles: [{ name: 'games' }] });
  });

  test.each([
    ['/nothing', 404, 'there is no /nothing'],
    ['/debug', 404, 'there is no /debug'],
    ['/debug/matrices?limit=0', 400, 'limit must be a whole number from 1 to 10000, not "0"'],
    [
      '/debug/matrices?clases=3',
      400,
      'there is no parameter "clases" (there is: framework, node, limit, classes)',
    ],
    ['/debug/matrices?node=n9', 404, 'there is no node "n9"'],
    ['/debug/matrices?framework=gsp/a/b', 404, 'there is no workload "gsp/a/b" (there is: gsp/games/arena)'],
  ])('%s is refused with a sentence', async (path, status, sentence) => {
    await start();
    const answer = await get(path);
    expect(answer.status).toBe(status);
    const said = path.startsWith('/debug/')
      ? (JSON.parse(answer.text) as { message: string }).message
      : answer.text;
    expect(said.trim()).toBe(sentence);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s is not allowed anywhere', async (method) => {
    await start();
    for (const path of ['/healthz', '/metrics', '/debug/roles']) {
      const { status, headers } = await get(path, { method });
      expect(status).toBe(405);
      expect(headers.get('allow')).toBe('GET, HEAD');
    }
  });

  test('HEAD has headers and no body', async () => {
    await start();
    const { status, text, headers } = await get('/debug/roles', { method: 'HEAD' });
    expect({ status, text }).toEqual({ status: 200, text: '' });
    expect(Number(headers.get('content-length'))).toBeGreaterThan(10);
  });

  test('a replica that does not lead, or has run no cycle yet, says so', async () => {
    await start();
    state.leader = false;
    expect(await json('/debug/matrices')).toEqual({
      status: 503,
      body: { message: 'this replica does not lead: ask the leader' },
    });
    state.leader = true;
    state.last = undefined;
    expect(await json('/debug/roles')).toEqual({
      status: 503,
      body: { message: 'no cycle has run yet: ask again in a moment' },
    });
  });

  test('a page that fails is a 500, and the server lives on', async () => {
    await start({
      ready: () => {
        throw new Error('broken');
      },
    });
    expect(await get('/readyz')).toMatchObject({ status: 500, text: 'broken\n' });
    expect((await get('/healthz')).status).toBe(200);
  });

  test('an address that is taken is a ConfigError that names the flag', async () => {
    const { url } = await start();
    const port = Number(new URL(url).port);
    const again = serveHttp({
      host: '127.0.0.1',
      port,
      metrics: new Metrics(),
      inspect: { latest: () => undefined, leader: () => false },
      ready: () => true,
    });
    await expect(again).rejects.toThrow(`--http-address 127.0.0.1:${port}: listen EADDRINUSE`);
  });

  test('close ends connections that idle', async () => {
    const running = await start();
    const socket = connect(Number(new URL(running.url).port), '127.0.0.1');
    await once(socket, 'connect');
    const ended = once(socket, 'close');
    await running.close();
    await ended;
    await expect(fetch(running.url)).rejects.toThrow();
  });
});
