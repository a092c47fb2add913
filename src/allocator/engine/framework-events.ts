import type { Cluster } from './cluster.ts';
import { applyDemand, demandProblem } from './demand.ts';
import { adopt, release } from './holdings.ts';
import type { EngineEvent, FrameworkCapability, FrameworkSettings } from './events.ts';
import { checkId, checkRole, frameworkOf, refuse } from './lookup.ts';
import { MinAllocatable } from '../resources/min-allocatable.ts';
import { compileConstraints } from './offer-constraints.ts';
import type { OfferBook } from './offer-book.ts';
import type { Outcome } from './outcome.ts';
import { Holds, Resources } from '../resources/resource-bundle.ts';
import { byAge, type FrameworkState, type Holding } from './state.ts';

type Event<K extends EngineEvent['kind']> = Extract<EngineEvent, { kind: K }>;

export function addFramework(cluster: Cluster, event: Event<'framework'>): void {
  const { id, roles, active = true, suppressed = [] } = event;
  checkId(id, 'framework.id');
  if (cluster.frameworks.has(id))
    refuse('framework.id', `there is a framework "${id}" already; use updateFramework`);
  checkSettings(cluster, 'framework', event, roles);
  const framework: FrameworkState = {
    id,
    active,
    capabilities: new Set(event.capabilities ?? []),
    barred: barredBy(event.capabilities ?? []),
    roles: new Set(roles),
    suppressed: new Set(suppressed),
    isDemanding: false,
    memberships: new Map(),
    offers: [],
    inverseFilters: new Map(),
  };
  cluster.frameworks.set(id, framework);
  for (const role of framework.roles) cluster.join(framework, role);
  adopt(cluster, framework);
  applyMin(framework, event);
  applyDemand(framework, event);
  for (const membership of framework.memberships.values()) cluster.refreshOffered(membership);
}

export function updateFramework(
  cluster: Cluster,
  book: OfferBook,
  event: Event<'updateFramework'>,
  outcome: Outcome,
): void {
  const framework = frameworkOf(cluster, event.id, 'updateFramework', 'id');
  const roles = new Set(event.roles ?? framework.roles);
  checkSettings(cluster, 'updateFramework', event, [...roles]);
  const suppressed = new Set(
    [...(event.suppressed ?? framework.suppressed)].filter((role) => roles.has(role)),
  );
  const left = [...framework.roles].filter((role) => !roles.has(role));
  const revived = [...framework.suppressed].filter((role) => roles.has(role) && !suppressed.has(role));
  framework.roles = roles;
  framework.suppressed = suppressed;
  if (event.capabilities !== undefined) {
    framework.capabilities = new Set(event.capabilities);
    framework.barred = barredBy(event.capabilities);
  }
  // New roles before old ones go, as in Mesos: a role that goes with a new one below it keeps its count.
  for (const role of roles) cluster.refreshOffered(cluster.join(framework, role));
  for (const role of left) leaveRole(cluster, book, framework, role, outcome);
  dropFilters(framework, revived);
  applyMin(framework, event);
  applyDemand(framework, event);
  for (const membership of framework.memberships.values()) cluster.accounts.freshen(membership);
}

/** Nothing is offered under the role any more; what it holds there stays until it is returned. */
function leaveRole(
  cluster: Cluster,
  book: OfferBook,
  framework: FrameworkState,
  role: string,
  outcome: Outcome,
): void {
  const membership = framework.memberships.get(role)!;
  cluster.refreshOffered(membership);
  membership.filters = null;
  membership.declines = null;
  membership.constraints = null;
  membership.min = null;
  membership.demand = null;
  for (const offer of byAge(framework.offers)) {
    if (offer.membership === membership) book.rescind(offer, 'roleLeft', outcome);
  }
  cluster.leave(membership);
}

export function setActive(cluster: Cluster, framework: FrameworkState, active: boolean): void {
  framework.active = active;
  for (const membership of framework.memberships.values()) cluster.refreshOffered(membership);
}

export function deactivate(
  cluster: Cluster,
  book: OfferBook,
  framework: FrameworkState,
  outcome: Outcome,
): void {
  setActive(cluster, framework, false);
  dropFilters(framework, [...framework.roles]);
  book.rescindFramework(framework, 'frameworkDeactivated', outcome);
}

export function removeFramework(
  cluster: Cluster,
  book: OfferBook,
  framework: FrameworkState,
  outcome: Outcome,
): void {
  setActive(cluster, framework, false);
  book.rescindFramework(framework, 'frameworkRemoved', outcome);
  framework.roles = new Set();
  for (const agent of cluster.sortedAgents) {
    for (const holding of agent.holdings.slice()) {
      if (holding.membership?.framework === framework) dissolve(cluster, holding);
    }
  }
  for (const membership of framework.memberships.values()) cluster.leave(membership);
  cluster.frameworks.delete(framework.id);
}

