import { REASON } from '../api/conditions.ts';
import { CUSTOMER_LABEL } from '../api/group.ts';
import { countByNode, unsupportedHold } from './class.ts';
import type { CustomerFacts } from './customer.ts';
import { UNTENDED, type ClassDraft, type FrameworkDraft, type Hold } from './framework.ts';
import { frozenDraft } from './frozen.ts';
import type { Vacancy } from './slots.ts';
import type { PodFacts } from './task.ts';
import type { TaskShape } from './workload.ts';

/** A Pod that names our scheduler. */
export type CustomerPod = PodFacts & { readonly customer: CustomerFacts };

/** A Pod that waits to be bound. */
type WaitingPod = CustomerPod & { readonly customer: { readonly shape: TaskShape } };

const isWaiting = (pod: CustomerPod): pod is WaitingPod =>
  pod.node === undefined && !pod.deleting && pod.customer.shape !== undefined;

/** The oldest first, then by name. */
const inOrder = (a: PodFacts, b: PodFacts): number => a.createdAt - b.createdAt || (a.key < b.key ? -1 : 1);

/** What a gang comes to: those of its Pods that are to be placed now, all of them or none, or why none is. */
function ofGang(
  min: number,
  running: number,
  waiting: readonly WaitingPod[],
): { readonly pending: readonly WaitingPod[]; readonly hold?: Hold } {
  if (Number.isNaN(min)) {
    const message = `label ${CUSTOMER_LABEL.gangMin} must be the number of Pods that run together, such as 4`;
    return { pending: waiting, hold: { reason: REASON.gang, message } };
  }
  const lacking = min - running;
  if (waiting.length < lacking) {
    const message = `${running + waiting.length} of the ${min} Pods of the gang exist`;
    return { pending: waiting, hold: { reason: REASON.gang, message } };
  }
  return { pending: lacking > 0 ? waiting.slice(0, lacking) : waiting };
}

/**
 * Reads the Pods of one framework: which of them wait to be bound, as classes of equal ones.
 * @param pods all of them, bound or not
 * @param held set when the API server refuses to bind its Pods for now
 */
export function customerFramework(
  pods: readonly CustomerPod[],
  held: Hold | undefined,
  now: number,
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
  const running = sorted.filter(({ node, phase }) => node !== undefined && phase !== 'Failed').length;
  const gang = gangMin === undefined ? { pending: waiting } : ofGang(gangMin, running, waiting);

  const perNode = countByNode(live);
  const byShape = Map.groupBy(gang.pending, ({ customer }) => customer.shape);
  const shapes = [...byShape.keys()];
  const classes = shapes.map((shape): ClassDraft => ({
    group: '',
    shape,
    scheduling: first.spreads ? 'Distributed' : 'Packed',
    pending: byShape
      .get(shape)!
      .map((pod, slot): Vacancy => ({ slot, name: pod.name, failures: 0, after: undefined, pod })),
    leastPriority: byShape.get(shape)!.reduce((least, pod) => Math.min(least, pod.priority), Infinity),
    perNode,
  }));
  const [namespace = '', name = ''] = framework.key.split('/');
  return {
    ...framework,
    metadata: { name, namespace },
    role,
    preempts: waiting.some(({ customer }) => customer.preempts),
    askedPriority: undefined,
    priority: Math.max(...(waiting.length > 0 ? waiting : sorted).map(({ priority }) => priority)),
    // One that others joined stays as firm as it was: nobody makes somebody else's Pods give way.
    revocable: [...live, ...waiting].every(({ customer }) => customer.revocable),
    noticeSeconds: 0,
    together: gangMin !== undefined,
    gang: gangMin !== undefined && gangMin > running,
    hold: unsupportedHold(shapes) ?? gang.hold ?? held,
    classes,
    live,
    ready: live.filter((pod) => pod.ready).length,
    completed: sorted.filter(({ phase }) => phase === 'Succeeded').length,
    ...UNTENDED,
    // Those that the gang does not need to start come next: nobody else tells that it started.
    wakeAt: gang.pending.length < waiting.length ? now : Number.POSITIVE_INFINITY,
  };
}
