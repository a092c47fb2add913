import { afterEach, beforeEach, expect, test } from 'vitest';
import { serverClaimFacts, type ServerClaim } from '../../allocation/server-claim.ts';
import type { GameServerClaimStatus } from '../../api/gameserverclaim.ts';
import { LABEL } from '../../api/group.ts';
import { KubeError } from '../../kube/errors.ts';
import type { KubeRequest } from '../../kube/client.ts';
import { Store } from '../../kube/store.ts';
import { isSameJson } from '../../lib/same-json.ts';
import type { PodBuilder } from '../../../test/builders/index.ts';
import { aServer, PodWorld } from './pods.test-helper.ts';
import { ServerClaims } from './server-claims.ts';

let end: AbortController;

beforeEach(() => (end = new AbortController()));
afterEach(() => end.abort());

interface Raw {
  metadata: {
    name: string;
    namespace: string;
    uid: string;
    resourceVersion: string;
    creationTimestamp: string;
    deletionTimestamp?: string;
  };
  spec: object;
  status?: GameServerClaimStatus;
}

/** Claims that an API server holds, and servers to give them. */
class ClaimWorld extends PodWorld {
  readonly objects = new Map<string, Raw>();
  readonly claims = new Store<ServerClaim>();
  /** How many writes of statuses are to fail. */
  failures = 0;
  writes = 0;
  /** Whether the watch shows what is created. */
  watching = true;
  /** Reasons of events, of claims by their names and of pools by those of their servers. */
  readonly events: string[] = [];
  /** How often the desk was asked for a server. */
  asked = 0;

  constructor(...servers: PodBuilder[]) {
    super(...servers);
    const silent = { debug() {}, info() {}, warn() {}, error() {} };
    void new ServerClaims({
      claims: this.claims,
      inventory: this.inventory,
      desk: {
        allocate: (...of) => (this.asked++, this.desk.allocate(...of)),
        end: (of) => this.desk.end(of),
      },
      client: { request: (request: KubeRequest) => this.#request(request) as Promise<never> },
      events: { record: ({ regarding, reason }) => void this.events.push(`${regarding.name} ${reason}`) },
      tell: ({ name }, { reason }) => void this.events.push(`${name} ${reason}`),
      clock: this.clock,
      random: () => 0,
      log: silent,
      mayDecide: () => this.leads,
      mayWrite: () => this.leads,
    }).run(end.signal);
  }

  /** Somebody creates a claim; the second of a name has another UID. */
  create(name: string, spec: object = {}, uid = `uid-${name}`): void {
    const creationTimestamp = new Date(this.clock.now()).toISOString();
    const metadata = { name, namespace: 'games', uid, resourceVersion: '1', creationTimestamp };
    this.objects.set(name, { metadata, spec });
    if (this.watching) this.see(name);
  }

  /** The watch shows a claim. */
  see(name: string): void {
    this.claims.put(serverClaimFacts(structuredClone(this.objects.get(name)!)));
  }

  remove(name: string): void {
    this.objects.delete(name);
    this.claims.delete(`games/${name}`);
  }

  /** A server goes, as by a node that is lost. */
  end(name: string): void {
    this.pods.delete(name);
    this.inventory.delete(`games/${name}`);
  }

  /** State, reason and server of each claim, and on the servers their sessions, after a second. */
  async told(ms = 1500): Promise<Record<string, string>> {
    await this.clock.advance(ms);
    const told = Array.from(this.objects.values(), ({ metadata, status }) => [
      metadata.name,
      `${status?.state ?? ''} ${status?.conditions?.[0]?.reason ?? ''} ${status?.server ?? ''}`.trim(),
    ]);
    return Object.fromEntries(told);
  }

  sessions(): string[] {
    return Array.from(this.pods.values(), ({ metadata }) => metadata.labels?.[LABEL.session] ?? '');
  }

  async #request({ method, path, body }: KubeRequest): Promise<object> {
    this.writes++;
    await Promise.resolve();
    if (this.failures-- > 0) throw new KubeError({ kind: 'server', message: 'no' });
    if (method === 'DELETE') return this.#delete(path.split('/').at(-1)!, body);
    const object = this.objects.get(path.split('/').at(-2)!);
    const [test, add] = body as [{ value: string }, { value: GameServerClaimStatus }];
    if (object?.metadata.uid !== test.value) throw new KubeError({ kind: 'invalid', message: 'test failed' });
    object.status = add.value;
    object.metadata.resourceVersion = String(Number(object.metadata.resourceVersion) + 1);
    return structuredClone(object);
  }

  #delete(name: string, body: unknown): object {
    const { uid, resourceVersion } = this.objects.get(name)!.metadata;
    const { preconditions } = body as { preconditions: object };
    if (!isSameJson({ uid, resourceVersion }, preconditions))
      throw new KubeError({ kind: 'conflict', message: 'another one' });
    this.remove(name);
    return {};
  }
}

