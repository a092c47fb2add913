import { Budgets } from '../controllers/budgets.ts';
import { Expiries } from '../controllers/expiries.ts';
import type { LastCycleKeeper } from '../controllers/last-cycle.ts';
import type { Loop, LoopMeans } from '../controllers/loop.ts';
import { KeySecrets } from '../controllers/key-secrets.ts';
import { Markings } from '../controllers/markings.ts';
import { Releases } from '../controllers/releases.ts';
import { PeerServices } from '../controllers/peer-services.ts';
import { Revisions } from '../controllers/revisions.ts';
import { TaskClaims } from '../controllers/task-claims.ts';
import { StandIns } from '../controllers/stand-ins.ts';
import { TaskServices, type TaskServicesOptions } from '../controllers/task-services.ts';
import { DRIVERS, WORKLOADS } from '../frameworks/drivers.ts';
import { workloadId } from '../snapshot/framework-id.ts';
import type { Workload } from '../snapshot/workload.ts';
import { makeKeyPair } from './key-pair.ts';
import type { Mirrors } from './mirrors.ts';

/** What keepers work with. */
export interface KeeperMeans extends LoopMeans, Pick<TaskServicesOptions, 'events'> {
  readonly mirrors: Mirrors;
  readonly lastCycle: LastCycleKeeper;
  /** Most stand-ins of one class. */
  readonly standIns: number;
}

/** The loops that keep what workloads have beside their tasks. */
export function keepers({ mirrors, lastCycle, standIns, ...means }: KeeperMeans): Loop[] {
  const { stores, histories, guards } = mirrors;
  const frameworkOf = (workload: Workload) => lastCycle.frameworkOf(workloadId(workload));
  const inUse = (workload: Workload) => {
    const live = frameworkOf(workload)?.live;
    return live && new Set(live.map(({ task }) => task?.revision ?? ''));
  };
  return [
    new TaskServices({ ...means, drivers: DRIVERS, stores }),
    ...histories.map((each) => new Revisions({ ...means, ...each, inUse })),
    ...guards.map((each) => new Budgets({ ...means, ...each })),
    new Releases({ ...means, stores, lastCycle: () => lastCycle.result }),
    new StandIns({ ...means, pods: stores.pods, lastCycle: () => lastCycle.result, most: standIns }),
    ...WORKLOADS.flatMap(({ names, peers, keys }): Loop[] => {
      const workloads = stores.workloads.get(names.kind)!;
      return [
        ...(peers ? [new PeerServices({ ...means, peers, workloads, services: stores.services })] : []),
        ...(keys ? [new KeySecrets({ ...means, keys, workloads, makeKeyPair })] : []),
      ];
    }),
    ...WORKLOADS.flatMap(({ names, markings, claims, expiry }): Loop[] => {
      const workloads = stores.workloads.get(names.kind)!;
      return [
        ...(markings ? [new Markings({ ...means, markings, workloads, frameworkOf })] : []),
        ...(expiry ? [new Expiries({ ...means, expiry, workloads })] : []),
        ...(claims
          ? [
              new TaskClaims({
                ...means,
                kept: claims,
                workloads,
                claims: stores.storage.claims,
                pods: stores.pods,
                lastSnapshot: () => lastCycle.result?.snapshot,
              }),
            ]
          : []),
      ];
    }),
  ];
}
