import { dominantColumn, dominantShare } from '../../allocator/shares.ts';
import type { Snapshot } from '../../snapshot/build.ts';
import type { Framework } from '../../snapshot/framework.ts';
import { amountTexts, type AmountTexts } from './amounts.ts';
import { limited, type Shown } from './limit.ts';

/** A framework in the account of its role. */
export interface FrameworkView {
  readonly id: string;
  readonly priority: number;
  /** Dominant share, 0 to 1; among equal priorities the framework with the least is served first. */
  readonly share: number;
  readonly live: number;
  readonly ready: number;
  readonly pending: number;
  /** Slots that wait for their back-off. */
  readonly backingOff: number;
  /** Why it takes no offers at all; undefined when it does. */
  readonly hold?: string;
}

/** One role, as the allocator sees it. */
export interface RoleView {
  readonly name: string;
  readonly weight: number;
  /** Dominant share, 0 to 1: the largest part of any resource of the cluster that the role holds. */
  readonly share: number;
  /** The share divided by the weight; the role with the least is served first. */
  readonly weightedShare: number;
  /** The resource that the share is measured in; undefined when nothing is held. */
  readonly dominantResource?: string;
  readonly held: AmountTexts;
  readonly pending: number;
  readonly frameworkCount: Shown;
  /** In the order in which they are served: by priority, then share, then id. */
  readonly frameworks: readonly FrameworkView[];
}

/** What /debug/roles serves. */
export interface RolesView {
  readonly total: AmountTexts;
  readonly count: Shown;
  /** In the order in which they are served next. */
  readonly roles: readonly RoleView[];
}

const pendingOf = (framework: Framework): number =>
  framework.classes.reduce((sum, { pending }) => sum + pending.length, 0);

function frameworkView(framework: Framework, snapshot: Snapshot): FrameworkView {
  const { id, priority, live, ready, backingOff, hold, index } = framework;
  return {
    id,
    priority,
    share: dominantShare(snapshot.held[index]!, snapshot.total, 1),
    live: live.length,
    ready,
    pending: pendingOf(framework),
    backingOff,
    ...(hold ? { hold: `${hold.reason}: ${hold.message}` } : {}),
  };
}

/** As the allocator orders the frameworks of a role: priority, then least share, then id. */
const servedBefore = (a: FrameworkView, b: FrameworkView): number =>
  b.priority - a.priority || a.share - b.share || (a.id < b.id ? -1 : 1);

/** The accounts of the cluster and who draws on them. @param limit most roles, and most frameworks of all roles together */
export function rolesView(snapshot: Snapshot, { limit }: { readonly limit: number }): RolesView {
  const { columns, total } = snapshot;
  const ordered = snapshot.roles
    .map((role) => ({ role, weightedShare: dominantShare(role.held, total, role.weight) }))
    .sort((a, b) => a.weightedShare - b.weightedShare || (a.role.name < b.role.name ? -1 : 1));
  const { items, count } = limited(ordered, limit);
  let left = limit;
  const roles = items.map(({ role, weightedShare }): RoleView => {
    const members = role.frameworks
      .map((index) => frameworkView(snapshot.frameworks[index]!, snapshot))
      .sort(servedBefore);
    const shown = limited(members, left);
    left -= shown.items.length;
    const column = dominantColumn(role.held, total);
    return {
      name: role.name,
      weight: role.weight,
      share: dominantShare(role.held, total, 1),
      weightedShare,
      ...(column === undefined ? {} : { dominantResource: columns.names[column]! }),
      held: amountTexts(role.held, columns, (amount) => amount > 0),
      pending: members.reduce((sum, { pending }) => sum + pending, 0),
      frameworkCount: shown.count,
      frameworks: shown.items,
    };
  });
  return { total: amountTexts(total, columns), count, roles };
}
