import { describe, expect, test } from 'vitest';
import { ANNOTATION, COUNTER_PREFIX, LABEL, SESSION_PREFIX } from '../../api/group.ts';
import { allocateRequest, releaseRequest, reserveRequest } from '../../api/allocation.ts';
import { aServer, LOST, PodWorld } from './pods.test-helper.ts';

const HERE = new AbortController().signal;
const asked = (session: string, more: object = {}) =>
  allocateRequest.parse({ namespace: 'games', session, ...more });
const give = ({ desk }: PodWorld, session: string, more: object = {}, signal = HERE) =>
  desk.allocate(asked(session, more), signal);
const release = ({ desk }: PodWorld, session: string, next?: string) =>
  desk.release(releaseRequest.parse({ namespace: 'games', session, next }));
const settled = () => new Promise((resolve) => void setImmediate(resolve));

describe('a session', () => {
  test('has its server by one write, which stands on the Pod with all that the caller said', async () => {
    const world = new PodWorld(
      aServer(0)
        .annotation(ANNOTATION.ports, 'game=7000/UDP,query=7001/TCP')
        .annotation(ANNOTATION.serviceAddress, 'game=198.51.100.4:7000/UDP,query=[fd00::5]:7001/TCP')
        .annotation(ANNOTATION.addresses, 'InternalIP=10.0.0.5,ExternalIP=203.0.113.7')
        .annotation(`${COUNTER_PREFIX}players`, '9/10'),
    );
    const answer = await give(world, 'match-1', {
      annotations: { 'example.com/map': 'dust' },
      counters: { players: { add: 4 } },
      beginSeconds: 60,
      sessionSeconds: 3600,
    });
    expect(answer).toEqual({
      namespace: 'games',
      session: 'match-1',
      state: 'Allocated',
      isNew: true,
      server: 'arena-0',
      pool: 'arena',
      node: 'n1',
      address: '203.0.113.7',
      addresses: [
        { type: 'InternalIP', address: '10.0.0.5' },
        { type: 'ExternalIP', address: '203.0.113.7' },
      ],
      ports: [
        { name: 'game', port: 7000, protocol: 'UDP' },
        { name: 'query', port: 7001, protocol: 'TCP' },
      ],
      services: [
        { name: 'game', address: '198.51.100.4', port: 7000, protocol: 'UDP' },
        { name: 'query', address: '[fd00::5]', port: 7001, protocol: 'TCP' },
      ],
      counters: { players: { count: 10, capacity: 10 } },
      clipped: ['players'],
      annotations: { 'example.com/map': 'dust' },
      heldSince: '2026-11-30T12:00:00Z',
      heldUntil: '2026-11-30T12:01:00Z',
      sessionUntil: '2026-11-30T13:00:00Z',
    });
    expect(world.sent.map(({ method }) => method)).toEqual(['PATCH']);
    expect(world.pods.get('arena-0')!.metadata).toMatchObject({
      labels: { [LABEL.state]: 'Allocated', [LABEL.session]: 'match-1' },
      annotations: { 'example.com/map': 'dust', [`${COUNTER_PREFIX}players`]: '10/10' },
    });
    await release(world, 'match-1');
    const { labels, annotations } = world.pods.get('arena-0')!.metadata;
    expect(labels).not.toHaveProperty([LABEL.state]);
    expect(labels).not.toHaveProperty([LABEL.session]);
    expect(Object.keys(annotations!).sort()).toEqual(
      [
        ANNOTATION.addresses,
        `${COUNTER_PREFIX}players`,
        ANNOTATION.ports,
        ANNOTATION.role,
        ANNOTATION.serviceAddress,
      ].sort(),
    );
  });

  test('gets the same server again, at once, later, and by a replica that knows the Pods alone', async () => {
    const world = new PodWorld(aServer(0), aServer(1));
    const [a, b] = await Promise.all([give(world, 's'), give(world, 's')]);
    expect([a.server, b.server, a.isNew, b.isNew]).toEqual(['arena-0', 'arena-0', true, false]);
    const heir = new PodWorld();
    for (const [name, pod] of world.pods) {
      heir.pods.set(name, pod);
      heir.show(pod);
    }
    expect(await give(heir, 's')).toMatchObject({ server: 'arena-0', isNew: false });
    expect(world.states()).toEqual({ 'arena-0': 'Allocated s', 'arena-1': '' });
  });

  test('gets another server when its own has ended', async () => {
    const world = new PodWorld(aServer(0), aServer(1));
    await give(world, 's');
    world.pods.delete('arena-0');
    expect(await give(world, 's')).toMatchObject({ server: 'arena-1', isNew: true });
  });

  test('is told what is wrong with what it asks', async () => {
    const world = new PodWorld(aServer(0));
    await expect(give(world, 's', { selectors: [{ pool: 'none' }] })).rejects.toMatchObject({ status: 404 });
    await expect(give(world, 's', { selectors: [{ labels: { a: 'b' } }] })).rejects.toMatchObject({
      status: 429,
      code: 'PROFFER_ALLOCATION_NONE_FREE',
      retryAfter: 1,
    });
    await expect(world.desk.session(asked('s'))).rejects.toMatchObject({ status: 404, field: 'session' });
    world.leads = false;
    await expect(give(world, 's')).rejects.toMatchObject({ status: 503 });
    expect(world.sent).toEqual([]);
  });
});

