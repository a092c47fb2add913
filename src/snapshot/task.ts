import { ANNOTATION, GROUP, LABEL, TRACKING } from '../api/group.ts';
import { record } from '../lib/record.ts';
import { boundedTime, parseTime } from '../lib/time.ts';
import { createAskedReader, type Asked } from './asked.ts';
import { isRestarting, NO_REVISION, REFUSED, ungranted } from './changing.ts';
import { exitOf, helpersRun, stuckOf, waitsSince, type Exit } from './containers.ts';
import { createCustomerReader, roleIn, type CustomerFacts } from './customer.ts';
import { createHintReader, type Hints } from './hints.ts';
import type { Meta, Pod, StatusCondition } from './reading/objects.ts';
import { podRules, standingRules, type StandingRules } from './pod-rules.ts';
import { hostPortsOf, type HostPort } from './ports.ts';
import { readPod } from './reading/pod.ts';
import { podRequests } from './requests.ts';
import type { Amounts } from './resources.ts';
import type { Labels } from './reading/selector.ts';
import { Sharing } from './sharing.ts';
import { claimsOf, type ClaimUse } from './volumes/claim-use.ts';

/**
 * What the Pods that Proffer made say about themselves; all its state is here and nowhere else. Whoever may write Pods in
 * a namespace can write this, too: it is believed only as far as a workload of that namespace is concerned.
 */
export interface TaskFacts extends Hints {
  /** Kind of the owning workload, and its UID, as the Pod says. */
  readonly kind: string;
  readonly owner: string;
  readonly role: string;
  /** Worker group; the empty string for a pool. */
  readonly group: string;
  readonly slot: number;
  readonly revision: string;
  /** Equal to that of a template to which it can be changed in place; or `refused: ` and why it cannot; or empty. */
  readonly fixedPart: string;
  /** It was changed in place, and what it runs now is not known to be of use yet. */
  readonly changing: boolean;
  /** Session state label: Allocated, Reserved or empty. */
  readonly session: string;
  /** Boot ID of the node that it was made for; undefined when that did not say. */
  readonly boot: string | undefined;
  /** Its host ports, as its annotation has them: `game=7000/UDP`; empty when it has none. */
  readonly ports: string;
  /** Where its Service is reached, as its annotation has it; empty while that says nothing. */
  readonly serviceAddress: string;
  /** Failures in a row before this Pod. */
  readonly failures: number;
  /** How many times all tasks of its workload had been started again when it was made. */
  readonly attempt: number;
  /** How many tasks of its group it was told that there are; undefined when it was not. */
  readonly workers: number | undefined;
  /** The overflow labels and annotations that it was given, as its Pod says; or empty. */
  readonly overflow: string;
  readonly exit: Exit | undefined;
  /** How it is asked over the network whether it answers, and what was found; undefined for one that is not. */
  readonly asked: Asked | undefined;
  /** What keeps it from being ready: `container main: ImagePullBackOff: Back-off pulling image "x"`; or empty. */
  readonly stuck: string;
  /** Since when it waits for a container to start, ms since the epoch; undefined when it does not. */
  readonly waitsSince: number | undefined;
  /** A container beside its main one still runs. */
  readonly helpersRun: boolean;
  /** Its volumes are not mounted, or its network is not ready; neither is told in a Pod. */
  readonly unmounted: boolean;
}

