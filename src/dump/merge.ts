import type { ClusterObjects, Collection, Found } from './objects.ts';

/** Ties a new spec of a workload to the one that it replaces, so that the tasks of that stay its own. */
function inPlaceOf(next: Found, before: Found | undefined): Found {
  if (before === undefined) return next;
  const { uid } = before.object.metadata;
  const { status } = before.object;
  const metadata = { ...next.object.metadata, ...(uid === undefined ? {} : { uid }) };
  return { ...next, object: { ...next.object, metadata, ...(status === undefined ? {} : { status }) } };
}

/** A cluster with more objects in it: one of a name that is there already takes its place. */
export function withObjects(cluster: ClusterObjects, more: ClusterObjects): ClusterObjects {
  const merged = (collection: Collection): Map<string, Found> => {
    const out = new Map(cluster[collection]);
    for (const [key, found] of more[collection]) out.set(key, inPlaceOf(found, out.get(key)));
    return out;
  };
  return {
    nodes: merged('nodes'),
    pods: merged('pods'),
    namespaces: merged('namespaces'),
    services: merged('services'),
    priorityClasses: merged('priorityClasses'),
    runtimeClasses: merged('runtimeClasses'),
    pools: merged('pools'),
    jobs: merged('jobs'),
    roles: merged('roles'),
    claims: merged('claims'),
    volumes: merged('volumes'),
    classes: merged('classes'),
    csiNodes: merged('csiNodes'),
    csiDrivers: merged('csiDrivers'),
    csiCapacities: merged('csiCapacities'),
    attachments: merged('attachments'),
    leases: merged('leases'),
  };
}
