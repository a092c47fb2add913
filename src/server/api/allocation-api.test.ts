import { describe, expect, test } from 'vitest';
import { AllocationError } from '../../allocation/errors.ts';
import { ManualClock } from '../../lib/manual-clock.test-helper.ts';
import { DESK, SESSION, start, WISH } from './allocation-api.test-helper.ts';
import type { AllocationApiOptions } from './allocation-api.ts';
import type { CounterCalls } from './calls.ts';

describe('a call', () => {
  test('of each kind is answered', async () => {
    const { call, calls } = await start();
    expect(await call('/v1/allocate', WISH)).toMatchObject({ status: 200, body: SESSION });
    expect(await call('/v1/reserve', { ...WISH, seconds: 5 })).toMatchObject({ body: { state: 'Reserved' } });
    expect(await call('/v1/begin', WISH)).toMatchObject({ status: 200 });
    expect(await call('/v1/release', WISH)).toMatchObject({ status: 200, body: { released: true } });
    expect(await call('/v1/sessions/s?namespace=games')).toMatchObject({ status: 200, body: SESSION });
    expect(calls).toEqual(['allocate 200', 'reserve 200', 'begin 200', 'release 200', 'session 200']);
  });

  test.each([
    ['session', { namespace: 'games', session: 'no spaces' }],
    ['namespace', { session: 's' }],
    ['selectors[1].pool', { ...WISH, selectors: [{}, { pool: 'UPPER' }] }],
    [
      'selectors[0].matchExpressions[0].values',
      { ...WISH, selectors: [{ matchExpressions: [{ key: 'map', operator: 'In' }] }] },
    ],
    ['waitSeconds', { ...WISH, waitSeconds: 61 }],
    ['annotations.proffer.dev/state', { ...WISH, annotations: { 'proffer.dev/state': 'x' } }],
  ])('with a wrong %s is told so', async (field, body) => {
    const { call } = await start();
    const answer = await call('/v1/allocate', body);
    expect(answer).toMatchObject({
      status: 400,
      type: 'application/problem+json',
      body: {
        status: 400,
        title: 'Bad Request',
        code: 'PROFFER_ALLOCATION_INVALID',
        type: 'about:blank',
        field,
      },
    });
    expect(answer.body['detail']).toSatisfy((text: string) => text.startsWith(`${field}: `));
  });

  test('with a field that nobody knows, with no JSON, too long or to nowhere is told so', async () => {
    const { call } = await start();
    expect(await call('/v1/allocate', { ...WISH, sesion: 's' })).toMatchObject({ status: 400 });
    expect(await call('/v1/allocate', '{')).toMatchObject({ status: 400 });
    expect(await call('/v1/allocate', 'x'.repeat(70_000))).toMatchObject({
      status: 413,
      type: 'application/problem+json',
    });
    expect(await call('/v1/nothing', WISH)).toMatchObject({
      status: 404,
      body: { detail: 'there is no POST /v1/nothing: /openapi.json has all calls' },
    });
  });

  test('without a token, with a wrong one, or without the right is turned away', async () => {
    const { call } = await start();
    expect(await call('/v1/allocate', WISH, null)).toMatchObject({ status: 401 });
    const wrong = await call('/v1/allocate', {}, 'nobody');
    expect(wrong).toMatchObject({ status: 401, body: { code: 'PROFFER_ALLOCATION_UNAUTHENTICATED' } });
    expect(wrong.headers.get('www-authenticate')).toBe('Bearer');
    const denied = await call('/v1/allocate', WISH, 'reader');
    expect(denied).toMatchObject({ status: 403, body: { code: 'PROFFER_ALLOCATION_FORBIDDEN' } });
    expect(denied.body['detail']).toContain(
      'reader may not create gameserverpools/allocate of proffer.dev in namespace games',
    );
    expect(await call('/v1/sessions/s?namespace=games', undefined, 'reader')).toMatchObject({ status: 200 });
    expect(await call('/v1/sessions/s?namespace=other', undefined, 'reader')).toMatchObject({ status: 403 });
  });

  test('that comes too often is told when to come again, and holds up no other caller', async () => {
    const { call } = await start({ callsPerSecond: 2 });
    const [a, b, c] = [
      await call('/v1/begin', WISH),
      await call('/v1/begin', WISH),
      await call('/v1/begin', WISH),
    ];
    expect([a.status, b.status, c.status]).toEqual([200, 200, 429]);
    expect(c.headers.get('retry-after')).toBe('1');
    expect((await call('/v1/sessions/s?namespace=games', undefined, 'reader')).status).toBe(200);
  });

  test('that the desk does not serve has its words; a fault of ours stays in our log', async () => {
    const none = new AllocationError('PROFFER_ALLOCATION_NONE_FREE', 'no free server', { retryAfter: 3 });
    const allocate = () => Promise.reject(none);
    const begin = () => Promise.reject(new TypeError('secret'));
    const { call, faults } = await start({ desk: { ...DESK, allocate, begin } });
    const busy = await call('/v1/allocate', WISH);
    expect(busy).toMatchObject({
      status: 429,
      body: { code: 'PROFFER_ALLOCATION_NONE_FREE', detail: 'no free server' },
    });
    expect(busy.headers.get('retry-after')).toBe('3');
    const fault = await call('/v1/begin', WISH);
    expect(fault).toMatchObject({ status: 500, body: { code: 'PROFFER_ALLOCATION_FAULT' } });
    expect(JSON.stringify(fault.body)).not.toContain('secret');
    expect(faults).toEqual(['an allocation call failed']);
  });

  test('whose caller hangs up ends', async () => {
    const { promise: ended, resolve } = Promise.withResolvers<unknown>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const allocate = (_: unknown, signal: AbortSignal) => {
      begin();
      return new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          resolve(signal.reason);
          reject(signal.reason as Error);
        });
      });
    };
    const { api } = await start({ desk: { ...DESK, allocate } });
    const caller = new AbortController();
    const body = JSON.stringify(WISH);
    const headers = { authorization: 'Bearer maker', 'content-type': 'application/json' };
    const answer = fetch(`${api.url}/v1/allocate`, { method: 'POST', headers, body, signal: caller.signal });
    await begun;
    caller.abort();
    await expect(answer).rejects.toThrow();
    expect(String(await ended)).toContain('hung up');
  });
});

