import { expect, test } from 'vitest';
import { aNode, aPod, aPool } from '../../test/builders/index.ts';
import { clusterOf, manifest } from './cluster.test-helper.ts';
import { withObjects } from './merge.ts';
import { addDocuments, noObjects } from './objects.ts';

/** Sorts values as documents of one file. */
function add(...values: readonly unknown[]) {
  const cluster = noObjects();
  const documents = values.map((value, i) => ({ value, where: `x.yaml, document ${i + 1}` }));
  return { cluster, notes: addDocuments(cluster, documents, 'games') };
}

test('Lists are opened, typed ones too, and an object knows where it stands', () => {
  const { apiVersion: _, kind: __, ...bare } = manifest(aNode('n1'));
  const { cluster } = add(
    { apiVersion: 'v1', kind: 'List', items: [manifest(aPod('a')), manifest(aPool('arena'))] },
    { apiVersion: 'v1', kind: 'NodeList', items: [bare] },
  );
  expect(add({ apiVersion: 'v1', kind: 'PodList', items: null }).cluster.pods.size).toBe(0);
  expect([...cluster.pods.keys(), ...cluster.pools.keys(), ...cluster.nodes.keys()]).toEqual([
    'default/a',
    'games/arena',
    'n1',
  ]);
  expect(cluster.pools.get('games/arena')!.where).toBe(
    'x.yaml, document 1, item 2, GameServerPool games/arena',
  );
});

test('an object without a namespace gets one, if its kind has them', () => {
  const { cluster } = add(
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } },
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } },
  );
  expect(cluster.pods.get('games/a')!.object.metadata.namespace).toBe('games');
  expect(cluster.nodes.get('n')!.object.metadata).toEqual({ name: 'n' });
});

test('what is not read, and what comes again, is told', () => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } };
  const foreign = { apiVersion: 'example.com/v1', kind: 'Node', metadata: { name: 'n' } };
  const { notes } = add(secret, secret, foreign, manifest(aPod('a')), manifest(aPod('a')));
  expect([...notes.ignored]).toEqual([
    ['Secret', 2],
    ['Node', 1],
  ]);
  expect(notes.repeated).toEqual(['Pod default/a']);
});

test.each<[unknown, string]>([
  ['hello', 'x.yaml, document 1: must be a Kubernetes object, a map with kind'],
  [{ metadata: { name: 'a' } }, 'x.yaml, document 1: kind is missing'],
  [{ kind: 'Pod', metadata: { name: 'a' } }, 'x.yaml, document 1: apiVersion is missing'],
  [{ apiVersion: 'v1', kind: 'List' }, 'x.yaml, document 1: List must have items, a list'],
  [
    { apiVersion: 'v1', kind: 'List', items: [null] },
    'x.yaml, document 1, item 1: must be a Kubernetes object',
  ],
  [{ apiVersion: 'v1', kind: 'Pod', metadata: {} }, 'x.yaml, document 1, Pod: metadata.name is missing'],
])('%j is refused: %s', (value, message) => expect(() => add(value)).toThrow(message));

test('a manifest of the same name takes the place of an object, and keeps its identity', () => {
  const { pools } = withObjects(
    clusterOf(aPool('arena').replicas(1).status({ recovered: 3 })),
    clusterOf(aPool('arena').replicas(9), aPool('other')),
  );
  expect([...pools.keys()]).toEqual(['games/arena', 'games/other']);
  const { object } = pools.get('games/arena')!;
  expect(object).toMatchObject({ spec: { replicas: 9 }, status: { recovered: 3 } });
  expect(object.metadata.uid).toBe('uid-gsp-games-arena');
});