test('a claim that is finished is deleted when its time after that is over, and no other one of its name', async () => {
  const world = new ClaimWorld(aServer(0));
  const ttlSecondsAfterFinished = 5;
  world.create('bound', { ttlSecondsAfterFinished });
  await world.told();
  for (const name of ['late', 'again']) world.create(name, { ttlSecondsAfterFinished, waitSeconds: 1 });
  world.create('kept', { waitSeconds: 0 });
  expect(await world.told(3000)).toMatchObject({
    late: 'Failed WaitedTooLong',
    kept: 'Failed WaitedTooLong',
  });
  world.failures = 1;
  // Made anew, which the watch does not show yet.
  world.watching = false;
  world.create('again', { ttlSecondsAfterFinished }, 'another');
  expect(Object.keys(await world.told(60_000)).sort()).toEqual(['again', 'bound', 'kept']);
  expect(world.events.filter((event) => event.endsWith('Expired'))).toEqual(['late ClaimExpired']);
  world.end('arena-0');
  expect(await world.told(4000)).toMatchObject({ bound: 'Lost ServerEnded arena-0' });
  expect(Object.keys(await world.told(5000)).sort()).toEqual(['again', 'kept']);
});

test.each([
  ['Ready', 1],
  ['Drain', 1],
  ['Drain', 2],
] as const)('the server of a claim that is deleted comes to %s, of %d sessions', async (next, perServer) => {
  const world = new ClaimWorld(aServer(0));
  world.perServer = perServer;
  world.inventory.refile('games', 'arena');
  world.create('smoke', { next });
  await world.told();
  // Nobody leads when it is deleted: all that is left of it stands on the server.
  world.leads = false;
  world.remove('smoke');
  await world.told();
  world.leads = true;
  await world.told();
  const { labels = {}, annotations } = world.pods.get('arena-0')!.metadata;
  expect([labels[LABEL.state], labels[LABEL.intent]]).toEqual([
    undefined,
    next === 'Drain' ? 'Drain' : undefined,
  ]);
  expect(Object.keys(annotations ?? {}).filter((key) => key.includes('session-'))).toEqual([]);
  expect(world.events).toEqual(['smoke ServerBound', 'arena-0 SessionReleased']);
});

test('what becomes of a claim is an event, once', async () => {
  const world = new ClaimWorld();
  world.create('smoke');
  await world.told(5000);
  world.store(aServer(0).build());
  world.show(world.pods.get('arena-0')!);
  await world.told(5000);
  await world.desk.release({ namespace: 'games', session: 'claim.uid-smoke', next: 'Ready' });
  await world.told(5000);
  expect(world.events).toEqual(['smoke NoneFree', 'smoke ServerBound', 'smoke Released']);
});

test('a claim gets a server, keeps it, and gives it back when it is deleted', async () => {
  const world = new ClaimWorld(aServer(0));
  world.create('smoke', { annotations: { 'example.com/map': 'dust' } });
  expect(await world.told()).toEqual({ smoke: 'Bound ServerBound arena-0' });
  expect(world.objects.get('smoke')!.status).toMatchObject({
    session: 'claim.uid-smoke',
    pool: 'arena',
    node: 'n1',
    conditions: [{ type: 'Bound', status: 'True' }],
  });
  expect(world.pods.get('arena-0')!.metadata).toMatchObject({
    labels: { [LABEL.state]: 'Allocated', [LABEL.session]: 'claim.uid-smoke' },
    annotations: { 'example.com/map': 'dust' },
  });
  const { writes } = world;
  await world.told(10_000);
  expect(world.writes).toBe(writes);
  world.remove('smoke');
  await world.told();
  expect(world.sessions()).toEqual(['']);
});

test('claims that find none free wait by priority, then by who came first; one that is deleted leaves the line', async () => {
  const world = new ClaimWorld(aServer(0));
  world.create('first');
  expect(await world.told()).toEqual({ first: 'Bound ServerBound arena-0' });
  for (const name of ['second', 'gone', 'third']) {
    world.create(name);
    await world.told();
  }
  world.create('urgent', { priority: 1 });
  expect(await world.told()).toEqual({
    first: 'Bound ServerBound arena-0',
    second: 'Pending NoneFree',
    gone: 'Pending NoneFree',
    third: 'Pending NoneFree',
    urgent: 'Pending NoneFree',
  });
  // Each asked once at once, and stands in line once.
  await world.told(10_000);
  expect(world.asked).toBe(1 + 4 * 2);
  const seen = new Set<string | undefined>();
  world.changed = ({ metadata }) => seen.add(metadata.labels?.[LABEL.session]);
  world.remove('gone');
  for (const [left, next] of [
    ['first', 'urgent'],
    ['urgent', 'second'],
    ['second', 'third'],
  ] as const) {
    world.remove(left);
    expect(await world.told()).toMatchObject({ [next]: 'Bound ServerBound arena-0' });
  }
  expect(seen).not.toContain('claim.uid-gone');
});

