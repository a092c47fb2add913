import { judge, type Judged, type TaskPod, type TaskRules, type Watch } from '../../snapshot/slots.ts';
import type { GangRestart } from '../../api/job/restart.ts';
import { attemptOf, mayRun, restartAfter, ruledOut } from './attempt.ts';
import { recentFailures } from './budget.ts';
import { countsOf, deadlineOf, endingOf, type Ending, type GroupCount } from './ending.ts';
import type { JobFacts } from './facts.ts';
import { failuresIn, isTold, toldHistory, withEnds, type History } from './history.ts';
import { ruled, type Ruled } from './rules.ts';
import { keepsVolumes } from '../../snapshot/volumes/own-volumes.ts';
import { resizeRestart, toldOf } from './resize.ts';
import { elasticOf, taskRules } from './size.ts';

/** What was seen of the Pods of a job, and what it means for the job as a whole. */
export interface Seen {
  /** All of them. */
  readonly all: readonly Ruled[];
  /** Those that belong to the attempt that its status tells of. */
  readonly current: readonly Ruled[];
  /** Those of attempts before: they go, and tell nothing any more. */
  readonly former: readonly Ruled[];
  /** Workers that are to be no more and may still run: none is made for their ranks. */
  readonly stopping: ReadonlySet<Ruled>;
  /** What the status that is stored tells, and the same with what Pods tell beside it. */
  readonly told: History;
  readonly history: History;
  readonly attempt: number;
  readonly restart: GangRestart | undefined;
  /** Failures of its workers, over its life; and times of those that count, where a window says so. */
  readonly failures: number;
  readonly recent: readonly string[] | undefined;
  readonly exhausted: boolean;
  /** Groups of tasks by index. */
  readonly indexed: ReadonlySet<string>;
  readonly counts: readonly GroupCount[];
  readonly ending: Ending | undefined;
  /** When its time is over, ms since the epoch; Infinity when it never is. */
  readonly deadline: number;
  /** It has ended by its status. */
  readonly isOver: boolean;
  /** It has, or it is to end. */
  readonly isEnded: boolean;
}

/** A job counts its failures for good: `maxRestarts` bounds them. */
const rulesOf = ({ startTimeoutSeconds }: JobFacts['spec']): TaskRules => ({
  row: 'TrainingJob',
  failuresAfter: (before) => before + 1,
  endsStand: true,
  startMs: startTimeoutSeconds * 1000,
});

/** True once the job has ended for good; nothing is created for it any more. */
export const jobEnded = (job: JobFacts): boolean =>
  job.status.phase === 'Succeeded' || job.status.phase === 'Failed';

/** Looks at the Pods of a job, and at what its status tells of those that are gone. */
export function look(job: JobFacts, pods: readonly TaskPod[], watch: Watch): Seen {
  const { spec, status } = job;
  const { now } = watch;
  const attempt = attemptOf(status.restart);
  const indexed = new Set(spec.groups.filter(taskRules).map(({ name }) => name));
  const judging = rulesOf(spec);
  const all = pods.map((pod) => ruled(judge(pod, judging, spec.recovery, watch), spec, now));
  const isFormer = ({ pod: { task } }: Judged) => task.attempt < attempt && !indexed.has(task.group);
  const former = all.filter(isFormer);
  const current = former.length === 0 ? all : all.filter((each) => !isFormer(each));
  const handsOn = new Set(job.groups.filter(({ shape }) => keepsVolumes(shape)).map(({ name }) => name));
  const isGivenUp = ({ action }: Ruled) => action !== 'keep' && action !== 'complete';
  const stopping = [...former, ...current.filter(isGivenUp)].filter(({ pod }) =>
    mayRun(pod, spec.recovery.nodeLossSeconds, watch, handsOn.has(pod.task.group)),
  );

  const isOver = jobEnded(job);
  const told = toldHistory(spec, status);
  const history = withEnds(told, current, now);
  const asked = restartAfter(status.restart, current, now);
  const resized = asked === status.restart ? resizeRestart(job, current, history, now) : undefined;
  const restart = isOver ? status.restart : (resized ?? asked);
  const failures = failuresIn(history) + (restart?.failures ?? 0);
  const recent = recentFailures(job, failures - failuresIn(told) - (status.restart?.failures ?? 0), now);
  const exhausted = (recent?.length ?? failures) > spec.maxRestarts;
  const counts = countsOf(history).map((count) => presentCount(count, job, current));
  const deadline = deadlineOf(job);
  const ending = isOver ? undefined : (endingOf(spec, counts, now >= deadline) ?? ruledOut(current));
  return {
    all,
    current,
    former,
    stopping: new Set(stopping),
    told,
    history,
    attempt,
    restart,
    failures,
    recent,
    exhausted,
    indexed,
    counts,
    ending,
    deadline,
    isOver,
    isEnded: exhausted || isOver || ending !== undefined,
  };
}

/** Of an elastic group those are to succeed that there are, and no fewer than suffice. */
function presentCount(count: GroupCount, { spec }: JobFacts, current: readonly Ruled[]): GroupCount {
  const elastic = elasticOf(
    spec.groups.find(({ name }) => name === count.name)!,
    spec,
  );
  if (!elastic) return count;
  const open = current.filter(
    ({ pod, action }) => pod.task.group === count.name && (action === 'keep' || action === 'retry'),
  );
  const present = count.completed + new Set(open.map(({ pod }) => pod.task.slot)).size;
  const told = elastic.isFixed ? (toldOf(count.name, current) ?? 0) : 0;
  return { ...count, size: Math.max(elastic.least, told, present) };
}

/** Whether a worker asks its job to start all again, or to fail: that is to be told before its Pod may go. */
const decides = ({ verdict }: Ruled): boolean => verdict === 'RestartGang' || verdict === 'Fail';

/** Whether a Pod may run no longer, and what it tells is counted for good. */
export const mustGo = (each: Ruled, { stopping, told }: Seen): boolean =>
  each.action !== 'refill' && stopping.has(each) && !decides(each) && isTold(told, each);

/** Pods that nothing is to be learned from any more. */
export const settledOf = ({ all, former, told, isOver }: Seen): TaskPod[] =>
  all
    .filter(
      (each) =>
        isOver || (isDone(each.pod) && (former.includes(each) || (!decides(each) && isTold(told, each)))),
    )
    .map(({ pod }) => pod);

/** Whether nothing will be heard of the containers of a Pod any more, as the API server has it. */
const isDone = ({ terminal, deleting, ordered, graceMs }: TaskPod): boolean =>
  terminal || (deleting && !ordered && graceMs === 0);
