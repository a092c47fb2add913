/** Builders of Kubernetes objects for tests: raw objects as the API server sends them, and snapshots read from them. */
export { aNode, type NodeBuilder } from './node.ts';
export { aPod, type PodBuilder } from './pod.ts';
export { aPool, type Manifest, type PoolBuilder } from './pool.ts';
export { aGroup, aJob, type GroupBuilder, type JobBuilder } from './job.ts';
export { app, HOST, preferred, required, term, zoned } from './rules.ts';
export { aRole, type RoleBuilder } from './role.ts';
export { aSnapshot, type Buildable, type SnapshotBuilder } from './snapshot.ts';
export {
  aClaim,
  aCsiNode,
  aStorageClass,
  aVolume,
  noStorage,
  storageOf,
  type RawStorage,
} from './storage.ts';
export { ago, NOW } from './time.ts';
