import { REASON } from '../api/conditions.ts';
import { countByNode, unsupportedHold } from './class.ts';
import type { CustomerFacts } from './customer.ts';
import { UNTENDED, type ClassDraft, type FrameworkDraft, type Hold } from './framework.ts';
import { frozenDraft } from './frozen.ts';
import { turnsOfGang, type Turns } from './gang.ts';
import type { Vacancy } from './slots.ts';
import type { PodFacts } from './task.ts';
import type { TaskShape } from './workload.ts';
import { largest } from '../lib/unbounded.ts';

/** A Pod that names our scheduler. */
export type CustomerPod = PodFacts & { readonly customer: CustomerFacts };

/** A Pod that waits to be bound. */
export type WaitingPod = CustomerPod & { readonly customer: { readonly shape: TaskShape } };

const isWaiting = (pod: CustomerPod): pod is WaitingPod =>
  pod.node === undefined && !pod.deleting && pod.customer.shape !== undefined;

/** The oldest first, then by name. */
const inOrder = (a: PodFacts, b: PodFacts): number => a.createdAt - b.createdAt || (a.key < b.key ? -1 : 1);

const vacancyOf = (pod: WaitingPod, slot: number): Vacancy => ({
  slot,
  name: pod.name,
  failures: 0,
  after: undefined,
  pod,
});

/**
 * Reads the Pods of one framework: which of them wait to be bound, as classes of equal ones.
 * @param pods all of them, bound or not
 * @param held set when the API server refuses to bind its Pods for now
 * @param roles those that gangs of its name draw on
 * @param numbered whether labels that number Pods tell them apart
 */
export function customerFramework(
  pods: readonly CustomerPod[],
  held: Hold | undefined,
  now: number,
  roles: readonly string[] = [],
  numbered = true,
): FrameworkDraft {
  if (held?.freezes) {
    const { framework, role, gangMin } = pods[0]!.customer;
    const [namespace = '', name = ''] = framework.key.split('/');
    return frozenDraft(framework, { name, namespace }, role, pods, held, gangMin !== undefined);
  }
  const sorted = pods.toSorted(inOrder);
  const waiting = sorted.filter(isWaiting);
  const live = sorted.filter(({ node, terminal }) => node !== undefined && !terminal);
  const first = (waiting[0] ?? sorted[0]!).customer;
  const { framework, role, gangMin } = first;
  const isSound = ({ customer }: WaitingPod): boolean => customer.shape.unsupported.length === 0;
  const sound = waiting.filter(isSound);
  const unsound = waiting.filter((pod) => !isSound(pod));
  const apart = roles.filter((other) => other !== role);
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
        pending: alike.map((pod, slot) => vacancyOf(pod, slot)),
        hold: holdOf(shape),
        leastPriority: alike.reduce((least, pod) => Math.min(least, pod.priority), Infinity),
        perNode,
      }),
    );
  const comesLater: Hold = {
    reason: REASON.gang,
    message: `the gang starts with ${gangMin} others, and it comes when they run`,
  };
  const [namespace = '', name = ''] = framework.key.split('/');
  return {
    ...framework,
    metadata: { name, namespace },
    role,
    preempts: sound.some(({ customer }) => customer.preempts),
    askedPriority: undefined,
    priority: largest((sound.length > 0 ? sound : sorted).map(({ priority }) => priority)),
    // One that others joined stays as firm as it was: nobody makes somebody else's Pods give way.
    revocable: [...live, ...waiting].every(({ customer }) => customer.revocable),
    noticeSeconds: 0,
    together: gangMin !== undefined,
    gang: turns.whole,
    hold: turns.hold ?? held,
    classes: [
      ...classesOf([...turns.now, ...unsound], (shape) => unsupportedHold([shape])),
      ...classesOf(turns.later, () => comesLater),
    ],
    live,
    ready: live.filter((pod) => pod.ready).length,
    completed: sorted.filter(({ phase }) => phase === 'Succeeded').length,
    ...UNTENDED,
    // Those that the gang does not need to start come next: nobody else tells that it started.
    wakeAt: turns.later.length > 0 ? now : Number.POSITIVE_INFINITY,
  };
}
