import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { allocate } from '../allocator/allocate.ts';
import { answersBy } from '../frameworks/common/driver.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { buildMatrices } from '../matrix/matrices.ts';
import { aNode, aPool, aSnapshot, NOW } from '../../test/builders/index.ts';
import { debugPage } from './debug.ts';
import type { LastCycle } from '../views/inspect.ts';
import { listen, type ListenerOptions, type Listeners } from './listeners.ts';
import { Metrics } from './metrics.ts';
import { OfferLog } from '../views/offer-log.ts';

/** A real cycle over two nodes and one pool. */
function cycle(): LastCycle {
  const snapshot = aSnapshot().with(aNode('n1'), aNode('n2'), aPool('arena').replicas(2).cpu('500m')).build();
  const { offers } = allocate(snapshot, buildMatrices(snapshot, snapshot.classes), answersBy(DRIVERS));
  const log = new OfferLog(10);
  log.record(offers, snapshot);
  return { snapshot, offers: log.entries, at: NOW, durationMs: 4 };
}

let listeners: Listeners | undefined;
afterEach(() => listeners?.close());

const state = { ready: true, leader: true, last: cycle() as LastCycle | undefined };
const anywhere = { host: '127.0.0.1', port: 0 };
const start = async (options: Partial<ListenerOptions> = {}): Promise<Listeners> => {
  Object.assign(state, { ready: true, leader: true, last: cycle() });
  listeners = await listen({
    health: anywhere,
    http: anywhere,
    debug: anywhere,
    metrics: new Metrics(),
    inspect: { latest: () => state.last, leader: () => state.leader },
    ready: () => state.ready,
    unhealthy: () => undefined,
    ...options,
  });
  return listeners;
};
type Name = 'health' | 'http' | 'debug';
/** The listener that serves a path. */
const listenerOf = (path: string): Name => {
  if (path.startsWith('/debug')) return 'debug';
  return path === '/metrics' ? 'http' : 'health';
};
const portOf = (name: Name): number => Number(new URL(listeners![name].url).port);
const get = async (path: string, init?: RequestInit, name = listenerOf(path)) => {
  const response = await fetch(`${listeners![name].url}${path}`, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const json = async (path: string): Promise<{ status: number; body: object }> => {
  const { status, text } = await get(path);
  return { status, body: JSON.parse(text) as object };
};

describe('the listeners', () => {
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

  test('say what is wrong with a process that only a restart helps', async () => {
    await start({ unhealthy: () => 'no cycle has ended for 120 s' });
    expect(await get('/healthz')).toMatchObject({ status: 503, text: 'no cycle has ended for 120 s\n' });
    expect((await get('/readyz')).status).toBe(200);
  });

  test.each<[Name, string[]]>([
    ['health', ['/metrics', '/debug/roles', '/debug/matrices']],
    ['http', ['/healthz', '/readyz', '/debug/roles', '/debug/matrices']],
    ['debug', ['/healthz', '/readyz', '/metrics']],
  ])('%s serves nothing of the others', async (name, paths) => {
    await start();
    for (const path of paths) {
      expect(await get(path, {}, name)).toMatchObject({ status: 404, text: `there is no ${path}\n` });
    }
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

  test('an address that is taken is a ConfigError that names the flag, and nothing is left open', async () => {
    await start();
    const [first, taken] = [listeners!, { host: '127.0.0.1', port: portOf('debug') }];
    const again = start({ debug: taken });
    await expect(again).rejects.toThrow(`--debug-address 127.0.0.1:${taken.port}: listen EADDRINUSE`);
    await first.close();
  });

  test('close ends connections that idle', async () => {
    const running = await start();
    const socket = connect(portOf('http'), '127.0.0.1');
    await once(socket, 'connect');
    const ended = once(socket, 'close');
    await running.close();
    await ended;
    await expect(fetch(running.http.url)).rejects.toThrow();
  });
});

describe('clients that do not ask', () => {
  const sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  /** Connects and sends the beginning of a request that never ends. */
  const open = async (name: Name, beginning: string): Promise<Socket> => {
    const socket = connect(portOf(name), '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    if (beginning !== '') socket.write(beginning);
    return socket;
  };
  const crowd = (name: Name, size: number, beginning = ''): Promise<Socket[]> =>
    Promise.all(Array.from({ length: size }, () => open(name, beginning)));

  test.each<[string, Name, string, number, string]>([
    ['silent on the metrics', 'http', '', 80, '/healthz'],
    ['silent on health itself', 'health', '', 300, '/healthz'],
    ['in the middle of their headers', 'health', 'GET /healthz HTTP/1.1\r\nx: ', 300, '/healthz'],
    ['silent where Prometheus reads', 'http', '', 300, '/metrics'],
  ])('%s keep nobody out', async (_, name, beginning, size, path) => {
    await start();
    await crowd(name, size, beginning);
    expect((await get(path)).status).toBe(200);
  });

  test('are let go after two seconds or so', async () => {
    await start();
    const socket = await open('health', 'GET /healthz HTTP/1.1\r\n');
    socket.resume();
    await once(socket, 'close');
    expect((await get('/healthz')).status).toBe(200);
  });
});

test('an answer that is too large is refused with a way to a smaller one', async () => {
  const inspect = { latest: () => cycle(), leader: () => true };
  const page = await debugPage(new URL('http://proffer/debug/roles'), inspect, 100);
  expect(page.status).toBe(400);
  expect(JSON.parse(page.body)).toEqual({
    message: expect.stringMatching(
      /^the answer is larger than .* MiB: ask for less of it \(by limit\)$/,
    ) as string,
  });
});