describe('servers that change meanwhile', () => {
  test('are left to others, and tried again when their change is seen', async () => {
    const world = new PodWorld(aServer(0), aServer(1));
    const changed = world.touch('arena-0');
    expect(await give(world, 'a')).toMatchObject({ server: 'arena-1' });
    await expect(give(world, 'b')).rejects.toMatchObject({ status: 429 });
    world.show(changed);
    expect(await give(world, 'b')).toMatchObject({ server: 'arena-0' });
  });

  test('are contention when there are too many', async () => {
    const world = new PodWorld(...Array.from({ length: 9 }, (_, i) => aServer(i)));
    for (const name of world.pods.keys()) world.touch(name);
    await expect(give(world, 's')).rejects.toMatchObject({ status: 409, retryAfter: 1 });
    expect(world.sent).toHaveLength(8);
  });

  test('or are gone are passed over', async () => {
    const world = new PodWorld(aServer(0), aServer(1));
    world.pods.delete('arena-0');
    expect(await give(world, 's')).toMatchObject({ server: 'arena-1' });
  });

  test('or of which the watch shows the end before the write is answered', async () => {
    const world = new PodWorld(aServer(0), aServer(1));
    world.after = ({ metadata }) => metadata.name === 'arena-0' && world.inventory.delete('games/arena-0');
    expect(await give(world, 's')).toMatchObject({ server: 'arena-1' });
  });

  test('are never given to two callers who ask at once', async () => {
    const world = new PodWorld(...Array.from({ length: 5 }, (_, i) => aServer(i)));
    const all = await Promise.allSettled(Array.from({ length: 7 }, (_, i) => give(world, `s${i}`)));
    const servers = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value.server] : []));
    expect(servers).toHaveLength(5);
    expect(new Set(servers).size).toBe(5);
    expect(world.sent).toHaveLength(5);
  });
});

describe('a write whose answer gets lost', () => {
  test('counts when it had its effect', async () => {
    const world = new PodWorld(aServer(0), aServer(1));
    let lost = 0;
    world.after = () => {
      if (lost++ === 0) throw LOST();
    };
    const answer = give(world, 's');
    await world.clock.advance(1000);
    expect(await answer).toMatchObject({ server: 'arena-0' });
    expect(world.states()).toEqual({ 'arena-0': 'Allocated s', 'arena-1': '' });
  });

  test('does not count when somebody else changed the server meanwhile', async () => {
    const world = new PodWorld(aServer(0), aServer(1));
    let lost = 0;
    world.before = ({ metadata }) => {
      if (lost++ > 0) return;
      world.touch(metadata.name, { mood: 'fine' });
      throw LOST();
    };
    const answer = give(world, 's');
    await world.clock.advance(1000);
    expect(await answer).toMatchObject({ server: 'arena-1' });
    expect(world.states()).toEqual({ 'arena-0': '', 'arena-1': 'Allocated s' });
  });

  test('leaves the server to others when it had none', async () => {
    const world = new PodWorld(aServer(0));
    world.before = () => {
      throw LOST();
    };
    const answer = give(world, 's').catch((error: unknown) => error);
    await world.clock.advance(5000);
    expect(await answer).toMatchObject({ status: 503, code: 'PROFFER_ALLOCATION_API' });
    world.before = () => {};
    expect(await give(world, 's')).toMatchObject({ server: 'arena-0' });
  });

  test('and that must not go out any more, has none', async () => {
    const world = new PodWorld(aServer(0));
    world.desk.look();
    const answer = give(world, 's');
    await Promise.resolve();
    world.leads = false;
    await expect(answer).rejects.toMatchObject({ status: 503, code: 'PROFFER_ALLOCATION_NO_LEADER' });
    expect(world.states()).toEqual({ 'arena-0': '' });
  });
});

