import { NodeBuilder } from '../../test/builders/node.ts';
import { PodBuilder } from '../../test/builders/pod.ts';
import type { Buildable, RawStorage } from '../../test/builders/index.ts';
import { STORAGE, type StorageKind } from '../snapshot/volumes/storage.ts';
import type { Document } from './documents.ts';
import { addDocuments, noObjects, type ClusterObjects } from './objects.ts';

/** A built object as kubectl prints it, with the fields that the API server leaves out in lists. */
export function manifest(builder: Buildable): Record<string, unknown> {
  const object = builder.build();
  if (builder instanceof NodeBuilder) return { apiVersion: 'v1', kind: 'Node', ...object };
  if (builder instanceof PodBuilder) return { apiVersion: 'v1', kind: 'Pod', ...object };
  return { ...object };
}

/** What kubectl get -o json prints of some objects. */
export const list = (...builders: readonly Buildable[]): Record<string, unknown> => ({
  apiVersion: 'v1',
  kind: 'List',
  metadata: { resourceVersion: '' },
  items: builders.map(manifest),
});

/** What volumes are made of, as kubectl prints it. */
export const storageDocuments = (raw: RawStorage): Document[] =>
  Object.entries(raw).flatMap(([kind, objects]) => {
    const { group, kind: name } = STORAGE[kind as StorageKind];
    const apiVersion = group === '' ? 'v1' : `${group}/v1`;
    return objects.map((object) => ({ value: { apiVersion, kind: name, ...object }, where: 'volumes.yaml' }));
  });

/** The objects of a cluster, read as out of a file dump.yaml. */
export function clusterOf(...builders: readonly Buildable[]): ClusterObjects {
  const cluster = noObjects();
  addDocuments(cluster, [{ value: list(...builders), where: 'dump.yaml' }], 'default');
  return cluster;
}
