import { STORAGE, type StorageInputs, type StorageKind } from '../snapshot/volumes/storage.ts';
import type { Faulty } from '../snapshot/reading/schema.ts';
import type { RawObject } from '../snapshot/workload.ts';
import type { ClusterObjects, Found } from './objects.ts';

/**
 * Reads what volumes are made of.
 * @param complete every kind was listed: of what is not there, there is none
 * @param all reads the objects of a kind
 */
export const storageOf = (
  objects: ClusterObjects,
  complete: boolean,
  all: <T extends Faulty>(found: ReadonlyMap<string, Found>, reader: (raw: RawObject) => T) => T[],
): StorageInputs => ({
  claims: all(objects.claims, STORAGE.claims.read),
  volumes: all(objects.volumes, STORAGE.volumes.read),
  classes: all(objects.classes, STORAGE.classes.read),
  csiNodes: all(objects.csiNodes, STORAGE.csiNodes.read),
  csiDrivers: all(objects.csiDrivers, STORAGE.csiDrivers.read),
  csiCapacities: all(objects.csiCapacities, STORAGE.csiCapacities.read),
  attachments: all(objects.attachments, STORAGE.attachments.read),
  unread: new Set(complete ? [] : KINDS.filter((kind) => objects[kind].size === 0)),
});

const KINDS = Object.keys(STORAGE) as StorageKind[];