describe('a caller who waits', () => {
  test('is served when a server comes free, the higher priority first', async () => {
    const world = new PodWorld(aServer(0));
    await give(world, 'a');
    const low = give(world, 'low', { waitSeconds: 30 });
    const high = give(world, 'high', { waitSeconds: 30, priority: 1 });
    await settled();
    await release(world, 'a');
    expect(await high).toMatchObject({ server: 'arena-0', session: 'high' });
    await release(world, 'high');
    expect(await low).toMatchObject({ server: 'arena-0', session: 'low' });
  });

  test('goes before one who comes later, and leaves when the time is up', async () => {
    const world = new PodWorld(aServer(0));
    await give(world, 'a');
    const waits = give(world, 'waits', { waitSeconds: 30 });
    const brief = give(world, 'brief', { waitSeconds: 1 }).catch((error: unknown) => error);
    await world.clock.advance(1500);
    expect(await brief).toMatchObject({ status: 429 });
    world.show(world.touch('arena-0', { [LABEL.state]: null, [LABEL.session]: null }));
    await expect(give(world, 'later')).rejects.toMatchObject({ status: 429 });
    expect(await waits).toMatchObject({ server: 'arena-0' });
  });

  test('and hangs up gets nothing, nor does one who hangs up while the write is under way', async () => {
    const world = new PodWorld(aServer(0));
    await give(world, 'a');
    const gone = new AbortController();
    const waits = give(world, 'waits', { waitSeconds: 30 }, gone.signal).catch(() => 'gone');
    await settled();
    gone.abort();
    await release(world, 'a');
    expect(await waits).toBe('gone');
    expect(world.states()).toEqual({ 'arena-0': '' });

    const sudden = new AbortController();
    world.mayUse = () => {
      sudden.abort();
      return true;
    };
    expect(await give(world, 'sudden', {}, sudden.signal).catch(() => 'gone')).toBe('gone');
    world.mayUse = () => true;
    expect(await give(world, 'other')).toMatchObject({ server: 'arena-0' });
    await release(world, 'other');

    const late = new AbortController();
    world.before = () => late.abort();
    expect(await give(world, 'late', {}, late.signal).catch(() => 'gone')).toBe('gone');
    expect(world.states()).toEqual({ 'arena-0': '' });
    world.before = () => {};
    expect(await give(world, 'next')).toMatchObject({ server: 'arena-0' });
  });

  test('is sent to the next leader when leadership ends', async () => {
    const world = new PodWorld();
    const waits = give(world, 's', { waitSeconds: 30 }).catch((error: unknown) => error);
    await settled();
    world.leads = false;
    world.desk.stop();
    expect(await waits).toMatchObject({ status: 503 });
  });
});

describe('a reservation', () => {
  const reserve = ({ desk }: PodWorld, session: string) =>
    desk.reserve(reserveRequest.parse({ namespace: 'games', session, seconds: 30 }), HERE);

  test('keeps a server, which the same session is then given', async () => {
    const world = new PodWorld(aServer(0), aServer(1));
    expect(await reserve(world, 's')).toMatchObject({ state: 'Reserved', heldUntil: '2026-11-30T12:00:30Z' });
    const answer = await give(world, 's');
    expect(answer).toMatchObject({ server: 'arena-0', state: 'Allocated', isNew: false });
    expect(answer.heldUntil).toBeUndefined();
    expect(await reserve(world, 's')).toMatchObject({ server: 'arena-0', state: 'Allocated' });
  });
});

