import { failuresAfter } from '../../recovery/backoff.ts';
import { isProtected } from '../../recovery/rules.ts';
import { backOffWords, countByNode, unsupportedHold } from '../../snapshot/class.ts';
import type { Subject } from '../../snapshot/drafting.ts';
import { NOTHING_ENDED, type Draft } from '../../snapshot/framework.ts';
import { ranked, type Ranked } from '../../snapshot/named-classes.ts';
import {
  judge,
  lastFirst,
  recoveredFrom,
  type Judged,
  type Removal,
  type TaskPod,
  type TaskRules,
  type Watch,
} from '../../snapshot/slots.ts';
import { mountsTellAt, stuckTasks } from '../../snapshot/stuck.ts';
import { NO_LACK, OpenSlots, type Reopened } from '../../snapshot/vacancies.ts';
import type { PoolFacts } from './facts.ts';

/** A server that played for long has earned a fresh start. */
const RULES: TaskRules = { row: 'GameServerPool', failuresAfter };

/** Servers that go first when a pool shrinks: not ready, then on the node with the fewest of the pool, then young. */
function removalOrder(perNode: ReadonlyMap<string, number>): (a: TaskPod, b: TaskPod) => number {
  const crowd = (pod: TaskPod) => perNode.get(pod.node ?? '') ?? 0;
  return (a, b) =>
    Number(a.ready) - Number(b.ready) ||
    crowd(a) - crowd(b) ||
    b.createdAt - a.createdAt ||
    b.task.slot - a.task.slot ||
    (a.name < b.name ? -1 : 1);
}

const isStranded = ({ action, signal }: Judged): boolean =>
  action === 'keep' && (signal === 'NodeLost' || signal === 'NodeLeaving');

/** A server of an older template has nothing to wait for: the next one runs what was mended. */
const freshStart = (judged: Judged, revision: string, now: number): Judged =>
  judged.action === 'retry' && ![revision, ''].includes(judged.pod.task.revision)
    ? { ...judged, failures: 0, due: now }
    : judged;

/**
 * Slots to fill: those of servers that ended and whose back-off is over, then the lowest numbers that nobody has.
 * @param missing how many servers the pool lacks
 * @param live slots that live servers hold
 */
function vacancies(
  { metadata: { name: base, namespace = '' } }: PoolFacts,
  missing: number,
  gone: readonly Judged[],
  live: ReadonlySet<number>,
  { now }: Watch,
) {
  const reopened: Reopened[] = [];
  const backingOff: Judged[] = [];
  if (missing === 0) return { pending: NO_LACK, reopened, backingOff };
  const taken = new Set(live);
  for (const judged of gone) {
    const { pod, failures, due, ended } = judged;
    const { slot } = pod.task;
    if (reopened.length + backingOff.length >= missing) break;
    if (taken.has(slot)) continue;
    taken.add(slot);
    if (due > now) backingOff.push(judged);
    else reopened.push({ slot, failures, after: recoveredFrom(judged), ended });
  }
  const fresh = missing - reopened.length - backingOff.length;
  const pending = new OpenSlots({ namespace, base, reopened, fresh, taken });
  return { pending, reopened, backingOff };
}

/** Reads one pool: which servers live, which slots are to be filled, which Pods are to go. */
export function poolDraft(subject: Subject<Ranked<PoolFacts>, TaskPod>, watch: Watch): Draft {
  const { workload: pool, pods, hold } = subject;
  const { spec, groups, standing } = pool;
  const { shape } = groups[0]!;
  const judged = pods.map((pod) => judge(pod, RULES, spec.recovery, watch));
  const alive = judged.filter((j) => j.action === 'keep').map((j) => j.pod);
  const stranded = new Set(judged.filter(isStranded).map((j) => j.pod));
  const gone = judged.filter((j) => j.action !== 'keep').map((j) => freshStart(j, shape.revision, watch.now));
  const perNode = countByNode(alive);

  const surplus = alive.length - spec.replicas;
  const shrink =
    surplus > 0 ? alive.filter((p) => !isProtected(p.task.session)).sort(removalOrder(perNode)) : [];
  const doomed = new Set(shrink.slice(0, Math.max(0, surplus)));
  const live = alive.filter((pod) => !doomed.has(pod));

  const used = new Set(live.map((pod) => pod.task.slot));
  const leaving = [...doomed].map((pod): Removal => ({ pod, reason: 'ScaledDown', signal: undefined }));
  const { pending, reopened, backingOff } = vacancies(
    pool,
    Math.max(0, spec.replicas - live.length),
    gone.toSorted((a, b) => a.pod.task.slot - b.pod.task.slot || lastFirst(a, b)),
    used,
    watch,
  );
  // An ended Pod stays until its slot is filled again: it carries the count of failures, and its logs. One of which a
  // container runs on goes when the next one is due: its room may be all that there is.
  const awaited = new Set(reopened.map(({ slot }) => slot));
  const holdsRoom = ({ task, terminal }: TaskPod) => task.exit !== undefined && !terminal;
  const spent = gone.filter(
    ({ pod, action, due }) =>
      action !== 'refill' &&
      (used.has(pod.task.slot) || ((holdsRoom(pod) || !awaited.has(pod.task.slot)) && due <= watch.now)),
  );
  const cleared = spent.map(({ pod, signal }): Removal => ({ pod, reason: 'Replaced', signal }));

  const draft = {
    ...NOTHING_ENDED,
    revocable: false,
    noticeSeconds: spec.noticeSeconds,
    together: false,
    gang: false,
    hold: unsupportedHold([shape]) ?? hold,
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
    ready: live.filter((pod) => pod.ready && !stranded.has(pod)).length,
    stranded: live.filter((pod) => stranded.has(pod)).length,
    stuck: stuckTasks(live, watch.now),
    failed: backOffWords(backingOff),
    backingOff: backingOff.length,
    removals: [...leaving, ...cleared],
    // Also for back-offs that nobody waits for: the Pod is cleared away then. And for word of a reboot.
    wakeAt: judged.reduce(
      (next, { due }) => (due > watch.now ? Math.min(next, due) : next),
      mountsTellAt(live, watch.now),
    ),
  };
  return ranked(draft, standing);
}
