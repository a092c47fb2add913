import { CONDITION } from '../../api/conditions.ts';
import { backOffWords, countByNode, unsupportedHold } from '../../snapshot/class.ts';
import type { Subject } from '../../snapshot/drafting.ts';
import { NOTHING_ENDED, type Draft } from '../../snapshot/framework.ts';
import { ranked, type Ranked } from '../../snapshot/named-classes.ts';
import type { Judged, Removal, TaskPod, Watch } from '../../snapshot/slots.ts';
import { mountsTellAt, stuckTasks } from '../../snapshot/stuck.ts';
import { waitsSince } from '../common/waits-since.ts';
import { spendingOf, type Spending } from './crash-budget.ts';
import { deletionOrder, mayGo } from './deletion-order.ts';
import type { PoolFacts } from './facts.ts';
import { canChange, refusalIn } from './in-place.ts';
import { fill } from './filling.ts';
import type { PoolFound } from './found.ts';
import { judgeServers, type JudgedServers } from './judging.ts';
import { portHold } from './port-hold.ts';
import { isOutdated, rollout } from './rollout.ts';
import { rememberedOf, type Remembered } from './slot-failures.ts';
import { tallyOf } from './sums.ts';
import { deadlineOf } from './update-status.ts';

/** How soon it is looked again whether the status counts a crash, or failures, of a Pod that waits to be cleared away, ms. */
const UNCOUNTED_MS = 1000;

/** Whether players may come. */
const isReady = ({ ready, task }: TaskPod): boolean => ready && task.intent !== 'Maintenance';

/** Whether a server of an older template that nobody holds is on its way out, and still runs. */
const isLeaving = ({ pod, action }: Judged, revision: string): boolean =>
  action === 'refill' && !pod.terminal && mayGo(pod.task) && isOutdated(pod.task, revision);

const asRemovals = (pods: Iterable<TaskPod>, reason: Removal['reason']): Removal[] =>
  Array.from(pods, (pod) => ({ pod, reason, signal: undefined }));

/** When a pool is to be looked at again though nothing changes, ms since the epoch; Infinity when it need not be. */
function nextLook(
  pool: PoolFacts,
  { all, gone, drained, overlong }: JudgedServers,
  live: readonly TaskPod[],
  { until, isCounted }: Spending,
  { isKept }: Remembered,
  now: number,
): number {
  // Also for back-offs that nobody waits for: the Pod is cleared away then. And for word of a reboot.
  const due = all.reduce((next, each) => (each.due > now ? Math.min(next, each.due) : next), Infinity);
  const deadline = deadlineOf(pool) ?? Infinity;
  const isTold = (each: Judged) => isCounted(each) && (each.due > now || isKept(each));
  const uncounted = gone.every(isTold) ? Infinity : now + UNCOUNTED_MS;
  return Math.min(
    due,
    mountsTellAt(live, now),
    until,
    drained.wakeAt,
    overlong.wakeAt,
    uncounted,
    deadline > now ? deadline : Infinity,
  );
}

/** Reads one pool: which servers live, which slots are to be filled, which Pods are to go. */
export function poolDraft(subject: Subject<Ranked<PoolFacts>, TaskPod>, watch: Watch): Draft {
  const { workload: pool } = subject;
  const { spec, groups, standing } = pool;
  const { shape } = groups[0]!;
  const { revision } = shape;
  const { now } = watch;
  const servers = judgeServers(subject, watch);
  const { kept, gone, stranded, drained, sent } = servers;
  const alive = kept.map(({ pod }) => pod);
  const perNode = countByNode(alive);

  const spending = spendingOf(spec.crashBudget, pool.status.crashes ?? [], gone, revision, now);
  const remembered = rememberedOf(pool, servers);
  const hold = unsupportedHold([shape]) ?? portHold(shape, watch.hostPorts) ?? spending.hold ?? subject.hold;
  const isToMove = ({ node }: TaskPod) =>
    spec.eviction.replaceFirst && node !== undefined && watch.isDrained(node);
  const { make, outdated, surplus, changed } = rollout(alive, {
    replicas: spec.replicas,
    revision,
    isToMove,
    canChange: (pod) => spec.update.strategy === 'InPlaceIfPossible' && canChange(pod, shape),
    update: spec.update,
    blocked: (hold ?? standing.hold) !== undefined,
    leaving: gone.filter((each) => isLeaving(each, revision)).length,
    ordered: gone.filter(({ pod }) => pod.ordered === true && pod.dismissed === true).length,
    order: deletionOrder(spec.scheduling, perNode),
  });
  const doomed = new Set([...outdated, ...surplus]);
  const live = alive.filter((pod) => !doomed.has(pod));
  const { pending, backingOff, replaced, awaited } = fill(pool, make, servers, spending, remembered, now);
  const found: PoolFound = {
    ...tallyOf(
      kept.filter(({ pod }) => !doomed.has(pod)),
      revision,
      watch.isDrained,
    ),
    crashes: spending.crashes,
    failures: remembered.failures,
    unchangeable: refusalIn(alive, revision),
    awaited,
  };

  const draft = {
    ...NOTHING_ENDED,
    revocable: false,
    waitsSince: waitsSince(pool, { type: CONDITION.placed, status: 'False' }),
    noticeSeconds: spec.noticeSeconds,
    together: false,
    gang: false,
    hold,
    classes: [
      {
        group: '',
        shape,
        scheduling: spec.scheduling,
        size: spec.replicas,
        pending,
        leastPriority: undefined,
        perNode,
      },
    ],
    live,
    ready: live.filter((pod) => isReady(pod) && !stranded.has(pod)).length,
    stranded: live.filter((pod) => stranded.has(pod)).length,
    stuck: stuckTasks(live, now),
    // None is tried before the budget lets it.
    failed: backOffWords(
      backingOff.map((each) => (spending.hold ? { ...each, due: Math.max(each.due, spending.until) } : each)),
    ),
    backingOff: backingOff.length,
    removals: [
      ...sent,
      ...asRemovals(
        outdated.filter((pod) => !isToMove(pod)),
        'Outdated',
      ),
      ...asRemovals(outdated.filter(isToMove), 'Moved'),
      ...asRemovals(surplus, 'ScaledDown'),
      ...asRemovals(drained.over, 'NodeDrained'),
      ...replaced,
    ],
    asks: [...drained.asks, ...servers.overlong.asks],
    changes: changed,
    wakeAt: nextLook(pool, servers, live, spending, remembered, now),
    found,
  };
  return ranked(draft, standing);
}