describe('a server of several sessions', () => {
  const dense = (perServer: number, ...servers: ReturnType<typeof aServer>[]) => {
    const world = new PodWorld(...servers);
    world.perServer = perServer;
    for (const pod of world.pods.values()) world.show(pod);
    return world;
  };
  const idsOn = ({ pods }: PodWorld, name: string) =>
    Object.keys(pods.get(name)!.metadata.annotations!)
      .filter((key) => key.startsWith(SESSION_PREFIX))
      .map((key) => key.slice(SESSION_PREFIX.length));

  test('takes as many as its pool says, each with words of its own, and is free when the last has left', async () => {
    const world = dense(2, aServer(0));
    const map = (name: string) => ({ annotations: { 'example.com/map': name } });
    expect(await give(world, 'a', { ...map('dust'), beginSeconds: 60, sessionSeconds: 3600 })).toMatchObject({
      server: 'arena-0',
      state: 'Allocated',
      annotations: { 'example.com/map': 'dust' },
      heldUntil: '2026-11-30T12:01:00Z',
      sessionUntil: '2026-11-30T13:00:00Z',
      counters: { sessions: { count: 1, capacity: 2 } },
    });
    expect(await give(world, 'b', map('ice'))).toMatchObject({ annotations: { 'example.com/map': 'ice' } });
    await expect(give(world, 'c')).rejects.toMatchObject({ status: 429 });
    expect(world.sent.map(({ method }) => method)).toEqual(['PATCH', 'PATCH']);
    expect(idsOn(world, 'arena-0')).toEqual(['a', 'b']);
    expect(world.pods.get('arena-0')!.metadata.labels).not.toHaveProperty([LABEL.session]);
    expect(await give(world, 'a')).toMatchObject({
      isNew: false,
      annotations: { 'example.com/map': 'dust' },
    });
    const begun = await world.desk.begin({ namespace: 'games', session: 'a' });
    expect([begun.heldUntil, begun.sessionUntil]).toEqual([undefined, '2026-11-30T13:00:00Z']);

    expect(await release(world, 'a')).toEqual({ released: true });
    expect([world.states()['arena-0'], idsOn(world, 'arena-0')]).toEqual(['Allocated', ['b']]);
    expect(await release(world, 'a')).toEqual({ released: false });
    await expect(world.desk.session(asked('a'))).rejects.toMatchObject({ status: 404 });
    expect(await world.desk.session(asked('b'))).toMatchObject({ session: 'b', server: 'arena-0' });
    expect(await give(world, 'c')).toMatchObject({ counters: { sessions: { count: 2, capacity: 2 } } });
    await Promise.all([release(world, 'b'), release(world, 'c')]);
    expect([world.states()['arena-0'], idsOn(world, 'arena-0')]).toEqual(['', []]);
  });

  test('takes those who ask at once, one after the other, and those whom another one leaves', async () => {
    const world = dense(4, aServer(0), aServer(1));
    const all = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => give(world, `s${i}`)));
    const servers = all.map((one) => (one.status === 'fulfilled' ? one.value.server : 'none'));
    const four = (name: string) => Array<string>(4).fill(name);
    expect(servers).toEqual([...four('arena-0'), ...four('arena-1'), 'none', 'none']);
    expect(world.sent).toHaveLength(8);
    const waits = give(world, 'waits', { waitSeconds: 30 });
    await settled();
    await release(world, 's5');
    expect(await waits).toMatchObject({ server: 'arena-1' });
  });

  test('loses no place when it changes meanwhile', async () => {
    const world = dense(3, aServer(0));
    world.touch('arena-0', { mood: 'fine' });
    const all = await Promise.all(['a', 'b', 'c'].map((id) => give(world, id)));
    expect(all.map(({ server }) => server)).toEqual(['arena-0', 'arena-0', 'arena-0']);
  });

  test('gives none to those who stood in its queue when it is told to go', async () => {
    const world = dense(3, aServer(0), aServer(1));
    let writes = 0;
    world.after = () => {
      if (writes++ === 0) world.show(world.touch('arena-0', { [LABEL.intent]: 'Drain' }));
    };
    const all = await Promise.all(['a', 'b'].map((id) => give(world, id)));
    expect(all.map(({ server }) => server)).toEqual(['arena-0', 'arena-1']);
    expect(writes).toBe(2);
  });

  test('is Reserved while all of them are, and what was reserved is allocated', async () => {
    const world = dense(2, aServer(0));
    const reserve = (session: string) =>
      world.desk.reserve(reserveRequest.parse({ namespace: 'games', session, seconds: 30 }), HERE);
    await reserve('a');
    await reserve('b');
    expect(world.states()['arena-0']).toBe('Reserved');
    expect(await give(world, 'a')).toMatchObject({ state: 'Allocated', isNew: false });
    expect(world.states()['arena-0']).toBe('Allocated');
    expect(await world.desk.session(asked('b'))).toMatchObject({ state: 'Reserved' });
    await release(world, 'a');
    expect(world.states()['arena-0']).toBe('Reserved');
  });

  test('that is to go takes no more and keeps the others; one that gave itself back begins anew', async () => {
    const world = dense(3, aServer(0), aServer(1));
    await give(world, 'a');
    await give(world, 'b');
    await release(world, 'a', 'Drain');
    expect(world.pods.get('arena-0')!.metadata.labels).toMatchObject({
      [LABEL.intent]: 'Drain',
      [LABEL.state]: 'Allocated',
    });
    expect(await give(world, 'c')).toMatchObject({ server: 'arena-1' });
    world.show(world.touch('arena-1', { [LABEL.state]: null }));
    await expect(world.desk.session(asked('c'))).rejects.toMatchObject({ status: 404 });
    expect(await give(world, 'd')).toMatchObject({ server: 'arena-1' });
    expect(idsOn(world, 'arena-1')).toEqual(['d']);
  });

  test('is known to a replica that knows the Pods alone, and another number of sessions counts at once', async () => {
    const world = dense(2, aServer(0), aServer(1));
    for (const id of ['a', 'b', 'c']) await give(world, id);
    const heir = dense(2);
    for (const [name, pod] of world.pods) {
      heir.pods.set(name, pod);
      heir.show(pod);
    }
    expect(await give(heir, 'b')).toMatchObject({ server: 'arena-0', isNew: false });
    expect(await give(heir, 'd')).toMatchObject({ server: 'arena-1', isNew: true });
    await expect(give(heir, 'e')).rejects.toMatchObject({ status: 429 });
    heir.perServer = 3;
    heir.inventory.refile('games', 'arena');
    expect(await give(heir, 'e')).toMatchObject({ server: 'arena-0' });
    heir.perServer = 1;
    heir.inventory.refile('games', 'arena');
    await expect(give(heir, 'f')).rejects.toMatchObject({ status: 429 });
  });

  test('takes as many as it says itself, from then on', async () => {
    const world = dense(2, aServer(0));
    const { uid = '' } = world.pods.get('arena-0')!.metadata;
    const self = { namespace: 'games', name: 'arena-0', uid };
    await world.counters.put(self, 'session-capacity', { count: 3 });
    for (const id of ['a', 'b']) await give(world, id);
    const counters = { sessions: { count: 3, capacity: 3 } };
    expect(await give(world, 'c')).toMatchObject({ server: 'arena-0', counters });
    await expect(give(world, 'd')).rejects.toMatchObject({ status: 429 });
    // Who waits is served when it takes more.
    const waiting = give(world, 'd', { waitSeconds: 30 });
    await world.counters.put(self, 'session-capacity', { count: 4 });
    expect(await waiting).toMatchObject({ server: 'arena-0' });
    // Nobody is put out when it takes fewer.
    await world.counters.put(self, 'session-capacity', { count: 1 });
    await expect(give(world, 'e')).rejects.toMatchObject({ status: 429 });
    expect(idsOn(world, 'arena-0')).toEqual(['a', 'b', 'c', 'd']);
  });

  test('has room for so many words of each alone', async () => {
    const world = dense(2, aServer(0));
    const annotations = { 'example.com/map': 'x'.repeat(2048) };
    await expect(give(world, 'a', { annotations })).rejects.toMatchObject({
      status: 400,
      field: 'annotations',
    });
    expect(await give(world, 'a')).toMatchObject({ server: 'arena-0' });
  });
});

