import type { Container, ContainerStatus, PodSpec, ResourceMap } from './objects.ts';
import { amountsOf, saturatingAdd, type Amounts } from './resources.ts';

/** Adds `more` into `into`, column by column. */
function add(into: Record<string, number>, more: Amounts): void {
  for (const name in more) into[name] = saturatingAdd(into[name] ?? 0, more[name]!);
}

/** Raises `into` to at least `other`, column by column. */
function raise(into: Record<string, number>, other: Amounts): void {
  for (const name in other) if ((into[name] ?? 0) < other[name]!) into[name] = other[name]!;
}

/** A limit without a request counts as the request: the API server defaults it so when the Pod is created. */
function effectiveRequests(
  resources: { requests?: ResourceMap; limits?: ResourceMap } | undefined,
): ResourceMap {
  return { ...resources?.limits, ...resources?.requests };
}

function containerRequests(
  container: Container,
  status: ContainerStatus | undefined,
): Record<string, number> {
  const requests = amountsOf(effectiveRequests(container.resources), 'up');
  // During an in-place resize the kubelet may still hold the old, larger amount.
  raise(requests, amountsOf(status?.allocatedResources, 'up'));
  raise(requests, amountsOf(status?.resources?.requests, 'up'));
  return requests;
}

/**
 * Pod-level requests, which replace what the containers ask for. A pod-level limit counts where nothing asks, and
 * always for huge pages, which are never overcommitted: so the API server defaults it (pkg/apis/core/v1).
 */
function podLevelRequests({ resources }: PodSpec, containers: Amounts): Amounts {
  const limits = Object.entries(resources?.limits ?? {}).filter(
    ([name]) => !(name in containers) || name.startsWith('hugepages-'),
  );
  return amountsOf({ ...Object.fromEntries(limits), ...resources?.requests }, 'up');
}

/**
 * What a Pod takes of its node, by the counting rules of Kubernetes (k8s.io/component-helpers resource.PodRequests):
 * the larger of (containers + sidecars) and the peak of the init sequence, where sidecars started earlier run along;
 * pod-level resources replace that sum for the names they give; overhead comes on top; plus one of `pods`.
 * @returns whole units, rounded up per container, so the sum is never under the true demand
 * @throws QuantityError when a quantity cannot be read
 */
export function podRequests(spec: PodSpec, statuses: readonly ContainerStatus[] = []): Amounts {
  const statusOf = (name: string) => statuses.find((s) => s.name === name);
  const running: Record<string, number> = {};
  for (const container of spec.containers)
    add(running, containerRequests(container, statusOf(container.name)));

  const sidecars: Record<string, number> = {};
  const peak: Record<string, number> = {};
  for (const container of spec.initContainers ?? []) {
    const requests = containerRequests(container, statusOf(container.name));
    if (container.restartPolicy === 'Always') {
      add(sidecars, requests);
      raise(peak, sidecars);
    } else {
      add(requests, sidecars);
      raise(peak, requests);
    }
  }
  add(running, sidecars);
  raise(running, peak);

  Object.assign(running, podLevelRequests(spec, running));
  add(running, amountsOf(spec.overhead, 'up'));
  running['pods'] = 1;
  return running;
}