export function suppress(cluster: Cluster, event: Event<'suppress'>, outcome: Outcome): void {
  const framework = frameworkOf(cluster, event.framework, 'suppress');
  for (const role of ownRoles(framework, event, outcome) ?? []) {
    framework.suppressed.add(role);
    cluster.refreshOffered(framework.memberships.get(role)!);
  }
}

/** @returns whether the call was taken */
export function revive(cluster: Cluster, event: Event<'revive'>, outcome: Outcome): boolean {
  const framework = frameworkOf(cluster, event.framework, 'revive');
  const revived = ownRoles(framework, event, outcome);
  if (revived === null) return false;
  dropFilters(framework, revived);
  for (const role of revived) {
    const membership = framework.memberships.get(role)!;
    framework.suppressed.delete(role);
    cluster.refreshOffered(membership);
    cluster.accounts.freshen(membership);
  }
  return true;
}

export function setConstraints(
  cluster: Cluster,
  { framework: id, role, groups }: Event<'offerConstraints'>,
): void {
  const framework = frameworkOf(cluster, id, 'offerConstraints');
  if (!framework.roles.has(role)) refuse('offerConstraints.role', foreignText(framework, role));
  const membership = framework.memberships.get(role)!;
  membership.constraints = compileConstraints(groups, 'offerConstraints.groups');
  cluster.accounts.freshen(membership);
}

/** Takes all of a holding back, whatever runs in it. */
export function dissolve(cluster: Cluster, holding: Holding): void {
  for (const task of holding.tasks ?? []) cluster.tasks.delete(task.id);
  release(cluster, holding, holding.resources);
}

/** The named roles, or all; null when one is not the framework's, which drops the whole call. */
function ownRoles(
  framework: FrameworkState,
  { kind, roles }: Event<'suppress' | 'revive'>,
  outcome: Outcome,
): readonly string[] | null {
  if (roles === undefined || roles.length === 0) return [...framework.roles];
  const foreign = roles.find((role) => !framework.roles.has(role));
  if (foreign === undefined) return roles;
  outcome.addDropped({
    operation: kind,
    resources: Resources.empty,
    reason: foreignText(framework, foreign),
  });
  return null;
}

const foreignText = ({ id, roles }: FrameworkState, role: string): string =>
  `${id} is not in role "${role}"; it is in ${[...roles].join(', ')}`;

/** Refusals of offers under roles are forgotten, and those of all inverse offers. */
function dropFilters(framework: FrameworkState, roles: readonly string[]): void {
  if (roles.length === 0) return;
  framework.inverseFilters.clear();
  for (const role of roles) {
    const membership = framework.memberships.get(role)!;
    membership.filters = null;
    membership.declines = null;
  }
}

function checkSettings(
  { options }: Cluster,
  kind: string,
  settings: FrameworkSettings,
  roles: readonly string[],
): void {
  if (roles.length === 0) refuse(`${kind}.roles`, 'a framework needs at least one role');
  for (const role of roles) checkRole(role, `${kind}.roles`);
  for (const role of settings.suppressed ?? []) {
    if (!roles.includes(role)) refuse(`${kind}.suppressed`, `"${role}" is none of its roles`);
  }
  for (const role of Object.keys(settings.minAllocatable ?? {})) {
    if (!roles.includes(role)) refuse(`${kind}.minAllocatable`, `"${role}" is none of its roles`);
  }
  if (settings.demand === undefined || settings.demand === null) return;
  if (!options.declaredDemand) {
    refuse(`${kind}.demand`, 'must be null while the option declaredDemand is off, as it is in mode mesos');
  }
  for (const [i, demand] of settings.demand.entries()) {
    const found = demandProblem(demand, roles);
    if (found !== undefined) refuse(`${kind}.demand[${i}].${found.field}`, found.problem);
  }
}

function applyMin(framework: FrameworkState, { minAllocatable }: FrameworkSettings): void {
  if (minAllocatable === undefined) return;
  for (const membership of framework.memberships.values()) {
    const min = minAllocatable[membership.role.path];
    membership.min = min === undefined ? null : new MinAllocatable(min);
  }
}

function barredBy(capabilities: readonly FrameworkCapability[]): number {
  return (
    (capabilities.includes('SHARED_RESOURCES') ? 0 : Holds.shared) |
    (capabilities.includes('REVOCABLE_RESOURCES') ? 0 : Holds.revocable) |
    (capabilities.includes('RESERVATION_REFINEMENT') ? 0 : Holds.refined)
  );
}
