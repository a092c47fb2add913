import { KIND, type KindNames } from '../api/kinds.ts';
import { jobFacts } from './job/facts.ts';
import { poolFacts } from './pool/facts.ts';
import type { RawObject, Workload } from '../snapshot/workload.ts';
import type { Driver, Drivers } from './common/driver.ts';
import { jobDriver } from './job/driver.ts';
import { podsDriver } from './pods/driver.ts';
import { poolDriver } from './pool/driver.ts';

/** A kind of workloads that are objects of ours. */
export interface WorkloadKind {
  readonly names: KindNames;
  /** Reads an object of it. */
  readonly read: (raw: RawObject) => Workload;
  readonly driver: Driver;
}

/** All of them, in the order in which they are gone through. */
export const WORKLOADS: readonly WorkloadKind[] = [
  { names: KIND.pool, read: poolFacts, driver: poolDriver },
  { names: KIND.job, read: jobFacts, driver: jobDriver },
];

/** The drivers of all kinds that there are. */
export const DRIVERS: Drivers = new Map([
  ...WORKLOADS.map(({ names, driver }) => [names.kind, driver] as const),
  ['Pods', podsDriver],
]);
