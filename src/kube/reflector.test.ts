import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Clock } from '../lib/clock.ts';
import { KubeClient } from './client.ts';
import { Comeback } from './comeback.ts';
import { Reflector } from './reflector.ts';
import { Store, type Keyed } from './store.ts';

/** How the server answers a watch: it stays open, or fails with a status. */
let watches: 'open' | 410 | 503;
let lists: 200 | 503;
let asked: string[];
let server: Server;
let client: KubeClient;
let ended: AbortController;
let open: ServerResponse[];

/** A clock that nothing moves but the tests: sleeps last until they are ended. */
let sleeps: { readonly ms: number; readonly end: () => void }[];
let monotonic: number;
const clock: Clock = {
  now: () => 0,
  monotonic: () => monotonic,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const nap = {
        ms,
        end: () => {
          sleeps = sleeps.filter((each) => each !== nap);
          resolve();
        },
      };
      sleeps.push(nap);
      signal?.addEventListener('abort', nap.end, { once: true });
    }),
};

const answer = (response: ServerResponse, status: number): void => {
  response.statusCode = status;
  response.end(JSON.stringify({ kind: 'Status', code: status, message: 'as the test has it' }));
};

beforeEach(async () => {
  [watches, lists, asked, sleeps, open, monotonic] = ['open', 200, [], [], [], 1e6];
  ended = new AbortController();
  server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://server');
    const kind = url.searchParams.has('watch') ? 'watch' : 'list';
    asked.push(`${kind} ${url.pathname}`);
    if (kind === 'list' && lists !== 200) return answer(response, lists);
    if (kind === 'list') {
      const items = [{ metadata: { name: 'a', resourceVersion: '1' } }];
      return void response.end(
        JSON.stringify({ kind: 'PodList', metadata: { resourceVersion: '1' }, items }),
      );
    }
    if (watches !== 'open') return answer(response, watches);
    open.push(response);
    response.flushHeaders();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const auth = { kind: 'none' } as const;
  client = new KubeClient({ server: `http://127.0.0.1:${port}`, tls: {}, auth, namespace: '' });
});

afterEach(async () => {
  ended.abort();
  await client.close();
  server.closeAllConnections();
  server.close();
});

function mirror(
  path: string,
  comeback: Comeback,
  store = new Store<Keyed>(),
  read = vi.fn(),
): Reflector<Keyed> {
  const reflector = new Reflector<Keyed>({
    client,
    path,
    store,
    transform: ({ metadata }) => {
      read(metadata.name);
      return { key: metadata.name };
    },
    clock,
    random: () => 1,
    backoff: { initialMs: 100, maxMs: 30_000 },
    comeback,
  });
  reflector.run(ended.signal).catch(() => {});
  return reflector;
}

const waits = (): number[] => sleeps.map(({ ms }) => ms).filter((ms) => ms < 90_000);

/** Lets the waits of a path's reflector end, one after the other, until its back-off has grown to this. */
async function outage(upTo: number, reflectors: number): Promise<void> {
  for (;;) {
    await vi.waitFor(() => expect(waits()).toHaveLength(reflectors), { timeout: 20_000, interval: 2 });
    if (Math.min(...waits()) >= upTo) return;
    for (const { end } of sleeps) end();
  }
}

test('the first who gets through after an outage brings the others along', async () => {
  lists = 503;
  const comeback = new Comeback();
  const reflectors = ['/api/v1/pods', '/api/v1/nodes', '/api/v1/namespaces'].map((p) => mirror(p, comeback));
  await outage(12_800, 3);
  lists = 200;
  sleeps[0]!.end();
  await Promise.all(reflectors.map((each) => each.whenSynced()));
  // They open their watches, and none waits.
  await vi.waitFor(() => expect(open).toHaveLength(3), { timeout: 20_000 });
  expect(waits()).toEqual([]);
});

test('who never gets through is not woken over and over by those who do', async () => {
  lists = 503;
  const comeback = new Comeback();
  mirror('/api/v1/pods', comeback);
  await outage(3200, 1);
  comeback.announce();
  // Tried at once, and the back-off begins anew; what comes next within the longest back-off changes nothing.
  await vi.waitFor(() => expect(waits()).toEqual([100]), { timeout: 20_000 });
  const before = asked.length;
  for (let i = 0; i < 10; i++) comeback.announce();
  await new Promise(setImmediate);
  expect([waits(), asked.length]).toEqual([[100], before]);
  monotonic += 30_000;
  await outage(400, 1);
  comeback.announce();
  await vi.waitFor(() => expect(waits()).toEqual([100]), { timeout: 20_000 });
});

test('a version that expired in an outage is listed at once, however far the back-off had come', async () => {
  const reflector = mirror('/api/v1/pods', new Comeback());
  await vi.waitFor(() => expect(open).toHaveLength(1), { timeout: 20_000 });
  watches = 503;
  open[0]!.destroy();
  await outage(3200, 1);
  watches = 410;
  asked = [];
  for (const { end } of sleeps) end();
  await vi.waitFor(() => expect(reflector.counters.relists).toBe(2), { timeout: 20_000 });
  // A server that expires every version is asked more and more seldom.
  await outage(800, 1);
  expect(asked.filter((what) => what.startsWith('list')).length).toBeLessThanOrEqual(5);
  watches = 'open';
  for (const { end } of sleeps) end();
  await vi.waitFor(() => expect(open).toHaveLength(2), { timeout: 20_000 });
});

test('what is in the first list is taken in while it is read, and what did not change is not read again', async () => {
  const [store, read] = [new Store<Keyed>(), vi.fn()];
  const reflector = mirror('/api/v1/pods', new Comeback(), store, read);
  const seen: boolean[] = [];
  store.subscribe(() => seen.push(reflector.synced));
  await reflector.whenSynced();
  await reflector.resync();
  expect(seen).toEqual([false]);
  expect(read).toHaveBeenCalledTimes(1);
  expect([...store.keys()]).toEqual(['a']);
});
