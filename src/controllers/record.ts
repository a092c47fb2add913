import { KIND } from '../api/kinds.ts';
import { API_VERSION } from '../api/group.ts';
import { outcomesInSteps, waitingByLayer, type FrameworkOutcome } from '../plan/outcome.ts';
import { unscheduledPods, type Unscheduled } from '../plan/pod-scheduled.ts';
import { roleStandings } from '../plan/role-standing.ts';
import { roleStatus } from '../plan/role-status.ts';
import type { Reason } from '../api/conditions.ts';
import type { Statement, Telling } from '../plan/telling.ts';
import type { Steps } from '../lib/steps.ts';
import type { CycleResult } from './cycle.ts';
import { Sayings } from './sayings.ts';
import { podStatus } from './pod-status.ts';
import type { DesiredStatus } from './status-writer.ts';
import { isAsking } from '../snapshot/admitted.ts';
import type { FrameworkKind } from '../snapshot/framework-id.ts';
import type { Workload, WorkloadStatus } from '../snapshot/workload.ts';
import { workloadIn, type Stores } from './stores.ts';

/** What a cycle has to say to people. */
export interface CycleRecord {
  readonly statuses: readonly DesiredStatus[];
  /** Tasks that wait, by the layer that holds them. */
  readonly waiting: ReadonlyMap<Reason, number>;
}

/** The drivers, as far as statuses ask them: one for each kind. */
export type Tellers = ReadonlyMap<FrameworkKind, Telling>;

/** Adds what another loop has to say of a workload, so that a status has one writer. */
export type Amend = (workload: Workload, status: WorkloadStatus) => WorkloadStatus;

/** Who adds to statuses, and who hears of those that are written. */
export interface RecordListeners {
  readonly amend: Amend;
  /** A Pod of others says why it waits. */
  readonly waits: (waiting: Unscheduled) => void;
  /** A workload says something for the first time. */
  readonly told: (workload: Workload, statement: Statement) => void;
}

const path = (plural: string, namespace: string | undefined, name: string): string =>
  namespace === undefined
    ? `/apis/${API_VERSION}/${plural}/${name}`
    : `/apis/${API_VERSION}/namespaces/${namespace}/${plural}/${name}`;

/**
 * Derives the statuses of all objects from a cycle, in steps.
 * @param recovered tasks recreated over the life of each workload, by its uid
 * @param silent whether the status of a framework stays as it is while Pods of it are on their way, by framework id
 * @param listeners asked for what to add, and called when statuses are written
 * @param sayings what workloads said before, which spares work and changes nothing
 */
export function* recordCycle(
  result: CycleResult,
  stores: Stores,
  tellers: Tellers,
  recovered: ReadonlyMap<string, number>,
  silent: (framework: string) => boolean,
  listeners: RecordListeners,
  sayings = new Sayings(),
): Steps<CycleRecord> {
  const { snapshot } = result;
  const all = yield* outcomesInSteps(snapshot, result.matrices, result.allocation);
  const statuses: DesiredStatus[] = [];
  const comesAgain = result.waiting > 0;
  for (const outcome of all) {
    yield;
    const { framework } = outcome;
    // The answer comes in a moment, and with it what there is to say.
    if (isAsking(framework.hold) || (silent(framework.id) && onItsWay(outcome))) continue;
    const workload = workloadIn(stores.workloads, framework);
    const count = recovered.get(framework.metadata.uid ?? '') ?? workload?.status.recovered ?? 0;
    const said = workload && sayings.of(tellers.get(framework.kind)!, workload, outcome, count, snapshot.now);
    if (!said) continue;
    const { metadata, names, status: current } = workload;
    statuses.push({
      path: path(names.plural, metadata.namespace, metadata.name),
      current,
      desired: listeners.amend(workload, said.status),
      comesAgain,
      version: said.countedFrom,
      onWritten: () => listeners.told(workload, said),
    });
  }
  for (const waiting of unscheduledPods(snapshot, result.allocation, all)) {
    const status = podStatus(waiting, snapshot.now, () => listeners.waits(waiting));
    if (status) statuses.push(status);
  }
  const standings = roleStandings(snapshot, all, result.allocation.launches);
  for (const role of snapshot.roles) {
    yield;
    const object = role.exists ? stores.roles.get(role.name) : undefined;
    if (!object) continue;
    const desired = roleStatus(object, role, standings.get(role.path)!, snapshot);
    statuses.push({
      path: path(KIND.role.plural, undefined, object.metadata.name),
      current: object.status,
      desired,
      comesAgain,
    });
  }
  return { statuses, waiting: waitingByLayer(all) };
}

/** Whether Pods were launched that the API server has not answered for. */
const onItsWay = ({ framework, launched }: FrameworkOutcome): boolean =>
  launched > 0 || framework.live.some((pod) => pod.uid === '');
