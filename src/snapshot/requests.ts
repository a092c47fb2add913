import { record } from '../lib/record.ts';
import type { Container, ContainerStatus, Pod, PodSpec, ResourceMap } from './reading/objects.ts';
import { inUnits, thousandthsOf, type Amounts, type Thousandths } from './resources.ts';

/** Adds `more` into `into`, column by column. */
function add(into: Record<string, bigint>, more: Thousandths): void {
  for (const name in more) into[name] = (into[name] ?? 0n) + more[name]!;
}

/** Raises `into` to at least `other`, column by column. */
function raise(into: Record<string, bigint>, other: Thousandths): void {
  for (const name in other) if ((into[name] ?? 0n) < other[name]!) into[name] = other[name]!;
}

/** A limit without a request counts as the request: the API server defaults it so when the Pod is created. */
function effectiveRequests(
  resources: { requests?: ResourceMap; limits?: ResourceMap } | undefined,
): ResourceMap {
  return record(resources?.limits, resources?.requests);
}

/** Who says what a container takes; undefined says nothing. */
type Source = (container: Container, status: ContainerStatus | undefined) => ResourceMap | undefined;

const wanted: Source = (container) => effectiveRequests(container.resources);
/** What the kubelet has set aside. */
const allocated: Source = (_, status) => status?.allocatedResources;
/** What the runtime enforces. */
const actuated: Source = (_, status) => status?.resources?.requests ?? status?.allocatedResources;

/**
 * Pod-level requests, which replace what the containers ask for. A pod-level limit counts where nothing asks, and
 * always for huge pages, which are never overcommitted: so the API server defaults it (pkg/apis/core/v1).
 */
function podLevelRequests({ resources }: PodSpec, containers: Thousandths): Thousandths {
  const limits = record(resources?.limits);
  for (const name in limits)
    if (containers[name] !== undefined && !name.startsWith('hugepages-')) delete limits[name];
  return thousandthsOf(record(limits, resources?.requests));
}

/** Containers and sidecars together, or the peak of the init sequence, where sidecars started earlier run along. */
function sumOf(spec: PodSpec, requestsOf: (container: Container) => Thousandths): Record<string, bigint> {
  const running = record<bigint>();
  for (const container of spec.containers) add(running, requestsOf(container));
  const sidecars = record<bigint>();
  const peak = record<bigint>();
  for (const container of spec.initContainers ?? []) {
    const requests = requestsOf(container);
    if (container.restartPolicy === 'Always') {
      add(sidecars, requests);
      raise(peak, sidecars);
    } else {
      const together = record(requests);
      add(together, sidecars);
      raise(peak, together);
    }
  }
  add(running, sidecars);
  raise(running, peak);
  return running;
}

/** The kubelet can never grant the resize that the spec asks for, so that the spec does not count. */
const isInfeasible = ({ conditions = [] }: ResizeStatus): boolean =>
  conditions.some(({ type, reason }) => type === 'PodResizePending' && reason === 'Infeasible');

/** What a Pod's status says of a resize in place. */
export type ResizeStatus = NonNullable<Pod['status']>;

/**
 * Amounts while a Pod is resized in place: the most of what is asked for, set aside and enforced. Where the status says
 * nothing of a container the spec stands in.
 */
function resizedSum(spec: PodSpec, status: ResizeStatus): Record<string, bigint> {
  const statuses = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])];
  const infeasible = isInfeasible(status);
  const saidBy = (source: Source) =>
    sumOf(spec, (container) => {
      const said = source(
        container,
        statuses.find(({ name }) => name === container.name),
      );
      return thousandthsOf(said ?? (infeasible ? undefined : wanted(container, undefined)));
    });
  const most = infeasible ? record<bigint>() : saidBy(wanted);
  if (status.allocatedResources && status.resources?.requests) {
    raise(most, thousandthsOf(status.allocatedResources));
    raise(most, thousandthsOf(status.resources.requests));
  } else {
    raise(most, saidBy(allocated));
    raise(most, saidBy(actuated));
  }
  return most;
}

/** Pod-level requests while the Pod is resized in place. */
function resizedPodLevel(podLevel: Thousandths, status: ResizeStatus): Thousandths {
  if (Object.keys(podLevel).length === 0 || !status.resources) return podLevel;
  const most = isInfeasible(status) ? record<bigint>() : record(podLevel);
  raise(most, thousandthsOf(status.resources.requests));
  raise(most, thousandthsOf(status.allocatedResources));
  return most;
}

/**
 * What a Pod takes of its node, by the counting rules of Kubernetes (k8s.io/component-helpers resource.PodRequests):
 * the larger of (containers + sidecars) and the peak of the init sequence; pod-level resources replace that sum for the
 * names they give; overhead comes on top; plus one of `pods`.
 * @param status of a Pod that is there, which may be in the middle of a resize in place
 * @returns whole units; the sum is rounded up, as kube-scheduler does
 */
export function podRequests(spec: PodSpec, status: ResizeStatus = {}): Amounts {
  const sum = resizedSum(spec, status);
  Object.assign(sum, resizedPodLevel(podLevelRequests(spec, sum), status));
  add(sum, thousandthsOf(spec.overhead));
  return record(inUnits(sum, 'up'), { pods: 1 });
}