describe('a release', () => {
  test('of a session that there is not says so', async () => {
    const world = new PodWorld(aServer(0));
    expect(await release(world, 's')).toEqual({ released: false });
    await give(world, 's');
    expect(await release(world, 's')).toEqual({ released: true });
    expect(await release(world, 's')).toEqual({ released: false });
  });

  test('has its effect though the Pod changed since it was seen', async () => {
    const world = new PodWorld(aServer(0));
    await give(world, 's');
    world.touch('arena-0', { mood: 'fine' });
    expect(await release(world, 's')).toEqual({ released: true });
    expect(world.states()).toEqual({ 'arena-0': '' });
  });

  test('to Drain has the server replaced', async () => {
    const world = new PodWorld(aServer(0));
    await give(world, 's');
    await release(world, 's', 'Drain');
    expect(world.pods.get('arena-0')!.metadata.labels).toMatchObject({ [LABEL.intent]: 'Drain' });
    await expect(give(world, 't')).rejects.toMatchObject({ status: 429 });
  });

  test('and a begin of one session do not hit the server of another', async () => {
    const world = new PodWorld(aServer(0));
    await give(world, 's', { beginSeconds: 60 });
    expect((await world.desk.begin({ namespace: 'games', session: 's' })).heldUntil).toBeUndefined();
    // The watch lags: the server has passed to another session.
    world.touch('arena-0', { [LABEL.session]: 'other' });
    expect(await release(world, 's')).toEqual({ released: false });
    await expect(world.desk.begin({ namespace: 'games', session: 's' })).rejects.toMatchObject({
      status: 404,
    });
    expect(world.states()).toEqual({ 'arena-0': 'Allocated other' });
  });
});
