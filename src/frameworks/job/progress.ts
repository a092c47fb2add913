import { ENVIRONMENT } from '../../api/group.ts';
import type { JobProgress } from '../../api/job/checkpoint.ts';
import { elapsed } from '../../lib/figures.ts';
import { largest } from '../../lib/unbounded.ts';
import { formatTime, parseTime } from '../../lib/time.ts';
import type { Variable } from '../../plan/pod.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import type { JobFacts } from './facts.ts';
import type { Seen } from './seen.ts';

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

/** What there is to know of a job for that. */
export interface Run extends Pick<Seen, 'isEnded' | 'counts'> {
  /** Those whose word counts. */
  readonly workers: readonly TaskPod[];
  /** All of them are to start again: what they told last is written at once, since it goes with them. */
  readonly isLast: boolean;
}

/**
 * How far the workers are that run: by the highest count of any, since often the first alone tells it. What is in a checkpoint
 * stays there when all who told are gone, and the steps beyond it are lost.
 * @param now ms since the epoch
 */
export function progressOf({ spec, status }: JobFacts, run: Run, now: number): Progress {
  const told = status.progress;
  const counters = run.workers.map(({ task }) => task.counters);
  const steps = counters.flatMap(({ [STEP]: step }) => step ?? []);
  const saved = counters.flatMap(({ [CHECKPOINT]: at }) => at?.count ?? []);
  if (steps.length + saved.length === 0)
    return { progress: told && withoutRun(told, run, now), wakeAt: Infinity };
  const checkpointStep = Math.max(largest(saved), told?.checkpointStep ?? -1);
  const isNew = checkpointStep > (told?.checkpointStep ?? -1);
  const step = steps.length > 0 ? largest(steps.map(({ count }) => count)) : (told?.step ?? checkpointStep);
  const all =
    steps.find(({ capacity }) => capacity !== undefined)?.capacity ??
    spec.checkpoint?.totalSteps ??
    told?.steps;
  if (told && !isNew && told.step === step && told.steps === all) return { progress: told, wakeAt: Infinity };
  const due = told ? parseTime(told.lastTime) + PERIOD_MS : now;
  const isLast = run.isLast || (step === all && told?.step !== step);
  if (!isNew && !isLast && due > now) return { progress: told, wakeAt: due };
  const time = formatTime(now);
  const checkpointTime = isNew ? time : told?.checkpointTime;
  const { fromStep = step, fromTime = time, lostSteps } = told ?? {};
  const timeLeft = all === undefined ? undefined : leftAt(now, { step, all, fromStep, fromTime });
  const progress = {
    step,
    ...(all === undefined ? {} : { steps: all }),
    ...(checkpointStep < 0 ? {} : { checkpointStep }),
    ...(checkpointTime === undefined ? {} : { checkpointTime }),
    ...(lostSteps === undefined ? {} : { lostSteps }),
    fromStep,
    fromTime,
    ...(timeLeft === undefined ? {} : { timeLeft }),
    lastTime: time,
  };
  return { progress, wakeAt: Infinity };
}

/**
 * What stands when nobody is left who told. It is the same however often it is derived: what was lost once is behind the step that
 * stands then.
 */
function withoutRun(told: JobProgress, { isEnded, counts }: Run, now: number): JobProgress {
  if (!isEnded && counts.some(({ completed }) => completed > 0)) return told;
  const { fromStep: _step, fromTime: _time, timeLeft: _left, ...rest } = told;
  const saved = told.checkpointStep ?? 0;
  const lost = isEnded ? 0 : Math.max(0, told.step - saved);
  if (lost === 0) return rest;
  return { ...rest, step: saved, lostSteps: (told.lostSteps ?? 0) + lost, lastTime: formatTime(now) };
}

interface Pace {
  readonly step: number;
  readonly all: number;
  readonly fromStep: number;
  readonly fromTime: string;
}

/** How long the steps take that are left, at the pace so far; undefined while there is none. */
function leftAt(now: number, { step, all, fromStep, fromTime }: Pace): string | undefined {
  const tookMs = now - parseTime(fromTime);
  const done = step - fromStep;
  if (done <= 0 || tookMs <= 0) return undefined;
  return elapsed((Math.max(0, all - step) * tookMs) / done);
}

/** What a worker is told of the checkpoints of its job. */
export function checkpointVariables(path: string | undefined, step: number | undefined): readonly Variable[] {
  if (path === undefined) return [];
  const where = { name: ENVIRONMENT.checkpointPath, value: path };
  return step === undefined ? [where] : [where, { name: ENVIRONMENT.checkpointStep, value: String(step) }];
}
