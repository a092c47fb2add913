import { KIND } from '../../api/kinds.ts';
import type { FrameworkKind } from '../../snapshot/framework-id.ts';
import { roleOf, type Workload } from '../../snapshot/workload.ts';
import type { PoolFacts } from './facts.ts';

/** What counts of a pool when its servers are given out. */
export interface PoolTraits {
  readonly role: string;
  readonly scheduling: 'Packed' | 'Distributed';
  /** Of its template as it is now. */
  readonly revision: string;
  /** Each server has a Service that is reached at an address of its own, which may come late. */
  readonly addressed: boolean;
  /** How many sessions a server takes. */
  readonly perServer: number;
}

/** Workloads of ours by kind, and there by key. */
type Workloads = ReadonlyMap<FrameworkKind, { get(key: string): Workload | undefined }>;

/** How many sessions servers of a pool take; of no pool, and of any other workload, one. */
export const sessionsPerServer = (pool: Workload | undefined): number =>
  (pool as PoolFacts | undefined)?.spec.sessions?.perServer ?? 1;

/** The pool of that name; undefined when there is none. */
export const poolIn = (workloads: Workloads, namespace: string, name: string): PoolFacts | undefined =>
  workloads.get(KIND.pool.kind)?.get(`${namespace}/${name}`) as PoolFacts | undefined;

/** What counts of the pool of that name; undefined when there is none. */
export function poolTraits(workloads: Workloads, namespace: string, name: string): PoolTraits | undefined {
  const pool = poolIn(workloads, namespace, name);
  if (!pool) return undefined;
  const { scheduling, network } = pool.spec;
  const { revision } = pool.groups[0]!.shape;
  return {
    role: roleOf(pool),
    scheduling,
    revision,
    addressed: (network?.service ?? 'None') !== 'None',
    perServer: sessionsPerServer(pool),
  };
}
