import {
  AVAILABLE_REASON,
  CONDITION,
  UPDATE_REASON,
  type Condition,
  type UpdateReason,
} from '../../api/conditions.ts';
import type { GameServerPoolStatus } from '../../api/gameserverpool.ts';
import { parseTime, formatTime } from '../../lib/time.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import { mayGo } from './deletion-order.ts';
import type { PoolFacts } from './facts.ts';
import { bounds, isOutdated } from './rollout.ts';

/** What a cycle says of a pool, as far as its update is concerned. */
export interface Census {
  readonly live: readonly PodFacts[];
  /** Servers that exist, those included that were launched in this cycle. */
  readonly placed: number;
  /** Those of them that have the template of the pool. */
  readonly updated: number;
  /** Live servers that are ready. */
  readonly ready: number;
}

/** What the status of a pool says of its update. */
export interface UpdateStanding {
  readonly fields: Pick<
    GameServerPoolStatus,
    'updatedReplicas' | 'currentRevision' | 'updateRevision' | 'lastProgressTime'
  >;
  /** Those that hold. */
  readonly conditions: readonly Pick<Condition, 'type' | 'status' | 'reason' | 'message'>[];
  /** A part of the pool's own sentence; undefined when there is nothing to say. */
  readonly words: string | undefined;
}

/** Conditions that a pool has while there is cause for them alone: tools for any kind of object look for these. */
export const PASSING_CONDITIONS: readonly string[] = [CONDITION.reconciling, CONDITION.stalled];

/** When an update that makes no progress is given up as a success, ms since the epoch; undefined before the first progress. */
export function deadlineOf({ status, spec }: PoolFacts): number | undefined {
  const { lastProgressTime } = status;
  return lastProgressTime === undefined
    ? undefined
    : parseTime(lastProgressTime) + spec.update.progressDeadlineSeconds * 1000;
}

/** Servers by what an update means for them. */
function count(live: readonly PodFacts[], revision: string) {
  let [outdated, kept, held, ready] = [0, 0, 0, 0];
  for (const pod of live) {
    if (!pod.task) continue;
    const isHeld = !mayGo(pod.task);
    const isOld = isOutdated(pod.task, revision);
    if (isHeld) held++;
    else if (pod.ready) ready++;
    if (isOld && isHeld) kept++;
    else if (isOld) outdated++;
  }
  return { outdated, kept, held, ready };
}

/** Whether more servers have the template, fewer lack it, or more are ready than the last status said. */
function hasMoved(before: GameServerPoolStatus, revision: string, { placed, updated, ready }: Census) {
  const { updateRevision, updatedReplicas = 0, replicas = 0, readyReplicas = 0 } = before;
  return (
    updateRevision !== revision ||
    updated > updatedReplicas ||
    placed - updated < replicas - updatedReplicas ||
    ready > readyReplicas
  );
}

/**
 * How far a pool is on the way to its template.
 * @param now ms since the epoch
 */
export function updateStanding(pool: PoolFacts, census: Census, now: number): UpdateStanding {
  const { spec, status, groups } = pool;
  const { revision } = groups[0]!.shape;
  const { updated } = census;
  const { outdated, kept, held, ready } = count(census.live, revision);
  const known = status.conditions?.find(({ type }) => type === CONDITION.progressing);
  const wasDone = known?.reason === UPDATE_REASON.done && status.updateRevision === revision;
  const target = Math.max(0, spec.replicas - held);
  // Held servers are not waited for, nor are those in maintenance, which never count as ready.
  const isDone = outdated === 0 && (wasDone || ready >= target);
  const isMoving = hasMoved(status, revision, census);
  const lastProgressTime = (isMoving ? undefined : status.lastProgressTime) ?? formatTime(now);
  const isLate = now >= parseTime(lastProgressTime) + spec.update.progressDeadlineSeconds * 1000;

  const reason: UpdateReason = isDone
    ? UPDATE_REASON.done
    : spec.update.paused
      ? UPDATE_REASON.paused
      : isLate
        ? UPDATE_REASON.late
        : UPDATE_REASON.updating;
  const left = [
    ...(outdated > 0 ? [`${outdated} to be replaced`] : []),
    ...(kept > 0 ? [`${kept} held on an older one`] : []),
  ];
  const message = [`${updated} of ${census.placed} servers have the template of the pool`, ...left].join(
    ', ',
  );
  const { least } = bounds(spec.update, target);
  const available = ready >= least;
  const passing = (type: string) => ({ type, status: 'True' as const, reason, message });
  return {
    fields: {
      updatedReplicas: updated,
      updateRevision: revision,
      currentRevision: isDone ? revision : (status.currentRevision ?? revision),
      lastProgressTime,
    },
    conditions: [
      { type: CONDITION.progressing, status: PROGRESSING[reason], reason, message },
      {
        type: CONDITION.available,
        status: available ? 'True' : 'False',
        reason: available ? AVAILABLE_REASON.enough : AVAILABLE_REASON.few,
        message: `${ready} of ${target} servers for new players are ready, ${least} are the least`,
      },
      ...(reason === UPDATE_REASON.updating ? [passing(CONDITION.reconciling)] : []),
      ...(reason === UPDATE_REASON.late ? [passing(CONDITION.stalled)] : []),
    ],
    words: left.length === 0 ? undefined : `${WORDS[reason]}${message}`,
  };
}

const PROGRESSING: Readonly<Record<UpdateReason, Condition['status']>> = {
  [UPDATE_REASON.done]: 'True',
  [UPDATE_REASON.updating]: 'True',
  [UPDATE_REASON.paused]: 'Unknown',
  [UPDATE_REASON.late]: 'False',
};

const WORDS: Readonly<Record<UpdateReason, string>> = {
  [UPDATE_REASON.done]: '',
  [UPDATE_REASON.updating]: 'updating: ',
  [UPDATE_REASON.paused]: 'update paused: ',
  [UPDATE_REASON.late]: 'update stands still: ',
};
