import { REASON } from '../api/conditions.ts';
import { CUSTOMER_LABEL } from '../api/group.ts';
import { boundedText, listed } from '../lib/bounded-text.ts';
import { HEALTHY } from '../recovery/health.ts';
import { signalOf } from '../recovery/signal.ts';
import { countByNode, FAILURE_MEMORY_MS, unsupportedHold } from './class.ts';
import type { CustomerFacts } from './customer.ts';
import { UNTENDED, type DemandClass, type FrameworkDraft, type Hold } from './framework.ts';
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

/** Pods that a kubelet refused lately, by node. */
function rejectionsOn(pods: readonly CustomerPod[], now: number): Map<string, number> {
  const out = new Map<string, number>();
  for (const pod of pods) {
    if (pod.node === undefined || pod.phase !== 'Failed' || now - pod.createdAt > FAILURE_MEMORY_MS) continue;
    const signal = signalOf({ ...pod, exit: undefined }, HEALTHY, Number.POSITIVE_INFINITY);
    if (signal === 'Rejected') out.set(pod.node, (out.get(pod.node) ?? 0) + 1);
  }
  return out;
}

/** Which waiting Pods of a framework have their turn. */
interface Turns {
  /** Those that are to be placed now; of a gang that has not started all of them or none. */
  readonly now: readonly WaitingPod[];
  /** Those without whom the gang starts. */
  readonly later: readonly WaitingPod[];
  /** Why none is placed. */
  readonly hold?: Hold;
}

/**
 * How many members of the gang's present run are bound or done. It is the run of those who wait or run and are not on
 * their way out: who is done belongs to it while its owner has such members, or when it was there together with one that
 * runs. Who failed or leaves does not count.
 */
function startedMembers(members: readonly CustomerPod[]): number {
  const present = members.filter(({ terminal, deleting }) => !terminal && !deleting);
  const running = present.filter(({ node }) => node !== undefined);
  const owners = new Set(present.map(({ customer }) => customer.owner).filter((owner) => owner !== ''));
  const since = running.reduce((first, { createdAt }) => Math.min(first, createdAt), Infinity);
  const done = members.filter(
    ({ phase, customer: { owner, endedAt } }) =>
      phase === 'Succeeded' && (owners.has(owner) || endedAt > since),
  );
  return running.length + done.length;
}

/**
 * Whose turn it is in a gang.
 * @param min members that run together @param started of them, see {@link startedMembers}
 * @param waiting all members that wait @param sound those of them that can be placed
 * @param apart roles that members of the same name draw on beside this one's
 */
function turnsOfGang(
  min: number,
  started: number,
  waiting: readonly WaitingPod[],
  sound: readonly WaitingPod[],
  apart: readonly string[],
): Turns {
  const held = (message: string): Turns => ({
    now: sound,
    later: [],
    hold: { reason: REASON.gang, message: boundedText(message) },
  });
  if (Number.isNaN(min))
    return held(`label ${CUSTOMER_LABEL.gangMin} must be the number of Pods that run together, such as 4`);
  const lacking = min - started;
  if (waiting.length < lacking) {
    const note =
      apart.length === 0 ? '' : `; those that draw on other roles are gangs apart: ${listed(apart)}`;
    return held(`${started + waiting.length} of the ${min} Pods of the gang exist${note}`);
  }
  if (sound.length < lacking) {
    const { name, customer } = waiting.find((pod) => !sound.includes(pod))!;
    return held(`${name} of the gang cannot be placed: ${unsupportedHold([customer.shape])!.message}`);
  }
  return lacking > 0
    ? { now: sound.slice(0, lacking), later: sound.slice(lacking) }
    : { now: sound, later: [] };
}

/** Roles that the living members of each gang draw on, by the key of its framework: those of each role are a gang apart. */
export function rolesOfGangs(
  groups: Iterable<readonly CustomerPod[]>,
): ReadonlyMap<string, readonly string[]> {
  const roles = new Map<string, string[]>();
  for (const pods of groups) {
    const { gangMin, framework, role } = pods[0]!.customer;
    if (gangMin === undefined || pods.every(({ terminal }) => terminal)) continue;
    const known = roles.get(framework.key);
    if (known) known.push(role);
    else roles.set(framework.key, [role]);
  }
  return roles;
}

/**
 * Reads the Pods of one framework: which of them wait to be bound, as classes of equal ones.
 * @param pods all of them, bound or not
 * @param held set when the API server refuses to bind its Pods for now
 * @param roles those that gangs of its name draw on
 */
export function customerFramework(
  pods: readonly CustomerPod[],
  held: Hold | undefined,
  now: number,
  roles: readonly string[] = [],
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
  const [sound = [], unsound = []] = [true, false].map((isSound) =>
    waiting.filter(({ customer }) => (customer.shape.unsupported.length === 0) === isSound),
  );
  const started = gangMin === undefined ? 0 : startedMembers(sorted);
  const apart = roles.filter((other) => other !== role);
  const turns: Turns =
    gangMin === undefined ? { now: sound, later: [] } : turnsOfGang(gangMin, started, waiting, sound, apart);

  const perNode = countByNode(live);
  const failuresOn = rejectionsOn(sorted, now);
  const classesOf = (those: readonly WaitingPod[], holdOf: (shape: TaskShape) => Hold | undefined) =>
    Array.from(
      Map.groupBy(those, ({ customer }) => customer.shape),
      ([shape, alike]): Omit<DemandClass, 'id' | 'framework'> => ({
        group: '',
        shape,
        scheduling: first.spreads ? 'Distributed' : 'Packed',
        pending: alike.map((pod, slot): Vacancy => ({
          slot,
          name: pod.name,
          failures: 0,
          after: undefined,
          pod,
        })),
        hold: holdOf(shape),
        leastPriority: alike.reduce((least, pod) => Math.min(least, pod.priority), Infinity),
        perNode,
        failuresOn,
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
    priority: Math.max(...(sound.length > 0 ? sound : sorted).map(({ priority }) => priority)),
    // One that others joined stays as firm as it was: nobody makes somebody else's Pods give way.
    revocable: [...live, ...waiting].every(({ customer }) => customer.revocable),
    noticeSeconds: 0,
    together: gangMin !== undefined,
    gang: gangMin !== undefined && gangMin > started,
    hold: turns.hold ?? held,
    classes: [
      ...classesOf(turns.now, () => undefined),
      ...classesOf(turns.later, () => comesLater),
      ...classesOf(unsound, (shape) => unsupportedHold([shape])),
    ],
    live,
    ready: live.filter((pod) => pod.ready).length,
    completed: sorted.filter(({ phase }) => phase === 'Succeeded').length,
    ...UNTENDED,
    // Those that the gang does not need to start come next: nobody else tells that it started.
    wakeAt: turns.later.length > 0 ? now : Number.POSITIVE_INFINITY,
  };
}
