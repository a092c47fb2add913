import type { GangRestart } from '../../api/job/restart.ts';
import { boundedText } from '../../lib/bounded-text.ts';
import { formatTime, parseTime } from '../../lib/time.ts';
import { restartDelayMs } from '../../recovery/backoff.ts';
import { REASON, type Reason } from '../../api/conditions.ts';
import { JOB_REASON } from '../../api/job/reasons.ts';
import type { Hold } from '../../snapshot/hold.ts';
import type { TaskPod, Watch } from '../../snapshot/slots.ts';
import type { Ending } from './ending.ts';
import type { JobFacts } from './facts.ts';
import type { Ruled } from './rules.ts';

/**
 * What the names of Pods of an attempt end in: whoever deletes one of the attempt before by its name, and not by its UID, must not
 * hit the one in its place, which would start all again.
 */
export const attemptSuffix = (attempt: number): string => (attempt === 0 ? '' : `-a${attempt}`);

/** The attempt that a job is at: 0 until all its workers were started again once. */
export const attemptOf = (restart: GangRestart | undefined): number => restart?.attempt ?? 0;

/**
 * The restart of a job after what was seen of its workers. That of the attempt at hand asks for the next one, and for no more,
 * however many of them ended; what came of attempts before asks for nothing.
 * @param told what the status that is stored says
 * @param current workers of the attempt that it tells of
 * @param now ms since the epoch
 */
export function restartAfter(
  told: GangRestart | undefined,
  current: readonly Ruled[],
  now: number,
): GangRestart | undefined {
  const asking = current.filter(({ verdict }) => verdict === 'RestartGang');
  // Those that failed say more than those that were lost meanwhile, and the first more than those that it took with it.
  const [cause] = asking.sort(
    (a, b) =>
      Number(b.action === 'retry') - Number(a.action === 'retry') ||
      (a.pod.endedAt ?? now) - (b.pod.endedAt ?? now) ||
      (a.pod.name < b.pod.name ? -1 : 1),
  );
  if (!cause) return told;
  return {
    attempt: attemptOf(told) + 1,
    failures: (told?.failures ?? 0) + (cause.action === 'retry' ? 1 : 0),
    reason: boundedText(cause.ended),
    startTime: formatTime(now),
  };
}

/** How a job ends when a rule says so about a worker; undefined when none does. */
export function ruledOut(current: readonly Ruled[]): Ending | undefined {
  const cause = current.find(({ verdict }) => verdict === 'Fail');
  return (
    cause && {
      phase: 'Failed',
      reason: JOB_REASON.failurePolicy,
      message: `failurePolicy says that the job has failed: ${cause.ended}`,
    }
  );
}

/** Why no worker starts for now, and until when, ms since the epoch: Infinity when time alone does not end it. */
export interface Pause {
  readonly hold: Hold;
  readonly until: number;
}

/**
 * Why a job starts no workers though some are missing: some of those before them may still run, so that there would be two of
 * one rank; a restart of all is not yet told, or it backs off.
 * @param stopping workers that are to be no more and may still run
 */
export function pauseOf(
  { spec, status }: JobFacts,
  restart: GangRestart | undefined,
  stopping: readonly Ruled[],
  now: number,
): Pause | undefined {
  const pause = (reason: Reason, message: string, until = Infinity): Pause => ({
    hold: { reason, message: boundedText(message) },
    until,
  });
  if (restart && restart.attempt > attemptOf(status.restart))
    return pause(REASON.ending, `all workers start again: ${restart.reason}`);
  const [first] = stopping;
  if (first) {
    const more = stopping.length > 1 ? ` and ${stopping.length - 1} more` : '';
    return pause(REASON.ending, `${first.pod.name} on ${first.pod.node}${more} still to end`);
  }
  if (!restart) return undefined;
  const delayMs = restartDelayMs(restart.failures, spec.recovery.maxBackoffSeconds * 1000);
  const until = parseTime(restart.startTime) + delayMs;
  if (until <= now) return undefined;
  return pause(REASON.backoff, `all workers start again at ${formatTime(until)}: ${restart.reason}`, until);
}

/** Whether a job is between two attempts: the one before is over, by its status, and the next is not placed. */
export const isReturning = ({
  restart,
  attempt,
}: {
  readonly restart: GangRestart | undefined;
  readonly attempt: number;
}): boolean => restart !== undefined && restart.attempt === attempt && restart.finishTime === undefined;

/** Until when the room of a job that starts again is kept, ms since the epoch: its longest back-off, and as long as half a gang may hold room. */
export const keptUntil = ({ spec }: JobFacts, { startTime }: GangRestart): number =>
  parseTime(startTime) + (spec.recovery.maxBackoffSeconds + spec.gangTimeoutSeconds) * 1000;

/**
 * Whether a worker that is to be no more may still run: its Pod is not over, its main container has not ended, and its node is
 * neither gone nor lost. A node passes for lost when its lease has run out and its kubelet does not answer.
 * @param handsOn its slot has volumes that the next one gets: only that the Pod is over, or gone with its node, lets go of these
 */
export function mayRun(
  { terminal, node, task, uid }: TaskPod,
  nodeLossSeconds: number,
  { healthOf }: Pick<Watch, 'healthOf'>,
  handsOn: boolean,
): boolean {
  if (terminal || uid === '' || node === undefined) return false;
  if (task.exit && task.exit.part !== 'helper' && !handsOn) return false;
  const health = healthOf(node);
  return health !== undefined && (handsOn || health.unfitMs < nodeLossSeconds * 1000);
}
