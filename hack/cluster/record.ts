import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Log } from './build.ts';
import { ClusterError } from './errors.ts';
import type { ProcessIdentity } from './identity.ts';
import type { Layout } from './layout.ts';
import type { ClusterPaths } from './paths.ts';
import type { ClusterShape } from './shape.ts';

/** A node of a cluster that kind made. */
export interface KindNode {
  readonly name: string;
  readonly address: string;
  readonly podRange: string;
}

/** What is kept about a cluster on disk. `starting` on disk without its lock held means: that start was cut short. */
export interface ClusterRecord {
  readonly provider: 'local' | 'kind';
  readonly phase: 'starting' | 'up';
  readonly slot: number;
  readonly shape: ClusterShape;
  /** Address of the API server. */
  readonly server: string;
  /** The nodes that kind made; those of a local cluster follow from its slot. */
  readonly nodes?: readonly KindNode[];
  /** The process that the cluster is of use to; left out for one that is kept until somebody takes it down. */
  readonly process?: ProcessIdentity;
}

/** What every part of a cluster's start and end needs to know. */
export interface ClusterContext {
  readonly paths: ClusterPaths;
  readonly layout: Layout;
  readonly shape: ClusterShape;
  /** Address that the API server listens at. */
  readonly host: string;
  readonly server: string;
  readonly log: Log;
}

/** Address that the API server of such a cluster listens at: its own bridge where nodes must reach it. */
const hostOf = (layout: Layout, shape: ClusterShape): string =>
  shape.nodes > 0 ? layout.gateway : '127.0.0.1';

/** The context of a cluster in its slot. */
export const contextOf = (
  paths: ClusterPaths,
  layout: Layout,
  shape: ClusterShape,
  log: Log,
): ClusterContext => {
  const host = hostOf(layout, shape);
  return { paths, layout, shape, host, server: `https://${host}:${layout.ports.apiServer}`, log };
};

/** Reads a cluster's record; undefined when there is none, or none that is whole. */
export const readRecord = (paths: ClusterPaths): ClusterRecord | undefined => {
  try {
    return JSON.parse(readFileSync(paths.record, 'utf8')) as ClusterRecord;
  } catch {
    return undefined;
  }
};

/** Replaces a cluster's record at once. */
export const writeRecord = (paths: ClusterPaths, record: ClusterRecord): void => {
  mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
  writeFileSync(`${paths.record}.new`, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(`${paths.record}.new`, paths.record);
};

/** @throws ClusterError ShapeDiffers when a cluster is there that another provider made */
export const assertProvider = (
  name: string,
  found: ClusterRecord | undefined,
  provider: ClusterRecord['provider'],
): void => {
  if (found === undefined || found.provider === provider) return;
  throw new ClusterError(
    'ShapeDiffers',
    `cluster "${name}" is a ${found.provider} cluster: take it down first, or use another name`,
  );
};

/**
 * The record of a cluster that is up.
 * @throws ClusterError NotRunning
 */
export const requireRecord = (paths: ClusterPaths): ClusterRecord => {
  const record = readRecord(paths);
  if (record?.phase === 'up') return record;
  throw new ClusterError('NotRunning', `there is no cluster "${paths.name}": bring it up first`);
};
