import type { Gauge } from 'prom-client';
import { dominantShare } from '../allocator/roles/shares.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { baseAmount } from '../snapshot/resources.ts';
import { subtreeSums } from '../snapshot/roles.ts';
import { METRICS, type MetricEntry } from '../views/metric-table.ts';

/** Most roles that get series of their own. */
const MOST_ROLES = 500;

/** What Prometheus is told of the roles of the cluster. */
export class RoleGauges {
  readonly #share: Gauge;
  readonly #guarantee: Gauge;
  readonly #limit: Gauge;

  /** @param make makes the gauge of an entry of the table */
  constructor(make: (entry: MetricEntry) => Gauge) {
    this.#share = make(METRICS.roleShare);
    this.#guarantee = make(METRICS.roleGuarantee);
    this.#limit = make(METRICS.roleLimit);
  }

  /** How the roles stand after a cycle. */
  show({ roles, columns, total }: Snapshot): void {
    // Roles come and go; a series of a role that is gone would keep its last value for ever.
    this.reset();
    const held = subtreeSums(roles, columns.count, (role) => role.held);
    const shares = [...held]
      .map(([path, amounts]) => ({ path, share: dominantShare(amounts, total, 1) }))
      .sort((a, b) => b.share - a.share)
      .slice(0, MOST_ROLES);
    for (const { path, share } of shares) this.#share.set({ role: path }, share);

    const withQuota = roles.filter(({ guarantee, limit }) => guarantee ?? limit).slice(0, MOST_ROLES);
    for (const { path, guarantee, limit } of withQuota) {
      columns.names.forEach((resource, r) => {
        const labels = { role: path, resource };
        const least = guarantee?.[r] ?? 0;
        const most = limit?.[r] ?? Number.POSITIVE_INFINITY;
        if (least > 0) this.#guarantee.set(labels, baseAmount(resource, least));
        if (Number.isFinite(most)) this.#limit.set(labels, baseAmount(resource, most));
      });
    }
  }

  /** Forgets all roles. */
  reset(): void {
    for (const gauge of [this.#share, this.#guarantee, this.#limit]) gauge.reset();
  }
}