test('a claim waits for as long as it says, from its creation on, whoever leads', async () => {
  const world = new ClaimWorld();
  world.create('now', { waitSeconds: 0 });
  world.create('soon', { waitSeconds: 5 });
  world.create('any');
  expect(await world.told(3000)).toEqual({
    now: 'Failed WaitedTooLong',
    soon: 'Pending NoneFree',
    any: 'Pending NoneFree',
  });
  world.desk.stop();
  expect(await world.told(3000)).toEqual({
    now: 'Failed WaitedTooLong',
    soon: 'Failed WaitedTooLong',
    any: 'Pending NoneFree',
  });
  world.store(aServer(0).build());
  world.show(world.pods.get('arena-0')!);
  expect(await world.told()).toMatchObject({
    any: 'Bound ServerBound arena-0',
    now: 'Failed WaitedTooLong',
  });
});

test('a claim whose server ends, or is released, says so and gets no other one', async () => {
  const world = new ClaimWorld(aServer(0), aServer(1), aServer(2));
  world.create('a');
  await world.told();
  world.create('b');
  expect(await world.told()).toEqual({
    a: 'Bound ServerBound arena-0',
    b: 'Bound ServerBound arena-1',
  });
  world.end('arena-0');
  // A new server has its name.
  const anew = aServer(0).build();
  world.store({ ...anew, metadata: { ...anew.metadata, uid: 'another' } });
  world.show(world.pods.get('arena-0')!);
  await world.desk.release({ namespace: 'games', session: 'claim.uid-b', next: 'Ready' });
  const lost = { a: 'Lost ServerEnded arena-0', b: 'Lost Released arena-1' };
  expect(await world.told()).toEqual(lost);
  expect(await world.told(10_000)).toEqual(lost);
  expect(world.sessions().filter(Boolean)).toEqual([]);
});

test('a claim that had its server is given no other one while the watch is late', async () => {
  const world = new ClaimWorld(aServer(0), aServer(1));
  world.create('smoke');
  expect(await world.told()).toEqual({ smoke: 'Bound ServerBound arena-0' });
  world.end('arena-0');
  expect(await world.told()).toEqual({ smoke: 'Lost ServerEnded arena-0' });
});

test('what the leader before left half done is finished: a server without a word, a claim that is gone', async () => {
  const held = (slot: number, session: string) =>
    aServer(slot).session('Allocated').label(LABEL.session, session);
  const world = new ClaimWorld(held(0, 'claim.uid-smoke'), held(1, 'claim.uid-gone'), held(2, 'match-1'));
  world.leads = false;
  world.create('smoke');
  world.remove('other');
  expect(await world.told(5000)).toEqual({ smoke: '' });
  world.leads = true;
  expect(await world.told()).toEqual({ smoke: 'Bound ServerBound arena-0' });
  expect(world.sessions()).toEqual(['claim.uid-smoke', '', 'match-1']);
});

test('of claims that nobody served while nobody led the oldest comes first', async () => {
  const world = new ClaimWorld(aServer(0));
  world.leads = false;
  world.watching = false;
  for (const name of ['zoe', 'abe', 'kim']) {
    world.create(name);
    await world.told();
  }
  // A list has them by name.
  for (const name of ['abe', 'kim', 'zoe']) world.see(name);
  world.leads = true;
  expect(await world.told()).toMatchObject({ zoe: 'Bound ServerBound arena-0', abe: 'Pending NoneFree' });
});

test('a claim that is being deleted, and that a finalizer of others keeps, holds no server', async () => {
  const world = new ClaimWorld(aServer(0));
  for (const name of ['bound', 'waiting']) {
    world.create(name);
    await world.told();
  }
  for (const name of ['waiting', 'bound']) {
    world.objects.get(name)!.metadata.deletionTimestamp = '2026-11-30T12:00:09Z';
    world.see(name);
  }
  expect(await world.told(5000)).toEqual({ bound: 'Bound ServerBound arena-0', waiting: 'Pending NoneFree' });
  expect(world.sessions()).toEqual(['']);
});

test('a claim that is made anew under its name is another one', async () => {
  const world = new ClaimWorld(aServer(0), aServer(1));
  world.create('smoke');
  await world.told();
  // The watch shows neither the end of the first nor the birth of the second alone.
  world.create('smoke', {}, 'another');
  expect(await world.told()).toEqual({ smoke: expect.stringMatching(/^Bound ServerBound/) });
  expect(world.sessions().filter(Boolean)).toEqual(['claim.another']);
});

test('a status that cannot be written is written later, with the same server', async () => {
  const world = new ClaimWorld(aServer(0), aServer(1));
  world.failures = 2;
  world.create('smoke');
  expect(await world.told(5000)).toEqual({ smoke: 'Bound ServerBound arena-0' });
  expect(world.sessions()).toEqual(['claim.uid-smoke', '']);
});

test('a claim that cannot be served says why, and holds up no other', async () => {
  const world = new ClaimWorld(aServer(0));
  world.create('typo', { selectors: [{ pool: 'arenna' }] });
  world.create('forged', { annotations: { 'proffer.dev/failures': '9' } });
  world.create('good');
  expect(await world.told()).toEqual({
    typo: 'Pending NoSuchPool',
    forged: 'Failed Refused',
    good: 'Bound ServerBound arena-0',
  });
  expect(world.objects.get('forged')!.status!.message).toContain('proffer.dev/failures');
});
