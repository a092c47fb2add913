import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Clock } from '../lib/clock.ts';
import { readDocuments } from './documents.ts';
import { explain } from './explain.ts';
import { newestTime } from './newest.ts';
import { addDocuments, noObjects } from './objects.ts';
import { replay } from './replay.ts';

type Json = Record<string, unknown>;

const clock: Clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() };
const FILE = join(import.meta.dirname, '../../examples/dumps/waiting.yaml');
const { items } = readDocuments(readFileSync(FILE, 'utf8'), 'waiting.yaml')[0]!.value as { items: Json[] };

/** Every path in a value, the items of a list as one. */
function* pathsIn(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    yield [...path, key];
    yield* pathsIn(child, [...path, key]);
  }
}

/** A copy of an object with something else at a path, under a name of its own. */
function changed(object: Json, path: readonly string[], put: unknown, name: string): Json {
  const copy = structuredClone(object);
  (copy['metadata'] as Json)['name'] = name;
  const within = path.slice(0, -1).reduce<Json>((outer, key) => outer[key] as Json, copy);
  within[path.at(-1)!] = put;
  return copy;
}

test.each([
  ['null', null],
  ['a list of null', [null]],
  ['text', 'text'],
])('%s in any place of any object is read as far as it can be, and nothing breaks', (_, put) => {
  const seen = new Set<string>();
  const changedItems = items.flatMap((item) =>
    [...pathsIn(item)].flatMap((path): Json[] => {
      const place = `${item['kind'] as string}.${path.join('.').replaceAll(/\b\d+\b/g, '*')}`;
      // An object without a kind or a name is none.
      if (seen.has(place) || /\.(apiVersion|kind|metadata|metadata\.name)$/.test(place)) return [];
      seen.add(place);
      return [changed(item, path, put, `changed-${seen.size}`)];
    }),
  );
  expect(changedItems.length).toBeGreaterThan(300);
  const cluster = noObjects();
  const list = { apiVersion: 'v1', kind: 'List', items: [...items, ...changedItems] };
  addDocuments(cluster, [{ value: list, where: 'changed.yaml' }], 'default');
  const options = { now: newestTime(cluster), hostPorts: { first: 7000, last: 8000 }, clock };
  expect(options.now).toBeGreaterThan(0);
  expect(replay(cluster, options).nodes).toBeGreaterThan(5);
  expect([...explain(cluster, options)].length).toBeGreaterThan(5);
});
