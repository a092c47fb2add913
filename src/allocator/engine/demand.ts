import type { Demand, FrameworkSettings } from './events.ts';
import { MinAllocatable } from '../resources/min-allocatable.ts';
import type { Quantities } from '../resources/quantities.ts';
import type { Resources } from '../resources/resource-bundle.ts';
import { columnOf } from '../resources/resource-kind.ts';
import { isTask, type TaskAmounts } from '../resources/task-room.ts';
import { byAge, type FrameworkState, type Membership } from './state.ts';

/** What a task takes, without names of no amount. */
export const amountsOf = (quantities: Quantities): TaskAmounts =>
  [...quantities]
    .filter(([, amount]) => amount > 0)
    .map(([name, amount]) => [columnOf(name), amount] as const);

/** Why a declared demand cannot be; undefined when it can. @param roles of the framework */
export function demandProblem(
  { resources, count, role }: Demand,
  roles: readonly string[],
): { readonly field: string; readonly problem: string } | undefined {
  if (amountsOf(resources).length === 0) return { field: 'resources', problem: 'a task needs resources' };
  if (!Number.isInteger(count) || count < 0)
    return { field: 'count', problem: `${count} is no number of tasks` };
  if (role === undefined && roles.length > 1) {
    return { field: 'role', problem: `must be one of the framework's roles: ${roles.join(', ')}` };
  }
  if (role !== undefined && !roles.includes(role)) {
    return { field: 'role', problem: `"${role}" is none of its roles: ${roles.join(', ')}` };
  }
  return undefined;
}

/** Brings a declared demand, or that there is none any more, into effect; roles that came new have none. */
export function applyDemand(framework: FrameworkState, { demand }: FrameworkSettings): void {
  const { memberships } = framework;
  if (demand !== undefined) {
    framework.isDemanding = demand !== null;
    for (const membership of memberships.values()) membership.demand = null;
  }
  if (!framework.isDemanding) return;
  for (const membership of memberships.values()) membership.demand ??= [];
  for (const { resources, count, role } of demand ?? []) {
    const [only] = framework.roles;
    const least = new MinAllocatable([resources]);
    memberships.get(role ?? only!)!.demand!.push({ amounts: amountsOf(resources), least, left: count });
  }
}

/** A task of these resources was launched. */
export function countDown({ demand }: Membership, resources: Resources): void {
  const met = demand?.find(({ left, amounts }) => left > 0 && isTask(resources, amounts));
  if (met !== undefined) met.left--;
}

/** How many tasks of each shape a framework wants under a role, beyond those for which offers are out. */
export function openDemand(member: Membership): number[] {
  const demand = member.demand ?? [];
  const open = demand.map(({ left }) => left);
  for (const { membership, resources } of byAge(member.framework.offers)) {
    if (membership !== member) continue;
    const used = new Map<number, number>();
    const room = ([column, amount]: readonly [number, number]): number =>
      Math.floor((resources.amountOf(column) - (used.get(column) ?? 0)) / amount);
    for (const [i, { amounts }] of demand.entries()) {
      const tasks = Math.min(open[i]!, ...amounts.map(room));
      open[i]! -= tasks;
      for (const [column, amount] of amounts) used.set(column, (used.get(column) ?? 0) + tasks * amount);
    }
  }
  return open;
}
