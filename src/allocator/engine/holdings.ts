import type { Cluster } from './cluster.ts';
import { Holds, Resources, type Bundle } from '../resources/resource-bundle.ts';
import type { AgentState, FrameworkState, Holding, Membership } from './state.ts';

/*
 * The steps by which what frameworks hold of agents changes, so that every sum stays right: the agent's, the
 * sorters', the roles' and the cluster's.
 */

/** Lets a framework hold resources of an agent: they are offered to it or already in use. */
export function hold(
  cluster: Cluster,
  agent: AgentState,
  frameworkId: string,
  rolePath: string,
  resources: Resources,
): Holding {
  const framework = cluster.frameworks.get(frameworkId);
  if (framework === undefined) {
    const holding = newHolding(agent, frameworkId, rolePath);
    if (!cluster.strangers.has(frameworkId)) cluster.strangers.set(frameworkId, new Set());
    cluster.strangers.get(frameworkId)!.add(holding);
    take(cluster, agent, holding, resources);
    return holding;
  }
  return holdAs(cluster, agent, cluster.join(framework, rolePath), resources);
}

/**
 * The same for a framework under a role that is known to subscribe.
 * @param task @param times see `Accounts.charge`
 */
export function holdAs(
  cluster: Cluster,
  agent: AgentState,
  membership: Membership,
  resources: Resources,
  task?: Bundle,
  times?: number,
): Holding {
  let holding = holdingOf(agent, membership);
  if (holding === undefined) {
    holding = newHolding(agent, membership.framework.id, membership.role.path);
    holding.membership = membership;
    membership.holdings++;
  }
  take(cluster, agent, holding, resources);
  cluster.accounts.charge(membership, agent.id, resources, task, times);
  return holding;
}

/** What frameworks held before they subscribed counts from now on. */
export function adopt(cluster: Cluster, framework: FrameworkState): void {
  for (const holding of cluster.strangers.get(framework.id) ?? []) {
    const membership = cluster.join(framework, holding.rolePath);
    holding.membership = membership;
    membership.holdings++;
    cluster.accounts.charge(membership, holding.agent.id, holding.resources);
  }
  cluster.strangers.delete(framework.id);
}

/** Takes resources back from a holding. */
export function release(cluster: Cluster, holding: Holding, resources: Resources): void {
  const { agent, membership } = holding;
  holding.resources = holding.resources.minus(resources);
  agent.used = agent.used.minus(withoutShared(resources));
  cluster.refreshAvailable(agent);
  if (membership !== null) cluster.accounts.refund(membership, agent.id, resources);
  if (!holding.resources.isEmpty) return;
  agent.holdings[agent.holdings.indexOf(holding)] = agent.holdings.at(-1)!;
  agent.holdings.pop();
  if (membership === null) {
    const holdings = cluster.strangers.get(holding.frameworkId);
    holdings?.delete(holding);
    if (holdings?.size === 0) cluster.strangers.delete(holding.frameworkId);
  } else {
    membership.holdings--;
    cluster.leave(membership);
  }
}

/** Turns held resources into another form of the same amounts, in the agent's total too. */
export function convertHeld(cluster: Cluster, holding: Holding, from: Resources, to: Resources): void {
  const { agent, membership } = holding;
  holding.resources = holding.resources.minus(from).plus(to);
  agent.used = agent.used.minus(withoutShared(from)).plus(withoutShared(to));
  if (membership !== null) cluster.accounts.exchange(membership, agent.id, from, to);
  cluster.setTotal(agent, agent.total.minus(from).plus(to));
}

function newHolding(agent: AgentState, frameworkId: string, rolePath: string): Holding {
  const holding: Holding = {
    agent,
    frameworkId,
    rolePath,
    membership: null,
    resources: Resources.empty,
    newestOffer: null,
    draft: null,
    tasks: null,
    running: Resources.empty,
  };
  agent.holdings.push(holding);
  return holding;
}

function take(cluster: Cluster, agent: AgentState, holding: Holding, resources: Resources): void {
  holding.resources = holding.resources.plus(resources);
  agent.used = agent.used.plus(withoutShared(resources));
  cluster.refreshAvailable(agent);
}

/** What a member has of an agent. */
export function holdingOf({ holdings }: AgentState, membership: Membership): Holding | undefined {
  for (let i = 0; i < holdings.length; i++) if (holdings[i]!.membership === membership) return holdings[i];
  return undefined;
}

const withoutShared = (resources: Resources): Resources =>
  (resources.flags & Holds.shared) === 0 ? resources : resources.filter((kind) => !kind.shared);
