import { canonicalJson } from '../lib/hash.ts';
import { beforeEach, expect, test } from 'vitest';
import { aPool } from '../../test/builders/index.ts';
import { poolFacts } from '../frameworks/pool/facts.ts';
import { poolHistory } from '../frameworks/pool/history.ts';
import type { KubeRequest } from '../kube/client.ts';
import { Store } from '../kube/store.ts';
import type { KubeObject } from '../kube/types.ts';
import { ManualClock } from '../lib/manual-clock.test-helper.ts';
import type { Workload } from '../snapshot/workload.ts';
import { revisionFacts, Revisions, type RevisionFacts } from './revisions.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

let sent: string[];
let inUse: Set<string> | undefined;
let workloads: Store<Workload>;
let revisions: Store<RevisionFacts>;
let last: Record<string, unknown> | undefined;
let generation: number;

/** An API server of one collection, whose watch is as fast as its answers. */
const client = {
  request: async <T>({ method, path, body }: KubeRequest): Promise<T> => {
    const json: unknown = typeof body === 'string' ? JSON.parse(body) : body;
    const given = json as { metadata: { name: string }; revision: number };
    const name = method === 'POST' ? given.metadata.name : path.split('/').at(-1)!;
    sent.push(`${method} ${name}${method === 'DELETE' ? '' : ` ${given.revision}`}`);
    last = json as Record<string, unknown>;
    if (method === 'DELETE') revisions.delete(`games/${name}`);
    else if (method === 'POST') put(given as unknown as Partial<KubeObject>, name);
    else {
      const known = revisions.get(`games/${name}`)!;
      revisions.put({ ...known, number: given.revision, owner: 'uid-gsp-games-arena' });
    }
    return undefined as T;
  },
};

function put(object: object, name: string): void {
  const { metadata, ...rest } = object as KubeObject;
  const stored = {
    ...rest,
    metadata: { ...metadata, name, namespace: 'games', uid: name, resourceVersion: '1' },
  };
  revisions.put(revisionFacts(stored));
}

beforeEach(() => {
  [sent, inUse, last, generation] = [[], new Set(), undefined, 0];
  [workloads, revisions] = [new Store(), new Store()];
});

/** Gives the pool a template, and waits until the loop has nothing left to do. */
async function give(version: string, update = {}): Promise<string> {
  const raw = aPool('arena').specField('hostname', version).field('update', update).build();
  const facts = poolFacts({ ...raw, metadata: { ...raw.metadata, generation: ++generation } });
  workloads.put(facts);
  await settle();
  return facts.groups[0]!.shape.revision;
}

const clock = new ManualClock(0);
const stop = new AbortController();
const start = () => {
  const options = { client: client as never, history: poolHistory, workloads, revisions, clock, log: silent };
  const loop = new Revisions({
    ...options,
    random: () => 0,
    inUse: () => inUse,
    mayDecide: () => true,
    mayWrite: () => true,
  });
  void loop.run(stop.signal);
};
const settle = () => clock.advance(0);

test('each template is kept once, under a number that grows, and gets the highest when it comes back', async () => {
  start();
  const one = await give('one');
  expect(sent).toEqual([`POST arena-${one} 1`]);
  // Sorted as the API server writes it, which takes no later patch otherwise.
  expect(JSON.stringify(last!.data)).toBe(canonicalJson(last!.data));
  expect(last).toMatchObject({
    metadata: {
      labels: { 'proffer.dev/pool': 'arena', 'proffer.dev/revision': one },
      ownerReferences: [
        { kind: 'GameServerPool', name: 'arena', uid: 'uid-gsp-games-arena', controller: true },
      ],
    },
    data: { spec: { ports: [], template: { spec: { hostname: 'one' } } } },
  });
  const two = await give('two');
  await give('two', { paused: true });
  await give('one');
  expect(sent).toEqual([`POST arena-${one} 1`, `POST arena-${two} 2`, `PATCH arena-${one} 3`]);
});

test('the oldest go that are too many, but for those that servers have', async () => {
  start();
  const limit = { revisionHistoryLimit: 1 };
  const [one, two, three] = [await give('one', limit), await give('two', limit), await give('three', limit)];
  expect(sent.filter((line) => line.startsWith('DELETE'))).toEqual([`DELETE arena-${one}`]);
  inUse = new Set([two]);
  await give('four', limit);
  expect([...revisions.keys()]).toContain(`games/arena-${two}`);
  inUse = undefined;
  await give('five', limit);
  expect([...revisions.keys()], 'nothing goes while nobody knows what servers have').toContain(
    `games/arena-${three}`,
  );
});

test('one that is too many goes when its last server has gone, whatever the statuses between said', async () => {
  start();
  const limit = { revisionHistoryLimit: 0 };
  const one = await give('one', limit);
  inUse = new Set([one]);
  await give('two', limit);
  expect(sent.filter((line) => line.startsWith('DELETE'))).toEqual([]);
  inUse = new Set();
  const pool = workloads.get('games/arena')!;
  workloads.put({ ...pool, status: { ...pool.status, currentRevision: 'two' } as never });
  await settle();
  expect(sent.at(-1)).toBe(`DELETE arena-${one}`);
});

test('one that somebody deleted is made again, and one of a pool that is gone is taken over', async () => {
  start();
  const one = await give('one');
  revisions.delete(`games/arena-${one}`);
  await settle();
  expect(sent).toEqual([`POST arena-${one} 1`, `POST arena-${one} 1`]);
  const orphan = revisions.get(`games/arena-${one}`)!;
  revisions.put({ ...orphan, owner: undefined });
  await settle();
  expect(sent.at(-1)).toBe(`PATCH arena-${one} 1`);
});

test('a template of which nothing is placed is not kept', async () => {
  start();
  const odd = aPool('arena').specField('resourceClaims', [{ name: 'gpu' }]);
  workloads.put(poolFacts(odd.build()));
  await settle();
  expect(sent).toEqual([]);
});