describe('a server that counts', () => {
  /** The API, what it was told by servers, and a call of one. */
  async function startCounting(more: Partial<AllocationApiOptions> = {}) {
    const put: unknown[] = [];
    const counters: CounterCalls = { put: async (...told) => void put.push(told) };
    const { api, call, calls } = await start({ counters, ...more });
    const count = (
      body: unknown = { count: 3, capacity: 16 },
      token: string | null = 'pod-a',
      name = 'players',
    ) => call(`/v1/self/counters/${name}`, body, token, 'PUT');
    return { api, put, calls, count };
  }

  test('is the Pod that its token is bound to, by whichever replica it asks', async () => {
    const { api, put, calls, count } = await startCounting();
    const follower = await startCounting({ leads: () => false, leader: () => api.advertised });
    expect(await count()).toMatchObject({ status: 200, body: { count: 3, capacity: 16 } });
    expect(await follower.count({ count: 4 }, 'pod-a', 'free-slots')).toMatchObject({
      status: 200,
      body: { count: 4 },
    });
    const self = { namespace: 'games', name: 'pod-a', uid: 'uid of pod-a' };
    expect(put).toEqual([
      [self, 'players', { count: 3, capacity: 16 }],
      [self, 'free-slots', { count: 4 }],
    ]);
    expect([calls, follower.put]).toEqual([['counter 200', 'counter 200'], []]);
  });

  test('needs a token for that and of a Pod, which is good for nothing else', async () => {
    const { put, count } = await startCounting();
    const { call } = await start();
    expect(await count({}, null)).toMatchObject({ status: 401 });
    const denied = await count({}, 'maker');
    expect(denied).toMatchObject({ status: 401, body: { code: 'PROFFER_ALLOCATION_UNAUTHENTICATED' } });
    expect(denied.body['detail']).toContain('audience proffer.dev');
    expect(await count({}, 'unbound')).toMatchObject({
      status: 403,
      body: { code: 'PROFFER_ALLOCATION_FORBIDDEN' },
    });
    expect(await call('/v1/allocate', WISH, 'pod-a')).toMatchObject({ status: 401 });
    expect(put).toEqual([]);
  });

  test.each([
    ['count', { count: -1 }, 'players'],
    ['count', { count: 1_000_000_000 }, 'players'],
    ['capacity', { count: 1, capacity: 1.5 }, 'players'],
    ['name', { count: 1 }, 'Players'],
  ])('with a wrong %s is told so', async (field, body, name) => {
    const { put, count } = await startCounting();
    expect(await count(body, 'pod-a', name)).toMatchObject({
      status: 400,
      body: { code: 'PROFFER_ALLOCATION_INVALID', field },
    });
    expect(put).toEqual([]);
  });

  test('may do so five times at once, then once a second', async () => {
    const clock = new ManualClock(0);
    const { put, count } = await startCounting({ clock });
    for (let i = 0; i < 5; i++) expect((await count()).status).toBe(200);
    const refused = await count();
    expect(refused).toMatchObject({ status: 429, body: { code: 'PROFFER_ALLOCATION_TOO_MANY' } });
    expect(refused.headers.get('retry-after')).toBe('1');
    await clock.advance(1000);
    expect([(await count()).status, (await count()).status]).toEqual([200, 429]);
    expect(put).toHaveLength(6);
  });

  test('shares a hundred calls a second with the others of its namespace', async () => {
    const { count } = await startCounting();
    const statuses: number[] = [];
    for (let i = 0; i < 101; i++) statuses.push((await count({ count: 1 }, `pod-${i}`)).status);
    expect([statuses.indexOf(429), statuses.lastIndexOf(200)]).toEqual([100, 99]);
  });
});

