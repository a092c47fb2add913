import { beforeEach, describe, expect, test } from 'vitest';
import type { KubeClient, KubeRequest } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { atOnce } from '../lib/steps.ts';
import { StatusWriter } from './status-writer.ts';

const PATH = '/apis/proffer.dev/v1alpha1/namespaces/a/gameserverpools/b';

/** An API server that holds one status. Writes end when they are let through. */
let server: { status: unknown; version?: string; requests: KubeRequest[]; answer: () => Promise<void> };
let conflicts: number;
let now: number;
let slept: number[];
let leading: boolean;
let writer: StatusWriter;
let term: AbortController;

beforeEach(() => {
  now = 0;
  conflicts = 0;
  slept = [];
  leading = true;
  term = new AbortController();
  server = { status: undefined, requests: [], answer: () => Promise.resolve() };
  const request = async (sent: KubeRequest) => {
    server.requests.push(sent);
    await server.answer();
    server.status = (sent.body as { value: unknown }[])[0]!.value;
    return { metadata: { resourceVersion: server.version } };
  };
  const clock = {
    now: () => now,
    monotonic: () => now,
    sleep: (ms: number) => {
      if (ms > 0) slept.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
  const quiet = () => {};
  writer = new StatusWriter({
    client: { request } as unknown as KubeClient,
    clock,
    random: () => 0,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    mayWrite: () => leading,
    onConflict: () => conflicts++,
  });
});

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
async function want(desired: object, current: unknown = server.status): Promise<void> {
  atOnce(writer.want([{ path: PATH, current, desired }], term.signal));
  await settle();
}
const written = () => server.requests.map(({ body }) => (body as { value: unknown }[])[0]!.value);

describe('the writer of statuses', () => {
  test('replaces the whole status, so that nothing old stays in it', async () => {
    await want({ message: 'well' }, { message: 'ill', gone: true });
    expect(server.requests).toMatchObject([
      {
        method: 'PATCH',
        path: `${PATH}/status`,
        contentType: 'application/json-patch+json',
        body: [{ op: 'add', path: '/status', value: { message: 'well' } }],
      },
    ]);
  });

  test('that counts goes over the version that it was counted from, and over what our own write made of that', async () => {
    const at = (version: string, desired: object) =>
      atOnce(writer.want([{ path: PATH, current: server.status, desired, version }], term.signal));
    const versions = () =>
      server.requests.map(({ body }) => (body as { value: unknown }[]).slice(1).map(({ value }) => value));
    server.version = '8';
    at('7', { restarts: 1 });
    await settle();
    at('7', { restarts: 2 });
    await settle();
    at('9', { restarts: 3 });
    await settle();
    expect(versions()).toEqual([['7'], ['8'], ['9']]);
    server.answer = () => Promise.reject(new KubeError({ kind: 'conflict', message: 'changed' }));
    at('9', { restarts: 4 });
    await settle();
    expect(conflicts).toBe(1);
  });

  test('writes nothing that the object has already, whatever the order of its fields', async () => {
    await want({ a: 1, b: [{ c: 1, d: 2 }] }, { b: [{ d: 2, c: 1 }], a: 1 });
    expect(server.requests).toEqual([]);
  });

  test('takes few connections for one namespace, and keeps nobody of another waiting', async () => {
    server.answer = () => new Promise(() => {});
    const path = (namespace: string, name: string) =>
      `/apis/proffer.dev/v1alpha1/namespaces/${namespace}/gameserverpools/${name}`;
    const many = Array.from({ length: 50 }, (_, i) => path('a', `p${i}`));
    const statuses = [...many, path('b', 'arena')].map((each) => ({
      path: each,
      current: {},
      desired: { n: 1 },
    }));
    atOnce(writer.want(statuses, term.signal));
    await settle();
    const of = (namespace: string) =>
      server.requests.filter((sent) => sent.path.includes(`/${namespace}/`)).length;
    expect([of('a'), of('b')]).toEqual([4, 1]);
  });

  test('writes once, although the store lags', async () => {
    await want({ n: 1 }, { n: 0 });
    await want({ n: 1 }, { n: 0 });
    await want({ n: 1 });
    expect(written()).toEqual([{ n: 1 }]);
  });

  test('writes back what was before, although the store still shows it', async () => {
    await want({ n: 1 }, { n: 0 });
    await want({ n: 0 }, { n: 0 });
    expect(written()).toEqual([{ n: 1 }, { n: 0 }]);
    expect(server.status).toEqual({ n: 0 });
  });

  test('writes again what somebody else wrote over', async () => {
    await want({ n: 1 }, { n: 0 });
    server.status = { n: 9 };
    await want({ n: 1 });
    expect(written()).toEqual([{ n: 1 }, { n: 1 }]);
  });

  test('does not write on and on what the API server makes something else of', async () => {
    await want({ n: 1, unknown: true }, undefined);
    for (let i = 0; i < 3; i++) await want({ n: 1, unknown: true }, { n: 1 });
    expect(server.requests.length).toBe(2);
  });

  test('writes an object at most once a second, and then the newest', async () => {
    let letThrough = () => {};
    server.answer = () => new Promise((resolve) => (letThrough = resolve));
    await want({ n: 1 });
    await want({ n: 2 });
    await want({ n: 3 });
    expect([written(), slept]).toEqual([[{ n: 1 }], []]);
    letThrough();
    await settle();
    expect([written(), slept]).toEqual([[{ n: 1 }, { n: 3 }], [1000]]);
  });

  test('writes words alone every five seconds while cycles go on, and anything else at once', async () => {
    const say = async (words: string, ready: string, comesAgain: boolean): Promise<void> => {
      const desired = { message: words, conditions: [{ type: 'Ready', status: ready, message: words }] };
      atOnce(writer.want([{ path: PATH, current: server.status, desired, comesAgain }], term.signal));
      await settle();
    };
    await say('a', 'False', true);
    now = 4900;
    await say('b', 'False', true);
    expect(server.status).toMatchObject({ message: 'a' });
    await say('b', 'True', true);
    expect(server.status).toMatchObject({ message: 'b' });
    now = 8000;
    await say('c', 'True', true);
    expect(server.status).toMatchObject({ message: 'b' });
    await say('c', 'True', false);
    expect(server.status).toMatchObject({ message: 'c' });
    now = 13_100;
    await say('d', 'True', true);
    expect(server.status).toMatchObject({ message: 'd' });
  });

  test('repeats what did not reach the API server', async () => {
    let failures = 7;
    server.answer = () =>
      failures-- > 0 ? Promise.reject(new KubeError({ kind: 'server', message: 'down' })) : Promise.resolve();
    await want({ n: 1 });
    await settle();
    expect([server.status, server.requests.length]).toEqual([{ n: 1 }, 8]);
  });

  test('gives up what is refused until it is wanted again', async () => {
    server.answer = () => Promise.reject(new KubeError({ kind: 'forbidden', message: 'no' }));
    await want({ n: 1 });
    expect(server.requests.length).toBe(1);
    server.answer = () => Promise.resolve();
    await want({ n: 1 });
    expect(server.status).toEqual({ n: 1 });
  });

  test('writes nothing when it does not lead, or when its term is over', async () => {
    leading = false;
    await want({ n: 1 });
    leading = true;
    term.abort();
    await want({ n: 2 });
    expect(server.requests).toEqual([]);
  });

  test('forgets objects that are gone', async () => {
    await want({ n: 1 }, { n: 0 });
    atOnce(writer.want([], term.signal));
    await want({ n: 1 }, { n: 0 });
    expect(server.requests.length).toBe(2);
  });

  test('writes a patch as it is given, and tells when it is written, not when it is refused', async () => {
    let told = 0;
    const body = [{ value: 'patched' }];
    const wanted = { path: PATH, current: {}, desired: { n: 1 }, patch: { body, contentType: 'a/b' } };
    const wantIt = async () => {
      atOnce(writer.want([{ ...wanted, onWritten: () => told++ }], term.signal));
      await settle();
    };
    server.answer = () => Promise.reject(new KubeError({ kind: 'conflict', message: 'it changed' }));
    await wantIt();
    expect(told).toBe(0);
    server.answer = () => Promise.resolve();
    await wantIt();
    await wantIt();
    expect([told, server.requests.length]).toEqual([1, 2]);
    expect(server.requests[1]).toMatchObject({ path: `${PATH}/status`, contentType: 'a/b', body });
  });
});
