import { failuresAfter } from '../../recovery/backoff.ts';
import type { Subject } from '../../snapshot/drafting.ts';
import type { Ranked } from '../../snapshot/named-classes.ts';
import {
  judge,
  type Judged,
  type Removal,
  type TaskPod,
  type TaskRules,
  type Watch,
} from '../../snapshot/slots.ts';
import { drain, type Drain } from './drain.ts';
import type { PoolFacts } from './facts.ts';
import { asDismissed, sentAway } from './intent.ts';
import { overlong, type Overlong } from './overlong.ts';
import { isOutdated } from './rollout.ts';

/** A server that played for long has earned a fresh start. */
const RULES: TaskRules = { row: 'GameServerPool', failuresAfter };

/** The servers of a pool, by what becomes of them. */
export interface JudgedServers {
  /** All of them. */
  readonly all: readonly Judged[];
  /** Those that run on. The slot of one that a drain ends is not free before it is gone: it may stay after all. */
  readonly running: readonly Judged[];
  /** Those of them that no drain ends. */
  readonly kept: readonly Judged[];
  /** Those that ended, failed or are on their way out. */
  readonly gone: readonly Judged[];
  /** Those that run, as far as anybody knows, on a node that is lost or leaves. */
  readonly stranded: ReadonlySet<TaskPod>;
  readonly drained: Drain;
  readonly overlong: Overlong;
  /** Those that go by what their label says. */
  readonly sent: readonly Removal[];
}

const isStranded = ({ action, signal }: Judged): boolean =>
  action === 'keep' && (signal === 'NodeLost' || signal === 'NodeLeaving');

/** Whether a server is asked over the network and answers. */
const answers = ({ task, deleting, ready }: TaskPod): boolean => ready && !deleting && task.answers === true;

/** A server of an older template has nothing to wait for: the next one runs what was mended. */
const freshStart = (judged: Judged, revision: string, now: number): Judged =>
  judged.action === 'retry' && isOutdated(judged.pod.task, revision)
    ? { ...judged, failures: 0, due: now }
    : judged;

/** Says what becomes of each server of a pool, before the pool asks for more or fewer of them. */
export function judgeServers(
  { workload: pool, pods }: Subject<Ranked<PoolFacts>, TaskPod>,
  watch: Watch,
): JudgedServers {
  const { spec, groups } = pool;
  const { revision } = groups[0]!.shape;
  const rules = { ...RULES, othersAnswer: pods.some(answers) };
  const sent: Removal[] = [];
  const all = pods.map((pod) => {
    const judged = judge(pod, rules, spec.recovery, watch);
    const reason = sentAway(judged);
    if (reason === undefined) return judged;
    sent.push({ pod, reason, signal: undefined });
    return asDismissed(judged);
  });
  const running = all.filter(({ action }) => action === 'keep');
  const alive = running.map(({ pod }) => pod);
  const drained = drain(alive, spec.eviction, watch);
  return {
    all,
    running,
    kept: running.filter(({ pod }) => !drained.over.has(pod)),
    gone: all.filter(({ action }) => action !== 'keep').map((each) => freshStart(each, revision, watch.now)),
    stranded: new Set(all.filter(isStranded).map(({ pod }) => pod)),
    drained,
    overlong: overlong(alive, drained.asks, watch.now),
    sent,
  };
}
