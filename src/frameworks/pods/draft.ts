import type { WaitingPod, CustomerGroup, CustomerPod } from '../../snapshot/customer-groups.ts';
import { REASON } from '../../api/conditions.ts';
import { largest } from '../../lib/unbounded.ts';
import { countByNode, unsupportedHold } from '../../snapshot/class.ts';
import type { Subject } from '../../snapshot/drafting.ts';
import { NOTHING_ENDED, type ClassDraft, type Draft } from '../../snapshot/framework.ts';
import type { Hold } from '../../snapshot/hold.ts';
import type { Vacancy, Watch } from '../../snapshot/slots.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import type { Lack } from '../../snapshot/vacancies.ts';
import type { TaskShape } from '../../snapshot/workload.ts';
import { turnsOfGang, type Turns } from './gang.ts';

const isWaiting = (pod: CustomerPod): pod is WaitingPod =>
  pod.node === undefined && !pod.deleting && pod.customer.shape !== undefined;

/** The oldest first, then by name. */
const inOrder = (a: PodFacts, b: PodFacts): number => a.createdAt - b.createdAt || (a.key < b.key ? -1 : 1);

/** Pods have their names. */
function waitingPods(pods: readonly WaitingPod[]): Lack {
  const vacancies = pods.map((pod, slot): Vacancy => ({
    slot,
    name: pod.name,
    failures: 0,
    after: undefined,
    pod,
  }));
  return { length: vacancies.length, named: () => vacancies };
}

/** Reads the Pods of one framework: which of them wait to be bound, as classes of equal ones. */
export function podsDraft(subject: Subject<CustomerGroup, CustomerPod>, { now }: Watch): Draft {
  const { role, pods, hold } = subject;
  const { gangRoles, numbered } = subject.workload;
  const sorted = pods.toSorted(inOrder);
  const waiting = sorted.filter(isWaiting);
  const live = sorted.filter(({ node, terminal }) => node !== undefined && !terminal);
  const first = (waiting[0] ?? sorted[0]!).customer;
  const { gangMin } = first;
  const isSound = ({ customer }: WaitingPod): boolean => customer.shape.unsupported.length === 0;
  const sound = waiting.filter(isSound);
  const unsound = waiting.filter((pod) => !isSound(pod));
  const apart = gangRoles.filter((other) => other !== role);
  const turns: Turns =
    gangMin === undefined
      ? { now: sound, whole: false, later: [] }
      : turnsOfGang(gangMin, sorted, sound, unsound, apart);

  const perNode = countByNode(live);
  const classesOf = (those: readonly WaitingPod[], holdOf: (shape: TaskShape) => Hold | undefined) =>
    Array.from(
      Map.groupBy(those, ({ customer }) => (numbered ? customer.shape : customer.unnumbered!)),
      ([shape, alike]): ClassDraft => ({
        group: '',
        shape,
        scheduling: first.spreads ? 'Distributed' : 'Packed',
        size: alike.length,
        pending: waitingPods(alike),
        hold: holdOf(shape),
        leastPriority: alike.reduce((least, pod) => Math.min(least, pod.priority), Infinity),
        perNode,
      }),
    );
  const comesLater: Hold = {
    reason: REASON.gang,
    message: `the gang starts with ${gangMin} others, and it comes when they run`,
  };
  return {
    preempts: sound.some(({ customer }) => customer.preempts),
    askedPriority: undefined,
    priority: largest((sound.length > 0 ? sound : sorted).map(({ priority }) => priority)),
    // One that others joined stays as firm as it was: nobody makes somebody else's Pods give way.
    revocable: [...live, ...waiting].every(({ customer }) => customer.revocable),
    waitsSince: (waiting[0] ?? sorted[0]!).createdAt,
    noticeSeconds: 0,
    together: gangMin !== undefined,
    gang: turns.whole,
    hold: turns.hold ?? hold,
    classes: [
      ...classesOf([...turns.now, ...unsound], (shape) => unsupportedHold([shape])),
      ...classesOf(turns.later, () => comesLater),
    ],
    live,
    ready: live.filter((pod) => pod.ready).length,
    ...NOTHING_ENDED,
    // Those that the gang does not need to start come next: nobody else tells that it started.
    wakeAt: turns.later.length > 0 ? now : Number.POSITIVE_INFINITY,
  };
}