describe('a replica that does not lead', () => {
  test('passes calls on with the token of the caller, and answers back', async () => {
    const { api: leader, calls } = await start();
    const { call } = await start({ leads: () => false, leader: () => leader.advertised });
    expect(await call('/v1/allocate', WISH)).toMatchObject({ status: 200, body: SESSION });
    expect(await call('/v1/sessions/s?namespace=games')).toMatchObject({ status: 200, body: SESSION });
    expect(await call('/v1/allocate', { ...WISH, session: '' })).toMatchObject({
      status: 400,
      body: { field: 'session' },
    });
    const denied = await call('/v1/allocate', WISH, 'nobody');
    expect(denied).toMatchObject({ status: 401, type: 'application/problem+json' });
    expect(calls).toEqual(['allocate 200', 'session 200', 'allocate 400', 'allocate 401']);
  });

  test('says so when nobody leads, the leader is gone, or is itself of the opinion that it is not', async () => {
    let leader = '';
    const { api, call } = await start({ leads: () => false, leader: () => leader });
    const tried = async () => {
      const { status, body, headers } = await call('/v1/allocate', WISH);
      return [status, body['code'], headers.get('retry-after')];
    };
    const away = [503, 'PROFFER_ALLOCATION_NO_LEADER', '1'];
    expect(await tried()).toEqual(away);
    leader = 'http://127.0.0.1:9';
    expect(await tried()).toEqual(away);
    leader = api.advertised;
    expect(await tried()).toEqual(away);
  });
});

test('the API describes itself', async () => {
  const { call } = await start();
  const { status, body } = await call('/openapi.json', undefined, null);
  expect(status).toBe(200);
  expect(Object.keys(body['paths'] as object)).toEqual([
    '/v1/allocate',
    '/v1/reserve',
    '/v1/begin',
    '/v1/release',
    '/v1/sessions/{session}',
    '/v1/self/counters/{name}',
  ]);
});
