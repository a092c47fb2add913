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

/** What there is to know of the Pods of a job for that. */
export interface Run extends Pick<Seen, 'isEnded' | 'counts'> {
  /** Those that run, or are on their way out. */
  readonly workers: readonly TaskPod[];
  /** All that there are: what one of them has saved stays saved. */
  readonly pods: readonly TaskPod[];
  /** All workers are to start again: what they told last is written at once, since it goes with them. */
  readonly isLast: boolean;
}

/** What is in a checkpoint, and since when it is known. */
type Saved = Pick<JobProgress, 'checkpointStep' | 'checkpointTime'>;

const countsOf = (pods: readonly TaskPod[], name: string) =>
  pods.flatMap(({ task }) => task.counters[name] ?? []);

/**
 * How far the workers are that run: by the highest count of any, since often the first alone tells it. What is in a checkpoint
 * stays there when all who told are gone, and the steps beyond it are lost.
 * @param now ms since the epoch
 */
export function progressOf({ spec, status }: JobFacts, run: Run, now: number): Progress {
  const told = status.progress;
  const steps = countsOf(run.workers, STEP);
  const best = largest(countsOf(run.pods, CHECKPOINT).map(({ count }) => count));
  const isNew = best > (told?.checkpointStep ?? -1);
  const time = formatTime(now);
  const saved: Saved = isNew ? { checkpointStep: best, checkpointTime: time } : savedIn(told);
  if (steps.length + countsOf(run.workers, CHECKPOINT).length === 0)
    return { progress: told && withoutRun({ ...told, ...saved }, run, told, time), wakeAt: Infinity };
  const step =
    steps.length > 0 ? largest(steps.map(({ count }) => count)) : (told?.step ?? saved.checkpointStep ?? 0);
  const all =
    steps.find(({ capacity }) => capacity !== undefined)?.capacity ??
    spec.checkpoint?.totalSteps ??
    told?.steps;
  if (told && !isNew && told.step === step && told.steps === all) return { progress: told, wakeAt: Infinity };
  const due = told ? parseTime(told.lastTime) + PERIOD_MS : now;
  const isLast = run.isLast || (step === all && told?.step !== step);
  if (!isNew && !isLast && due > now) return { progress: told, wakeAt: due };
  const { fromStep = step, fromTime = time, lostSteps } = told ?? {};
  const timeLeft = all === undefined ? undefined : leftAt(now, { step, all, fromStep, fromTime });
  const progress = {
    step,
    ...(all === undefined ? {} : { steps: all }),
    ...saved,
    ...(lostSteps === undefined ? {} : { lostSteps }),
    fromStep,
    fromTime,
    ...(timeLeft === undefined ? {} : { timeLeft }),
    lastTime: time,
  };
  return { progress, wakeAt: Infinity };
}

const savedIn = ({ checkpointStep, checkpointTime }: Saved = {}): Saved => ({
  ...(checkpointStep === undefined ? {} : { checkpointStep }),
  ...(checkpointTime === undefined ? {} : { checkpointTime }),
});

/**
 * What stands when nobody is left who told. It is the same however often it is derived: what was lost once is behind the step that
 * stands then.
 * @param before what the status says @param time now
 */
function withoutRun(told: JobProgress, run: Run, before: JobProgress, time: string): JobProgress {
  if (!run.isEnded && run.counts.some(({ completed }) => completed > 0)) return before;
  const { fromStep: _step, fromTime: _time, timeLeft: _left, ...rest } = told;
  const step = told.checkpointStep ?? 0;
  const isNews = step !== told.step || told.checkpointStep !== before.checkpointStep;
  if (run.isEnded || !isNews) return rest;
  const lost = Math.max(0, told.step - step);
  return {
    ...rest,
    step,
    ...(lost === 0 ? {} : { lostSteps: (told.lostSteps ?? 0) + lost }),
    lastTime: time,
  };
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
