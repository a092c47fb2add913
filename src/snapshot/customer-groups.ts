import type { CustomerFacts } from './customer.ts';
import type { Subject } from './drafting.ts';
import type { Hold } from './framework.ts';
import type { PodFacts } from './task.ts';

/** A Pod that names our scheduler. */
export type CustomerPod = PodFacts & { readonly customer: CustomerFacts };

/** What has a say in how the Pods of a framework are read, and does not stand in them. */
export interface CustomerGroup {
  /** Roles that gangs of its name draw on. */
  readonly gangRoles: readonly string[];
  /** Whether labels that number Pods tell them apart. */
  readonly numbered: boolean;
}

/**
 * The frameworks of Pods of others, in the order of their ids.
 * @param groups the Pods of each, by its id
 * @param readsNumbers from numberReaders()
 */
export function customerSubjects(
  groups: ReadonlyMap<string, readonly CustomerPod[]>,
  holds: ReadonlyMap<string, Hold>,
  readsNumbers: (namespace: string) => boolean,
): Subject<CustomerGroup, CustomerPod>[] {
  const gangRoles = rolesOfGangs(groups.values());
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, pods]) => {
      const { framework, role } = pods[0]!.customer;
      const [namespace = '', name = ''] = framework.key.split('/');
      const workload = {
        gangRoles: gangRoles.get(framework.key) ?? [],
        numbered: readsNumbers(pods[0]!.namespace),
      };
      return {
        ...framework,
        holder: id,
        makesPods: false,
        metadata: { name, namespace },
        role,
        workload,
        pods,
        hold: holds.get(id),
      };
    });
}

/** Roles that the living members of each gang draw on, by the key of its framework: those of each role are a gang apart. */
function rolesOfGangs(groups: Iterable<readonly CustomerPod[]>): ReadonlyMap<string, readonly string[]> {
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
