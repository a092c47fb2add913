import { KIND } from '../api/kinds.ts';
import { API_VERSION } from '../api/group.ts';
import { frozenStatus } from '../plan/frozen-status.ts';
import { jobStatus } from '../frameworks/job/status.ts';
import { outcomes, waitingByLayer, type FrameworkOutcome } from '../plan/outcome.ts';
import { unscheduledPods, type Unscheduled } from '../plan/pod-scheduled.ts';
import { poolStatus } from '../frameworks/pool/status.ts';
import { roleStandings } from '../plan/role-standing.ts';
import { roleStatus } from '../plan/role-status.ts';
import { CONDITION, type Reason } from '../api/conditions.ts';
import type { TrainingJobStatus } from '../api/trainingjob.ts';
import type { CycleResult } from './cycle.ts';
import { podStatus } from './pod-status.ts';
import type { DesiredStatus } from './status-writer.ts';
import { isAsking } from '../snapshot/admitted.ts';
import { jobEnded } from '../frameworks/job/draft.ts';
import type { JobFacts, PoolFacts } from '../snapshot/workload.ts';
import type { Stores } from './stores.ts';

/** What a cycle has to say to people. */
export interface CycleRecord {
  readonly statuses: readonly DesiredStatus[];
  /** Tasks that wait, by the layer that holds them. */
  readonly waiting: ReadonlyMap<Reason, number>;
}

/** Who hears of statuses that are written. */
export interface RecordListeners {
  /** A Pod of others says why it waits. */
  readonly waits: (waiting: Unscheduled) => void;
  /** A job says that it is over. */
  readonly ended: (job: JobFacts, status: TrainingJobStatus) => void;
}

const path = (plural: string, namespace: string | undefined, name: string): string =>
  namespace === undefined
    ? `/apis/${API_VERSION}/${plural}/${name}`
    : `/apis/${API_VERSION}/namespaces/${namespace}/${plural}/${name}`;

/**
 * Derives the statuses of all objects from a cycle.
 * @param recovered servers recreated over the life of each pool, by the pool's uid
 * @param silent whether the status of a framework stays as it is while Pods of it are on their way, by framework id
 * @param listeners called when statuses are written
 */
export function recordCycle(
  result: CycleResult,
  stores: Stores,
  recovered: ReadonlyMap<string, number>,
  silent: (framework: string) => boolean,
  listeners: RecordListeners,
): CycleRecord {
  const { snapshot } = result;
  const all = outcomes(snapshot, result.matrices, result.allocation);
  const statuses: DesiredStatus[] = [];
  for (const outcome of all) {
    // The answer comes in a moment, and with it what there is to say.
    if (isAsking(outcome.framework.hold)) continue;
    if (onItsWay(outcome) && silent(outcome.framework.id)) continue;
    const status = workloadStatus(outcome, stores, recovered, snapshot.now, listeners.ended);
    if (status) statuses.push(status);
  }
  for (const waiting of unscheduledPods(snapshot, result.allocation, all)) {
    const status = podStatus(waiting, snapshot.now, () => listeners.waits(waiting));
    if (status) statuses.push(status);
  }
  const standings = roleStandings(snapshot, all, result.allocation.launches);
  for (const role of snapshot.roles) {
    const object = role.exists ? stores.roles.get(role.name) : undefined;
    if (!object) continue;
    const desired = roleStatus(object, role, standings.get(role.path)!, snapshot);
    statuses.push({
      path: path(KIND.role.plural, undefined, object.metadata.name),
      current: object.status,
      desired,
    });
  }
  return { statuses, waiting: waitingByLayer(all) };
}

/** Whether Pods were launched that the API server has not answered for. */
const onItsWay = ({ framework, launched }: FrameworkOutcome): boolean =>
  launched > 0 || framework.live.some((pod) => pod.uid === '');

function workloadStatus(
  outcome: FrameworkOutcome,
  { workloads }: Stores,
  recovered: ReadonlyMap<string, number>,
  now: number,
  ended: RecordListeners['ended'],
): DesiredStatus | undefined {
  const { kind, metadata, hold } = outcome.framework;
  const key = `${metadata.namespace}/${metadata.name}`;
  switch (kind) {
    case 'GameServerPool': {
      const pool = workloads.get(kind)?.get(key) as PoolFacts | undefined;
      if (!pool) return undefined;
      const count = recovered.get(metadata.uid ?? '') ?? pool.status.recovered ?? 0;
      const desired = hold?.freezes
        ? frozenStatus(pool, hold, now, CONDITION.ready)
        : poolStatus(pool, outcome, count, now);
      return {
        path: path(KIND.pool.plural, metadata.namespace, metadata.name),
        current: pool.status,
        desired,
      };
    }
    case 'TrainingJob': {
      const job = workloads.get(kind)?.get(key) as JobFacts | undefined;
      if (!job) return undefined;
      const at = path(KIND.job.plural, metadata.namespace, metadata.name);
      if (hold?.freezes) return { path: at, current: job.status, desired: frozenStatus(job, hold, now) };
      const desired = jobStatus(job, outcome, now);
      const ends = !jobEnded(job) && desired.completionTime !== undefined;
      return { path: at, current: job.status, desired, onWritten: () => ends && ended(job, desired) };
    }
    default:
      // What is said of Pods of others stands on each Pod.
      return undefined;
  }
}
