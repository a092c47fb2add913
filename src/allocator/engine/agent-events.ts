import { sameAttributes } from './attributes.ts';
import type { Cluster } from './cluster.ts';
import { forgetDeclines } from './declines.ts';
import { hold } from './holdings.ts';
import type { AgentCapability, EngineEvent } from './events.ts';
import { dissolve } from './framework-events.ts';
import { agentOf, checkId, checkRole, refuse } from './lookup.ts';
import type { OfferBook } from './offer-book.ts';
import type { Outcome } from './outcome.ts';
import { Resources } from '../resources/resource-bundle.ts';
import { withReservations } from '../resources/resource-kind.ts';
import type { AgentState } from './state.ts';

type Event<K extends EngineEvent['kind']> = Extract<EngineEvent, { kind: K }>;

const ALL_CAPABILITIES: readonly AgentCapability[] = [
  'MULTI_ROLE',
  'HIERARCHICAL_ROLE',
  'RESERVATION_REFINEMENT',
];

/** @returns the new agent */
export function addAgent(cluster: Cluster, event: Event<'agent'>): AgentState {
  checkId(event.id, 'agent.id');
  if (cluster.agents.has(event.id))
    refuse('agent.id', `there is an agent "${event.id}" already; use updateAgent`);
  const used = Object.entries(event.used ?? {});
  for (const [framework, byRole] of used) {
    checkId(framework, 'agent.used');
    for (const role of Object.keys(byRole)) checkRole(role, `agent.used.${framework}`);
  }
  const agent = cluster.addAgent({
    id: event.id,
    hostname: event.hostname ?? event.id,
    region: event.region ?? null,
    zone: event.zone ?? null,
    attributes: event.attributes ?? [],
    capabilities: new Set(event.capabilities ?? ALL_CAPABILITIES),
    total: event.total,
  });
  for (const [framework, byRole] of used) {
    for (const [role, resources] of Object.entries(byRole)) {
      if (!resources.isEmpty) hold(cluster, agent, framework, role, resources);
    }
  }
  return agent;
}

/** @returns the agent if anything changed */
export function updateAgent(cluster: Cluster, event: Event<'updateAgent'>): AgentState | null {
  const agent = agentOf(cluster, event.id, 'updateAgent', 'id');
  let changed = false;
  const { attributes, hostname, region, zone, capabilities, total } = event;
  if (attributes !== undefined && !sameAttributes(attributes, agent.attributes)) {
    agent.attributes = attributes;
    for (const framework of cluster.frameworks.values()) cluster.dropFilters(framework, agent);
    changed = true;
  }
  if (hostname !== undefined && hostname !== agent.hostname) {
    agent.hostname = hostname;
    changed = true;
  }
  if (region !== undefined && region !== agent.region) {
    agent.region = region;
    changed = true;
  }
  if (zone !== undefined && zone !== agent.zone) {
    agent.zone = zone;
    changed = true;
  }
  if (capabilities !== undefined && !sameMembers(new Set(capabilities), agent.capabilities)) {
    agent.capabilities = new Set(capabilities);
    changed = true;
  }
  if (total !== undefined && !total.equals(agent.total)) {
    cluster.setTotal(agent, total);
    changed = true;
  }
  if (!changed) return null;
  forgetDeclines(cluster, agent);
  agent.class = cluster.classes.of(agent);
  agent.version++;
  return agent;
}

export function removeAgent(
  cluster: Cluster,
  book: OfferBook,
  event: Event<'removeAgent'>,
  outcome: Outcome,
): AgentState {
  const agent = agentOf(cluster, event.id, 'removeAgent', 'id');
  book.rescindAgent(agent, 'agentRemoved', outcome);
  for (const holding of agent.holdings.slice()) dissolve(cluster, holding);
  forgetDeclines(cluster, agent);
  cluster.removeAgent(agent);
  return agent;
}

/** An agent is not to be offered for a while, or may be again. */
export function setAgentActive(
  cluster: Cluster,
  book: OfferBook,
  { kind, id }: Event<'activateAgent' | 'deactivateAgent'>,
  outcome: Outcome,
): void {
  const agent = agentOf(cluster, id, kind, 'id');
  const active = kind === 'activateAgent';
  if (agent.active === active) return;
  agent.active = active;
  cluster.inactiveAgents += active ? -1 : 1;
  if (!active) book.rescindAgent(agent, 'agentDeactivated', outcome);
}

/** Part of the agents from before a failover that must be back, and seconds after which no more are waited for. */
const RETURNED_PART = 0.8;
const LONGEST_HOLD = 600;

/** Runs wait until most agents are back; else what guarantees need would be offered to others in the meantime. */
export function failover(cluster: Cluster, { agents }: Event<'failover'>): void {
  if (!Number.isInteger(agents) || agents < 0)
    refuse('failover.agents', `${agents} is no whole number of agents`);
  if (cluster.agents.size > 0) refuse('failover.agents', 'a failover comes before the first agent');
  const returned = Math.floor(agents * RETURNED_PART);
  const isHeld = returned > 0 && cluster.accounts.roles.withQuota.length > 0;
  cluster.hold = isHeld ? { agents: returned, until: cluster.clock.deadline(LONGEST_HOLD) } : null;
}

/** The operator changes the form of free resources. */
export function reserve(cluster: Cluster, { agent: id, from, to }: Event<'reserve'>): void {
  const agent = agentOf(cluster, id, 'reserve');
  checkConversion(from, to, 'reserve');
  if (!agent.available.contains(from)) refuse('reserve.from', `${id} has not so much free`);
  cluster.setTotal(agent, agent.total.minus(from).plus(to));
}

const sameMembers = <T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean =>
  a.size === b.size && [...a].every((member) => b.has(member));

/** A conversion changes reservations, not amounts. */
export function checkConversion(from: Resources, to: Resources, kind: string): void {
  if (from.isEmpty) refuse(`${kind}.from`, 'must not be empty');
  if (!unreservedForm(from).equals(unreservedForm(to))) {
    refuse(`${kind}.to`, 'must be the same amounts as in from, under other reservations');
  }
}

const unreservedForm = (resources: Resources): Resources =>
  Resources.of(resources.items.map((item) => ({ ...item, kind: withReservations(item.kind, []) })));

/** A maintenance window comes, changes or goes: what is out of the agent is withdrawn, refusals of it are forgotten. */
export function setUnavailability(
  cluster: Cluster,
  book: OfferBook,
  { agent: id, window }: Event<'unavailability'>,
  outcome: Outcome,
): AgentState {
  const agent = agentOf(cluster, id, 'unavailability');
  if (window !== null && (window.duration ?? 0) < 0)
    refuse('unavailability.duration', 'must not be negative');
  book.rescindAgent(agent, 'maintenance', outcome);
  for (const framework of cluster.frameworks.values()) framework.inverseFilters.delete(agent);
  agent.unavailability = window;
  return agent;
}