/** What Proffer keeps of a Pod, anyone's: what it takes of its node, and for its own tasks how they do. */
export interface PodFacts {
  /** Store key: namespace/name. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Node that the Pod is bound to, or undefined. */
  readonly node: string | undefined;
  readonly phase: string;
  /** Reason of the phase: Evicted, OutOfcpu, NodeAffinity... */
  readonly reason: string;
  readonly message: string;
  readonly ready: boolean;
  readonly deleting: boolean;
  /** How long it has to end once it is deleted, ms; 0 before. */
  readonly graceMs: number;
  /** We ordered it to go while it was well; left out for what comes from the API server, which cannot tell. */
  readonly dismissed?: boolean;
  /** We ordered it to go, and the API server does not show it going: it may stay. Left out in all other cases. */
  readonly ordered?: boolean;
  /** It stays until its end is counted: it has our finalizer. Left out for all others. */
  readonly tracked?: true;
  /** Succeeded or Failed: it holds nothing of its node any more. */
  readonly terminal: boolean;
  readonly createdAt: number;
  /** When it, or its main container, ended, ms since the epoch; undefined while it has not. See withOwnTime(). */
  readonly endedAt: number | undefined;
  /** Value of its priority class. */
  readonly priority: number;
  /** The API server has granted its eviction, or something else disrupts it: condition DisruptionTarget. */
  readonly evicted: boolean;
  /** Who disrupts it, by the reason of that condition: EvictionByEvictionAPI, DeletionByTaintManager; or empty. */
  readonly disruption: string;
  /** Node that another scheduler clears for it; undefined when none. */
  readonly nominated: string | undefined;
  /** How long it is asked to go before it is evicted, ms. */
  readonly noticeMs: number;
  /** Until when it is asked to go, ms since the epoch; undefined when it is not. */
  readonly inverseOffer: number | undefined;
  readonly requests: Amounts;
  readonly hostPorts: readonly HostPort[];
  /** Claims of its volumes. */
  readonly claims: readonly ClaimUse[];
  /** Without the number of its slot and the id of its session, which are in the task. */
  readonly labels: Labels;
  /** What its own rules mean for Pods that come; undefined for most. */
  readonly standing: StandingRules | undefined;
  readonly task: TaskFacts | undefined;
  /** How it takes part, when it names our scheduler. */
  readonly customer: CustomerFacts | undefined;
  /** What of it cannot be read; it counts as far as it can. */
  readonly faults: readonly string[];
}

/** A count as Proffer writes it; undefined for any other text. */
const countIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^(0|[1-9]\d{0,5})$/.test(text) ? Number(text) : undefined;

const conditionOf = ({ status }: Pod, type: string): StatusCondition | undefined =>
  status?.conditions?.find((condition) => condition.type === type);

/** Readers of what many Pods have alike. */
interface Readers {
  readonly hintsOf: (pod: Pod) => Hints;
  readonly askedOf: (pod: Pod) => Asked | undefined;
}

function taskOf(pod: Pod, exit: Exit | undefined, { hintsOf, askedOf }: Readers): TaskFacts | undefined {
  const { labels = NOTHING, annotations = NOTHING, ownerReferences = [] } = pod.metadata;
  const owner = ownerReferences.find((r) => r.controller);
  if (!owner?.apiVersion.startsWith(`${GROUP}/`)) return undefined;
  const slot = countIn(labels[LABEL.slot]);
  if (slot === undefined) return undefined;
  const asked = askedOf(pod);
  const refusal = ungranted(pod);
  return {
    kind: owner.kind,
    owner: owner.uid,
    role: roleIn(annotations[ANNOTATION.role]) ?? pod.metadata.namespace ?? '',
    group: labels[LABEL.group] ?? '',
    slot,
    revision: refusal === undefined ? (labels[LABEL.revision] ?? '') : NO_REVISION,
    fixedPart: refusal === undefined ? (annotations[ANNOTATION.fixedPart] ?? '') : `${REFUSED}${refusal}`,
    changing: isRestarting(pod) || (asked !== undefined && annotations[ANNOTATION.changing] !== undefined),
    session: labels[LABEL.state] ?? '',
    boot: annotations[ANNOTATION.boot],
    ports: annotations[ANNOTATION.ports] ?? '',
    serviceAddress: annotations[ANNOTATION.serviceAddress] ?? '',
    failures: countIn(annotations[ANNOTATION.failures]) ?? 0,
    attempt: countIn(annotations[ANNOTATION.attempt]) ?? 0,
    workers: countIn(annotations[ANNOTATION.workers]),
    overflow: annotations[ANNOTATION.overflow] ?? '',
    exit,
    asked,
    stuck: stuckOf(pod),
    helpersRun: helpersRun(pod),
    waitsSince: waitsSince(pod),
    unmounted:
      pod.status?.phase === 'Pending' && conditionOf(pod, 'PodReadyToStartContainers')?.status === 'False',
    ...hintsOf(pod),
  };
}

/** How far the clocks of a node and of the API server may be apart, ms: what ended this long before it was deleted did so by itself. */
const CLOCKS_MS = 2000;

/** How a task ended; nothing for one that was deleted before it ended, since that is why it did. */
function endOf(pod: Pod): Exit | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
  const exit = exitOf(pod);
  if (deletionTimestamp === undefined || !exit || exit.part === 'helper') return exit;
  const deletedAt = parseTime(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  return exit.finishedAt > 0 && exit.finishedAt <= deletedAt - CLOCKS_MS ? exit : undefined;
}

