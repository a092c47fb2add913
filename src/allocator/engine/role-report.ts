import type { Cluster } from './cluster.ts';
import type { Quantities } from '../resources/quantities.ts';
import type { Resources } from '../resources/resource-bundle.ts';
import { nameOf } from '../resources/resource-kind.ts';
import type { RoleAccount } from './state.ts';

/** How a role stands. Amounts are of its whole subtree, in thousandths. */
export interface RoleReport {
  readonly role: string;
  readonly weight: number;
  /** Dominant share, weight included; null for a role without frameworks of its own. */
  readonly share: number | null;
  /** Frameworks under exactly this role. */
  readonly frameworks: readonly string[];
  readonly guarantee: Quantities;
  /** Names that it lacks are unlimited. */
  readonly limit: Quantities;
  /** Reserved for it, in use or not. */
  readonly reserved: Quantities;
  /** In use. */
  readonly allocated: Quantities;
  readonly offered: Quantities;
  /** What counts against the limit: everything reserved, and plain scalars in use or offered. */
  readonly consumed: Quantities;
  /** What the guarantee still lacks; empty = it is satisfied. */
  readonly lacking: Quantities;
  /** Refusals of offers under exactly this role that still hold. */
  readonly filters: number;
}

/** Reports on every role that exists, by name. */
export function reportRoles(cluster: Cluster): RoleReport[] {
  const allocated = new Map<RoleAccount, Map<string, number>>();
  const offered = new Map<RoleAccount, Map<string, number>>();
  for (const agent of cluster.agents.values()) {
    for (const { membership, resources } of agent.holdings) {
      if (membership !== null) addTo(allocated, membership.role, resources, 1);
    }
  }
  for (const { membership, resources } of cluster.offers) {
    addTo(offered, membership.role, resources, 1);
    addTo(allocated, membership.role, resources, -1);
  }
  return [...cluster.accounts.roles.all()]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map((role) => ({
      role: role.path,
      weight: role.weight,
      share: role.client === null ? null : cluster.accounts.roleSorter.shareOf(role.client),
      frameworks: [...role.members.keys()].sort(),
      guarantee: quantitiesOf(role.quota?.guarantee ?? []),
      limit: quantitiesOf(role.quota?.limit ?? [], true),
      reserved: quantitiesOf(role.reserved),
      allocated: positive(allocated.get(role)),
      offered: positive(offered.get(role)),
      consumed: quantitiesOf(sumOf(role)),
      lacking: lackOf(role),
      filters: filtersOf(cluster, role),
    }));
}

function addTo(
  sums: Map<RoleAccount, Map<string, number>>,
  role: RoleAccount,
  resources: Resources,
  sign: 1 | -1,
): void {
  for (let at: RoleAccount | null = role; at !== null; at = at.parent) {
    let sum = sums.get(at);
    if (sum === undefined) sums.set(at, (sum = new Map()));
    for (const { kind, amount } of resources.items) {
      if (kind.type === 'scalar') sum.set(kind.name, (sum.get(kind.name) ?? 0) + sign * amount);
    }
  }
}

const positive = (sums: Quantities = new Map()): Quantities =>
  new Map([...sums].filter(([, amount]) => amount > 0));

function quantitiesOf(amounts: readonly (number | undefined)[], withZeros = false): Quantities {
  const quantities = new Map<string, number>();
  for (const [column, amount] of amounts.entries()) {
    if (amount !== undefined && (withZeros || amount > 0)) quantities.set(nameOf(column), amount);
  }
  return quantities;
}

const sumOf = ({ reserved, plain }: RoleAccount): number[] =>
  Array.from(
    { length: Math.max(reserved.length, plain.length) },
    (_, column) => (reserved[column] ?? 0) + (plain[column] ?? 0),
  );

function lackOf(role: RoleAccount): Quantities {
  const sums = sumOf(role);
  return quantitiesOf(
    (role.quota?.guarantee ?? []).map((amount, column) => (amount ?? 0) - (sums[column] ?? 0)),
  );
}

function filtersOf({ clock }: Cluster, role: RoleAccount): number {
  let count = 0;
  for (const { filters } of role.members.values()) count += filters?.count(clock.now) ?? 0;
  return count;
}
