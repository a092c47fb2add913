import { expect, test } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import type { KubeClient, KubeRequest } from './client.ts';
import { KubeError } from './errors.ts';
import { listAll } from './list.ts';
import { Slices } from './slices.ts';

/** Serves a collection page by page as the API server does. @param sizes bytes of each object */
function serve(sizes: readonly number[], expireAt = Infinity) {
  const asked: number[] = [];
  let expired = false;
  const measured = ({ query, mostBytes = Infinity }: KubeRequest) => {
    const from = Number(query!['continue'] ?? 0);
    const limit = Number(query!['limit']);
    asked.push(limit);
    if (from >= expireAt && !expired) {
      expired = true;
      return Promise.reject(new KubeError({ kind: 'gone', message: 'expired' }));
    }
    const page = sizes.slice(from, from + limit);
    const bytes = page.reduce((sum, size) => sum + size, 0);
    if (bytes > mostBytes) return Promise.reject(new KubeError({ kind: 'tooLarge', message: 'long' }));
    const end = from + page.length;
    const metadata = { resourceVersion: '7', ...(end < sizes.length ? { continue: String(end) } : {}) };
    const items = page.map((_, i) => ({ metadata: { name: `o${from + i}`, managedFields: [] } }));
    return Promise.resolve({ body: { apiVersion: 'v1', kind: 'PodList', metadata, items }, bytes });
  };
  const client = { measured, slices: new Slices(systemClock) } as unknown as KubeClient;
  return { client, asked };
}

async function list(client: KubeClient) {
  let names: string[] = [];
  const version = await listAll({
    client,
    path: '/api/v1/pods',
    signal: new AbortController().signal,
    onItem: ({ kind, apiVersion, metadata }) => names.push(`${apiVersion} ${kind} ${metadata.name}`),
    onRestart: () => (names = []),
  });
  return { names, version };
}

const named = (count: number) => Array.from({ length: count }, (_, i) => `v1 Pod o${i}`);

test('a list comes whole and in order, few objects first, a page that is too long in parts', async () => {
  const { client, asked } = serve([...Array<number>(100).fill(100), ...Array<number>(12).fill(1_200_000)]);
  expect(await list(client)).toEqual({ names: named(112), version: '7' });
  expect(asked.slice(0, 5)).toEqual([8, 16, 32, 64, 16]);
  expect(asked.slice(-6)).toEqual([1, 1, 1, 1, 1, 1]);
});

test('a list whose continue token expires starts again with larger pages', async () => {
  const { client, asked } = serve(Array<number>(40).fill(100), 24);
  expect(await list(client)).toEqual({ names: named(40), version: '7' });
  expect(asked).toEqual([8, 16, 32, 64]);
});

test('the next page is asked for while one is read, and how that ends is heard of after it', async () => {
  const { client, asked } = serve(Array<number>(40).fill(100), 24);
  const askedAt: number[] = [];
  await listAll({
    client,
    path: '/api/v1/pods',
    signal: new AbortController().signal,
    onItem: () => askedAt.push(asked.length),
    onRestart: () => askedAt.push(0),
  });
  expect(askedAt.slice(0, 9)).toEqual([...Array<number>(8).fill(2), 3]);
  expect(askedAt.indexOf(0)).toBe(24);
});

test('any other failure is the caller’s', async () => {
  const gone = { measured: () => Promise.reject(new KubeError({ kind: 'gone', message: 'at once' })) };
  await expect(list(gone as unknown as KubeClient)).rejects.toMatchObject({ kind: 'gone' });
});
