import type { Cluster } from './cluster.ts';
import { FilterTable } from './filter-table.ts';
import type { AgentState, Membership } from './state.ts';
import type { Resources } from '../resources/resource-bundle.ts';

/** Keeps a bundle of an agent, and less of it, from a framework under a role for a while. */
export function addFilter(
  { clock }: Cluster,
  membership: Membership,
  agent: AgentState,
  resources: Resources,
  refuseSeconds: number | null,
): void {
  const end = clock.filterEnd(refuseSeconds);
  if (end === null) return;
  membership.filters ??= new FilterTable();
  membership.filters.add(agent.slot, resources, end, clock.now);
}

/** A framework has no use for what an agent offered: the filter lasts longer the more often that was so in a row. */
export function decline(
  cluster: Cluster,
  membership: Membership,
  agent: AgentState,
  resources: Resources,
  refuseSeconds: number | null,
): void {
  const most = cluster.options.declineBackOff;
  let seconds = refuseSeconds;
  if (most !== null) {
    membership.declines ??= new Map();
    const before = membership.declines.get(agent.slot) ?? 0;
    membership.declines.set(agent.slot, before + 1);
    seconds = cluster.clock.backOff(refuseSeconds, before, most);
  }
  addFilter(cluster, membership, agent, resources, seconds);
}

/** Ends all rows of declines of an agent, which is not what it was. */
export function forgetDeclines({ options, frameworks }: Cluster, agent: AgentState): void {
  if (options.declineBackOff === null) return;
  for (const { memberships } of frameworks.values()) {
    for (const { declines } of memberships.values()) declines?.delete(agent.slot);
  }
}
