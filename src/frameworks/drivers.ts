import { KIND, type KindNames } from '../api/kinds.ts';
import { jobFacts, type JobFacts } from './job/facts.ts';
import { poolFacts } from './pool/facts.ts';
import type { RawObject, Workload } from '../snapshot/workload.ts';
import type { Driver, Drivers } from './common/driver.ts';
import type { Upkeep } from './common/upkeep.ts';
import { jobClaims } from './job/claims.ts';
import { jobDriver } from './job/driver.ts';
import { jobExpiry } from './job/expiry.ts';
import { mpiSecret } from './job/mpi.ts';
import { peerMarkings } from './job/peer-marks.ts';
import { peerService } from './job/peer-service.ts';
import { podsDriver } from './pods/driver.ts';
import { poolGuard } from './pool/budget.ts';
import { poolClaims } from './pool/claims.ts';
import { poolDriver } from './pool/driver.ts';
import { poolHistory } from './pool/history.ts';
import { poolOverflow } from './pool/overflow.ts';

/** A kind of workloads that are objects of ours. */
export interface WorkloadKind extends Upkeep {
  readonly names: KindNames;
  /** Reads an object of it. */
  readonly read: (raw: RawObject) => Workload;
  readonly driver: Driver;
}

/** All of them, in the order in which they are gone through. */
export const WORKLOADS: readonly WorkloadKind[] = [
  {
    names: KIND.pool,
    read: poolFacts,
    driver: poolDriver,
    history: poolHistory,
    markings: poolOverflow,
    guard: poolGuard,
    claims: poolClaims,
  },
  {
    names: KIND.job,
    read: jobFacts,
    driver: jobDriver,
    claims: jobClaims,
    expiry: jobExpiry,
    peers: { service: peerService },
    markings: peerMarkings,
    keys: (workload) => mpiSecret(workload as JobFacts),
  },
];

/** The drivers of all kinds that there are. */
export const DRIVERS: Drivers = new Map([
  ...WORKLOADS.map(({ names, driver }) => [names.kind, driver] as const),
  ['Pods', podsDriver],
]);
