import { ENVIRONMENT } from '../../api/group.ts';
import type { JobProgress } from '../../api/job/checkpoint.ts';
import { largest } from '../../lib/unbounded.ts';
import { formatTime, parseTime } from '../../lib/time.ts';
import type { Variable } from '../../plan/pod.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import type { JobFacts } from './facts.ts';

/** Counters by which workers tell how far they are. */
const STEP = 'step';
const CHECKPOINT = 'checkpoint';

/** Steps are written this often at most, ms: they go on all the time. A checkpoint is written at once. */
const PERIOD_MS = 10_000;

/** How far a job is, and when more is to be told, ms since the epoch; Infinity when no more is known. */
export interface Progress {
  readonly progress: JobProgress | undefined;
  readonly wakeAt: number;
}

/**
 * How far the workers are that run: by the highest count of any, since often the first alone tells it. What is in a checkpoint
 * stays there when its worker is gone; steps beyond it are lost when all start again, and then the count is lower.
 * @param now ms since the epoch
 */
export function progressOf({ status }: JobFacts, live: readonly TaskPod[], now: number): Progress {
  const told = status.progress;
  const counters = live.map(({ task }) => task.counters);
  const steps = counters.flatMap(({ [STEP]: step }) => step ?? []);
  const saved = counters.flatMap(({ [CHECKPOINT]: at }) => at?.count ?? []);
  if (steps.length + saved.length === 0) return { progress: told, wakeAt: Infinity };
  const checkpointStep = Math.max(largest(saved), told?.checkpointStep ?? -1);
  const isNew = checkpointStep > (told?.checkpointStep ?? -1);
  const step = steps.length > 0 ? largest(steps.map(({ count }) => count)) : (told?.step ?? checkpointStep);
  const all = steps.find(({ capacity }) => capacity !== undefined)?.capacity ?? told?.steps;
  if (told && !isNew && told.step === step && told.steps === all) return { progress: told, wakeAt: Infinity };
  const due = told ? parseTime(told.lastTime) + PERIOD_MS : now;
  const isLast = step === all && told?.step !== step;
  if (!isNew && !isLast && due > now) return { progress: told, wakeAt: due };
  const time = formatTime(now);
  const checkpointTime = isNew ? time : told?.checkpointTime;
  const progress = {
    step,
    ...(all === undefined ? {} : { steps: all }),
    ...(checkpointStep < 0 ? {} : { checkpointStep }),
    ...(checkpointTime === undefined ? {} : { checkpointTime }),
    lastTime: time,
  };
  return { progress, wakeAt: Infinity };
}

/** What a worker is told of the checkpoints of its job. */
export function checkpointVariables(path: string | undefined, step: number | undefined): readonly Variable[] {
  if (path === undefined) return [];
  const where = { name: ENVIRONMENT.checkpointPath, value: path };
  return step === undefined ? [where] : [where, { name: ENVIRONMENT.checkpointStep, value: String(step) }];
}
