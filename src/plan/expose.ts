import { podPath } from '../lib/pod-path.ts';
import { ANNOTATION, LABEL } from '../api/group.ts';
import type { Labels } from '../snapshot/reading/selector.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { ServiceSpec, ShownService, TaskService } from '../snapshot/task-service.ts';

/** Makes what the Service of a task should be. @param shown what it is; undefined while there is none */
export type ServiceMaker = (pod: PodFacts, shown: ShownService | undefined) => TaskService;

/** What a loop that keeps Services asks of the driver of a kind. */
export interface Exposing<W = unknown> {
  /** Makes the Services of a workload's tasks; undefined, or left out by a kind, when they have none. */
  service?(workload: W): ServiceMaker | undefined;
}

/** A request that brings the Service of a task, or what its Pod says of it, to what it should be. */
export interface Exposure {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body: object;
}

/** A task, with what there is under its name. */
export interface Exposed {
  readonly pod: PodFacts;
  /** Makes its Service; undefined when it should have none. */
  readonly make: ServiceMaker | undefined;
  /** Its Service; undefined when there is none. */
  readonly shown: ShownService | undefined;
  /** Address of its node for players; empty when that is not known. */
  readonly node: string;
}

/** What is to be done for one task; nothing when all is as it should be. */
export function exposures({ pod, make, shown, node }: Exposed): Exposure[] {
  // One of a Pod that had the name before: the garbage collector takes it away.
  const own = shown?.owner === pod.uid ? shown : undefined;
  const wanted = make && !pod.terminal ? make(pod, own) : undefined;
  const mark = pod.deleting ? [] : markOf(pod, wanted && addressText(wanted, own, pod, node));
  return [...mark, ...serviceStep(pod, wanted, shown, own)];
}

function serviceStep(
  pod: PodFacts,
  wanted: TaskService | undefined,
  shown: ShownService | undefined,
  own: ShownService | undefined,
): Exposure[] {
  const path = `/api/v1/namespaces/${pod.namespace}/services`;
  const one = `${path}/${pod.name}`;
  if (own?.deleting) return [];
  if (wanted === undefined) return own ? [{ method: 'DELETE', path: one, body: only(own) }] : [];
  // Its players are there until it is gone; nobody new comes.
  if (pod.deleting) return [];
  if (own === undefined) return shown ? [] : [{ method: 'POST', path, body: manifest(pod, wanted) }];
  const body = serviceMend(wanted, own);
  if (body === undefined) return [];
  if (!canBecome(own.spec, wanted.spec)) return [{ method: 'DELETE', path: one, body: only(own) }];
  return [{ method: 'PATCH', path: one, body }];
}

/** A merge patch that makes a Service what it should be; undefined when it is that. */
export function serviceMend(wanted: TaskService, own: ShownService): object | undefined {
  // What else a selector asked for would leave tasks out.
  const selector = { ...nothingOf(own.spec.selector), ...wanted.spec.selector };
  if (isWithin({ ...wanted, spec: { ...wanted.spec, selector } }, own)) return undefined;
  const { uid, resourceVersion } = own;
  const { labels, annotations } = wanted;
  return { metadata: { uid, resourceVersion, labels, annotations }, spec: { ...wanted.spec, selector } };
}

/** A merge patch that takes all entries off. */
const nothingOf = (map: Labels = {}): Readonly<Record<string, null>> =>
  Object.fromEntries(Object.keys(map).map((key) => [key, null]));

/** What the Pod says of its Service. @param address undefined for one that should have none */
function markOf(pod: PodFacts, address: string | undefined): Exposure[] {
  const label = address === undefined ? undefined : pod.name;
  const isMarked = pod.labels[LABEL.server] === label;
  if (isMarked && (pod.task?.serviceAddress ?? '') === (address ?? '')) return [];
  const { uid, resourceVersion, namespace, name } = pod;
  const labels = { [LABEL.server]: label ?? null };
  const annotations = { [ANNOTATION.serviceAddress]: address || null };
  const body = { metadata: { uid, resourceVersion, labels, annotations } };
  return [{ method: 'PATCH', path: podPath(namespace, name), body }];
}

/** A delete of this very Service, as it was seen. */
const only = ({ uid, resourceVersion }: ShownService): object => ({
  apiVersion: 'v1',
  kind: 'DeleteOptions',
  preconditions: { uid, resourceVersion },
});

const manifest = (
  { name, namespace, uid }: PodFacts,
  { labels, annotations, spec }: TaskService,
): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name,
    namespace,
    labels,
    annotations,
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid }],
  },
  spec,
});

/** Whether all that is wanted is there, whatever else is; lists have as many items. */
export function isWithin(wanted: unknown, shown: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return wanted === shown;
  if (typeof shown !== 'object' || shown === null) return false;
  if (Array.isArray(wanted) && (!Array.isArray(shown) || wanted.length !== shown.length)) return false;
  return Object.entries(wanted).every(([key, value]) =>
    isWithin(value, (shown as Readonly<Record<string, unknown>>)[key]),
  );
}

/** The API server lets a Service neither get nor lose its cluster address, nor change the class of its load balancer. */
const canBecome = (shown: ServiceSpec, wanted: ServiceSpec): boolean =>
  (shown.clusterIP === 'None') === (wanted.clusterIP === 'None') &&
  (shown.type !== 'LoadBalancer' ||
    wanted.type !== 'LoadBalancer' ||
    shown.loadBalancerClass === wanted.loadBalancerClass);

/** Where players reach the ports of a Service; empty while there is nowhere. */
function addressText(
  { spec: { type, clusterIP } }: TaskService,
  own: ShownService | undefined,
  { name, namespace }: PodFacts,
  node: string,
): string {
  if (!own || own.spec.type !== type) return '';
  const isNodePort = type === 'NodePort';
  const host = clusterIP === 'None' ? `${name}.${namespace}.svc` : isNodePort ? node : own.ingress[0];
  if (!host) return '';
  const at = host.includes(':') ? `[${host}]` : host;
  return (own.spec.ports ?? [])
    .map((each) => `${each.name}=${at}:${isNodePort ? each.nodePort : each.port}/${each.protocol}`)
    .join(',');
}
