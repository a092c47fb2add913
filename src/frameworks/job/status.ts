import { CONDITION, REASON, setCondition, type Condition } from '../../api/conditions.ts';
import type { TrainingJobStatus } from '../../api/trainingjob.ts';
import { boundedText } from '../../lib/bounded-text.ts';
import { formatTime } from '../../lib/time.ts';
import { jobEnded } from './draft.ts';
import type { JobFacts } from './facts.ts';
import type { FrameworkOutcome } from '../../plan/outcome.ts';

const workers = (n: number): string => `${n} ${n === 1 ? 'worker' : 'workers'}`;

/** Number of workers that the job asks for. */
export const workersOf = (job: JobFacts): number => job.spec.groups.reduce((sum, g) => sum + g.replicas, 0);

/** Names what keeps a task from starting. */
const because = (stuck: string): string => (stuck === '' ? '' : ` (${stuck})`);

type Phase = NonNullable<TrainingJobStatus['phase']>;

/** Ended jobs stay ended, whatever becomes of their Pods. */
function phaseOf(job: JobFacts, outcome: FrameworkOutcome, total: number, started: boolean): Phase {
  if (jobEnded(job)) return job.status.phase!;
  if (outcome.framework.completed === total) return 'Succeeded';
  if (outcome.framework.exhausted) return 'Failed';
  // One that gave way, or lost all its nodes, waits as it did at first.
  const { framework, waiting, launched } = outcome;
  return started && (framework.live.length > 0 || launched > 0 || waiting === 0) ? 'Running' : 'Pending';
}

function sentence(
  job: JobFacts,
  phase: Phase,
  { framework, held, waiting }: FrameworkOutcome,
  total: number,
): string {
  switch (phase) {
    case 'Succeeded':
      return `${workers(total)} succeeded`;
    case 'Failed':
      return (
        `more failures than maxRestarts (${job.spec.maxRestarts}) allows` +
        // The Pods that failed may be gone, and only counted on those that came after them.
        (framework.failed === '' ? '' : `; the last: ${framework.failed}`)
      );
    case 'Pending':
    case 'Running':
      if (held && waiting > 0) return `${waiting} of ${workers(total)} waiting: ${held.message}`;
      if (held) return held.message;
      if (framework.backingOff > 0)
        return `${workers(framework.backingOff)} backing off after failures: ${framework.failed}`;
      return `${framework.ready} of ${workers(total)} running, ${framework.completed} succeeded${because(framework.stuck)}`;
  }
}

/**
 * The status of a job after a cycle; equal to the old one when nothing changed.
 * @param now ms since the epoch
 */
export function jobStatus(job: JobFacts, outcome: FrameworkOutcome, now: number): TrainingJobStatus {
  const { framework, launched, waiting, untaken, held, note } = outcome;
  const { generation = 0 } = job.metadata;
  const total = workersOf(job);
  // Of those that are on their way the API server may yet refuse some.
  const stored = framework.live.filter((pod) => pod.uid !== '').length;
  const whole = launched === 0 && stored + framework.completed === total;
  const time = formatTime(now);
  const startTime = job.status.startTime ?? (whole ? time : undefined);
  const phase = phaseOf(job, outcome, total, startTime !== undefined);
  const ended = phase === 'Succeeded' || phase === 'Failed';
  const unsupported = held?.reason === REASON.unsupported;
  // What an ended job counted stays: its Pods may be cleaned away.
  const kept = jobEnded(job) ? job.status : undefined;
  const told = sentence(job, phase, outcome, total);
  const words = note === undefined || ended || unsupported ? told : `${told}; ${note}`;
  const message = kept?.message ?? boundedText(words);

  let conditions: Condition[] = job.status.conditions ?? [];
  const set = (type: string, status: boolean, reason: string, text: string) => {
    conditions = setCondition(
      conditions,
      { type, status: status ? 'True' : 'False', reason, message: text, observedGeneration: generation },
      time,
    );
  };
  set(
    CONDITION.supported,
    !unsupported,
    unsupported ? REASON.unsupported : REASON.ok,
    unsupported ? held.message : 'every field of the templates is honoured',
  );
  if (!ended) {
    const placed = waiting === 0 && framework.backingOff === 0 && !held;
    set(
      CONDITION.placed,
      placed,
      placed ? REASON.ok : (held?.reason ?? REASON.backoff),
      placed ? 'every worker has accepted an offer' : message,
    );
  }
  set(CONDITION.complete, phase === 'Succeeded', phase === 'Succeeded' ? REASON.ok : phase, message);
  if (phase === 'Failed') set(CONDITION.failed, true, REASON.tooManyRestarts, message);
  const completionTime = job.status.completionTime ?? (ended ? time : undefined);
  return {
    observedGeneration: generation,
    phase,
    workers: total,
    active: ended ? 0 : framework.live.length + launched - untaken,
    succeeded: kept?.succeeded ?? framework.completed,
    restarts: kept?.restarts ?? framework.restarts,
    ...(startTime === undefined ? {} : { startTime }),
    ...(completionTime === undefined ? {} : { completionTime }),
    message,
    conditions,
  };
}
