import { addAt } from '../resources/amounts.ts';
import type { Cluster } from './cluster.ts';
import type { EngineEvent } from './events.ts';
import { checkRole, refuse } from './lookup.ts';
import type { OfferBook } from './offer-book.ts';
import type { Outcome } from './outcome.ts';
import { byColumn } from '../resources/quantities.ts';
import { nameOf } from '../resources/resource-kind.ts';
import { isWithin } from '../../lib/role-path.ts';
import { byAge, type OutstandingOffer, type RoleAccount } from './state.ts';
import { quotaOf, type Quota } from '../roles/role-tree.ts';

type Event<K extends EngineEvent['kind']> = Extract<EngineEvent, { kind: K }>;

export function setWeight(
  cluster: Cluster,
  book: OfferBook,
  { role: path, weight }: Event<'weight'>,
  outcome: Outcome,
): void {
  checkRole(path, 'weight.role');
  if (!(weight > 0) || !Number.isFinite(weight)) refuse('weight.weight', `${weight} is not over 0`);
  const role = cluster.accounts.roles.obtain(path);
  role.weight = weight;
  cluster.accounts.roleSorter.setWeight(path, weight);
  const isActive = role.members.size > 0;
  cluster.accounts.roles.prune(role);
  if (!isActive) return;
  for (const offer of byAge(cluster.offers)) book.rescind(offer, 'weight', outcome);
}

export function setQuota(cluster: Cluster, book: OfferBook, event: Event<'quota'>, outcome: Outcome): void {
  const { role: path, guarantee, limit } = event;
  checkRole(path, 'quota.role');
  const quota = quotaOf(byColumn(guarantee), byColumn(limit));
  const isNested = path.includes('/');
  if (isNested && (!cluster.options.nestedLimits || quota.hasGuarantee)) {
    refuse(
      'quota.role',
      `"${path}" is nested; only top-level roles can have a quota${
        cluster.options.nestedLimits ? ', nested ones a limit' : ''
      }`,
    );
  }
  for (const [column, amount] of quota.guarantee.entries()) {
    const most = quota.limit[column];
    if (amount !== undefined && most !== undefined && amount > most) {
      refuse('quota.guarantee', `${nameOf(column)}:${amount / 1000} is over its limit of ${most / 1000}`);
    }
  }
  if (event.checked === true) checkFeasible(cluster, path, quota);
  const role = cluster.accounts.roles.setQuota(path, quota.hasGuarantee || quota.hasLimit ? quota : null);
  cluster.accounts.room++;
  if (role.quota === null) return;
  rescindOverLimit(cluster, book, role, outcome);
  if (quota.hasGuarantee) rescindForGuarantee(cluster, book, role, outcome);
}

/** What Mesos refuses unless it is forced. */
function checkFeasible(cluster: Cluster, path: string, quota: Quota): void {
  const role = cluster.accounts.roles.get(path);
  for (const [column, most] of quota.limit.entries()) {
    if (most === undefined || role === undefined) continue;
    const consumed = consumedWithoutOffers(cluster, role, column);
    if (consumed > most) {
      refuse(
        'quota.limit',
        `${nameOf(column)}:${most / 1000} is under what ${path} uses, ${consumed / 1000}`,
      );
    }
  }
  for (const [column, amount] of quota.guarantee.entries()) {
    if (amount === undefined) continue;
    let sum = amount;
    for (const other of cluster.accounts.roles.withQuota) {
      if (other.path !== path) sum += other.quota!.guarantee[column] ?? 0;
    }
    let capacity = cluster.accounts.totals.amounts[column] ?? 0;
    for (const { total } of cluster.agents.values()) {
      for (const item of total.items) {
        if (item.kind.column === column && item.kind.revocable) capacity -= item.amount;
      }
    }
    if (sum > capacity) {
      const name = nameOf(column);
      refuse(
        'quota.guarantee',
        `all guarantees of ${name} sum to ${sum / 1000}, the cluster has ${capacity / 1000}`,
      );
    }
  }
}

const consumed = (role: RoleAccount, column: number): number =>
  (role.reserved[column] ?? 0) + (role.plain[column] ?? 0);

function consumedWithoutOffers(cluster: Cluster, role: RoleAccount, column: number): number {
  let sum = consumed(role, column);
  for (const offer of offersByName(cluster)) {
    if (isWithin(offer.role, role.path)) sum -= plainOf(offer, column);
  }
  return sum;
}

/** Offers under the role go until it is within its limit. */
function rescindOverLimit(cluster: Cluster, book: OfferBook, role: RoleAccount, outcome: Outcome): void {
  const limits = [...role.quota!.limit.entries()].filter(([, most]) => most !== undefined) as [
    number,
    number,
  ][];
  const over = (): number[] =>
    limits.filter(([column, most]) => consumed(role, column) > most).map(([column]) => column);
  for (const offer of offersByName(cluster)) {
    const columns = over();
    if (columns.length === 0) return;
    if (!isWithin(offer.role, role.path)) continue;
    if (columns.some((column) => plainOf(offer, column) > 0)) book.rescind(offer, 'quota', outcome);
  }
}

/** Offers of other roles go, agent by agent, until what is freed and what the role has cover its guarantee. */
function rescindForGuarantee(cluster: Cluster, book: OfferBook, role: RoleAccount, outcome: Outcome): void {
  const guarantees = [...role.quota!.guarantee.entries()].filter(([, amount]) => (amount ?? 0) > 0) as [
    number,
    number,
  ][];
  const freed: number[] = [];
  const others = offersByName(cluster).filter((offer) => !isWithin(offer.role, role.path));
  others.sort((a, b) =>
    a.holding.agent.id < b.holding.agent.id ? -1 : a.holding.agent.id > b.holding.agent.id ? 1 : 0,
  );
  let agent = '';
  for (const offer of others) {
    if (offer.agent !== agent) {
      agent = offer.agent;
      const covered = guarantees.every(
        ([column, amount]) => consumed(role, column) + (freed[column] ?? 0) >= amount,
      );
      if (covered) return;
    }
    for (const { kind, amount } of offer.resources.items) {
      if (kind.plain) addAt(freed, kind.column, amount);
    }
    book.rescind(offer, 'quota', outcome);
  }
}

/** Outstanding offers by role, framework and agent, so that which one goes hangs on nothing else. */
function offersByName(cluster: Cluster): OutstandingOffer[] {
  const keyed = byAge(cluster.offers).map(
    (offer) => [`${offer.role}\u0000${offer.framework}\u0000${offer.agent}`, offer] as const,
  );
  keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return keyed.map(([, offer]) => offer);
}

function plainOf({ resources }: OutstandingOffer, column: number): number {
  let sum = 0;
  for (const { kind, amount } of resources.items) if (kind.plain && kind.column === column) sum += amount;
  return sum;
}
