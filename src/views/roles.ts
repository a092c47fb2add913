import { dominantColumn, dominantShare } from '../allocator/roles/shares.ts';
import { membersInTurn, rolesInTurn, weightedShares } from '../allocator/turns.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { shownId } from '../snapshot/framework-id.ts';
import type { Framework } from '../snapshot/framework.ts';
import { sumReservations } from '../snapshot/reservations.ts';
import { subtreeSums } from '../snapshot/roles.ts';
import { amountTexts, type AmountTexts } from './amounts.ts';
import { limited, type Shown } from './limit.ts';

/** A framework in the account of its role. */
export interface FrameworkView {
  readonly id: string;
  readonly priority: number;
  /** Dominant share, 0 to 1; among equal priorities the framework with the least comes first. */
  readonly share: number;
  readonly live: number;
  readonly ready: number;
  readonly pending: number;
  /** Slots that wait for their back-off. */
  readonly backingOff: number;
  /** Why it takes no offers at all; undefined when it does. */
  readonly hold?: string;
}

/** One role, as the allocator sees it. What it holds and what waits is of the role and of all below it. */
export interface RoleView {
  readonly name: string;
  /** From the top, such as studio/arena. */
  readonly path: string;
  readonly weight: number;
  /** Dominant share, 0 to 1: the largest part of any resource of the cluster that the role holds. */
  readonly share: number;
  /** The share divided by the weight; of its siblings, the role with the least comes first. */
  readonly weightedShare: number;
  /** The resource that the share is measured in; undefined when nothing is held. */
  readonly dominantResource?: string;
  readonly held: AmountTexts;
  /** Empty without a guarantee. */
  readonly guarantee: AmountTexts;
  /** Empty without a limit; a resource that is not named is unlimited. */
  readonly limit: AmountTexts;
  /** What is reserved for it on nodes, in use or not. */
  readonly reserved: AmountTexts;
  /** Why nothing of the OfferRole is in effect; undefined when it is. */
  readonly problem?: string;
  readonly pending: number;
  readonly frameworkCount: Shown;
  /** In the order in which they are served: by priority, then share, then id. */
  readonly frameworks: readonly FrameworkView[];
}

/** What /debug/roles serves. */
export interface RolesView {
  readonly total: AmountTexts;
  readonly count: Shown;
  /** Each followed by those below it; siblings in the order in which they come next. */
  readonly roles: readonly RoleView[];
}

const pendingOf = (framework: Framework): number =>
  framework.classes.reduce((sum, { pending }) => sum + pending.length, 0);

function frameworkView(framework: Framework, snapshot: Snapshot): FrameworkView {
  const { id, priority, live, ready, backingOff, hold, index } = framework;
  return {
    id: shownId(id),
    priority,
    share: dominantShare(snapshot.held[index]!, snapshot.total, 1),
    live: live.length,
    ready,
    pending: pendingOf(framework),
    backingOff,
    ...(hold ? { hold: `${hold.reason}: ${hold.message}` } : {}),
  };
}

/** The accounts of the cluster and who draws on them. @param limit most roles, and most frameworks of all roles together */
export function rolesView(snapshot: Snapshot, { limit }: { readonly limit: number }): RolesView {
  const { columns, total } = snapshot;
  const R = columns.count;
  const held = subtreeSums(snapshot.roles, R, (role) => role.held);
  const reserved = subtreeSums(snapshot.roles, R, (role) => sumReservations(role.reservations, R, 'amounts'));
  const pending = subtreeSums(snapshot.roles, 1, ({ frameworks }) => [
    frameworks.reduce((sum, index) => sum + pendingOf(snapshot.frameworks[index]!), 0),
  ]);
  const shares = weightedShares(snapshot);
  const { items, count } = limited(rolesInTurn(snapshot.roles, shares), limit);
  let left = limit;
  const roles = items.map((role): RoleView => {
    const members = membersInTurn(snapshot, role);
    const shown = limited(members, left);
    left -= shown.items.length;
    const holds = held.get(role.path)!;
    const column = dominantColumn(holds, total);
    return {
      name: role.name,
      path: role.path,
      weight: role.weight,
      share: dominantShare(holds, total, 1),
      weightedShare: shares.get(role.path)!,
      ...(column === undefined ? {} : { dominantResource: columns.names[column]! }),
      held: amountTexts(holds, columns, (amount) => amount > 0),
      guarantee: role.guarantee ? amountTexts(role.guarantee, columns, (amount) => amount > 0) : {},
      limit: role.limit ? amountTexts(role.limit, columns, Number.isFinite) : {},
      reserved: amountTexts(reserved.get(role.path)!, columns, (amount) => amount > 0),
      ...(role.problem ? { problem: `${role.problem.reason}: ${role.problem.message}` } : {}),
      pending: pending.get(role.path)![0]!,
      frameworkCount: shown.count,
      frameworks: shown.items.map((framework) => frameworkView(framework, snapshot)),
    };
  });
  return { total: amountTexts(total, columns), count, roles };
}