/** Without what differs between tasks that are alike; no selector finds them by that. */
function withoutOwn(labels: Labels): Labels {
  if (labels[LABEL.slot] === undefined) return labels;
  const others = record(labels);
  delete others[LABEL.slot];
  delete others[LABEL.session];
  return others;
}

/** No labels, or no annotations. */
const NOTHING: Labels = record<string>();

/** The longest notice that is given, s: an hour. */
const LONGEST_NOTICE = 3600;

/** What cannot be read is no notice. */
function noticeOf({ annotations }: Meta): number {
  const text = annotations?.[ANNOTATION.notice] ?? '';
  return /^\d{1,6}$/.test(text) ? Math.min(Number(text), LONGEST_NOTICE) * 1000 : 0;
}

/**
 * Makes a reader of Pods that shares equal requests, labels and rules, since most Pods of a cluster are alike: 50,000
 * Pods then cost the memory of their names.
 */
export function createPodReader(): (raw: object) => PodFacts {
  const requests = new Sharing<Amounts>();
  const labelSets = new Sharing<Labels>();
  const standing = new Sharing<StandingRules | undefined>();
  const readCustomer = createCustomerReader();
  const readers = { hintsOf: createHintReader(), askedOf: createAskedReader() };
  return (raw) => {
    const reading = readPod(raw);
    const { pod, faults } = reading;
    const { metadata, spec, status } = pod;
    const phase = status?.phase ?? 'Pending';
    const createdAt = parseTime(metadata.creationTimestamp);
    const exit = endOf(pod);
    const terminal = phase === 'Succeeded' || phase === 'Failed';
    const disruption = conditionOf(pod, 'DisruptionTarget');
    const task = taskOf(pod, exit, readers);
    const labels = labelSets.share(withoutOwn(metadata.labels ?? NOTHING));
    return {
      key: `${metadata.namespace}/${metadata.name}`,
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      uid: metadata.uid ?? '',
      resourceVersion: metadata.resourceVersion ?? '',
      node: spec.nodeName,
      phase,
      reason: status?.reason ?? '',
      message: status?.message ?? '',
      ready: conditionOf(pod, 'Ready')?.status === 'True' && task?.changing !== true,
      deleting: metadata.deletionTimestamp !== undefined,
      graceMs: (metadata.deletionGracePeriodSeconds ?? 0) * 1000,
      ...(metadata.finalizers?.includes(TRACKING) ? { tracked: true as const } : {}),
      terminal,
      createdAt,
      endedAt: terminal || exit ? exit?.finishedAt || createdAt : undefined,
      priority: spec.priority ?? 0,
      evicted: disruption?.status === 'True',
      disruption: disruption?.status === 'True' ? (disruption.reason ?? '') : '',
      nominated: status?.nominatedNodeName,
      noticeMs: noticeOf(metadata),
      inverseOffer: parseTime(metadata.annotations?.[ANNOTATION.inverseOffer]) || undefined,
      requests: requests.share(podRequests(spec, status)),
      hostPorts: hostPortsOf(spec),
      claims: claimsOf(spec, { name: metadata.name, uid: metadata.uid ?? '' }),
      labels,
      standing: spec.affinity
        ? standing.share(standingRules(podRules(spec, metadata.namespace ?? '', labels)))
        : undefined,
      task,
      customer: readCustomer(reading),
      faults,
    };
  };
}

/**
 * A Pod that was read, with the time of its end by our own clock: when we saw it. Of what had ended when we first saw it
 * stands when its kubelet says so, as far as that can be. Once a Pod is deleted its containers end for that: how it was seen
 * to have ended before, or is known to have, is what stands.
 * @param before as the Pod was known; undefined when it was not, or another one had its name
 */
export function withOwnTime(pod: PodFacts, before: PodFacts | undefined, now: number): PodFacts {
  const known = before?.uid === pod.uid ? before : undefined;
  if (known && pod.deleting && pod.task && (known.task?.exit || !pod.task.exit))
    return { ...pod, endedAt: known.endedAt, task: { ...pod.task, exit: known.task?.exit } };
  if (pod.endedAt === undefined) return pod;
  // A main container ends after its helper: that is another end.
  const isKnown = known?.task?.exit?.container === pod.task?.exit?.container;
  const endedAt = known
    ? ((isKnown ? known.endedAt : undefined) ?? now)
    : boundedTime(pod.endedAt, pod.createdAt, now);
  return { ...pod, endedAt };
}
