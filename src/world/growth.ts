import { isWithin } from '../lib/role-path.ts';
import type { Framework } from '../snapshot/framework.ts';
import type { ResourceColumns } from '../snapshot/resources.ts';
import { subtreeSums, type Role } from '../snapshot/roles.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Removal } from '../snapshot/slots.ts';
import type { PodFacts } from '../snapshot/task.ts';

/** What a picture has, before those grow in it that come to a larger template in place. */
type Ground = Pick<
  Snapshot,
  'frameworks' | 'columns' | 'agents' | 'numbers' | 'supply' | 'roles' | 'accounts' | 'preemption'
>;

/** What a task asks for beyond what it has, by column; undefined when it is nothing. */
function growthOf(framework: Framework, pod: PodFacts, columns: ResourceColumns): Float64Array | undefined {
  const { demand } = framework.classes.find(({ group }) => group === pod.task!.group)!.shape;
  const more = new Float64Array(columns.count);
  columns.each(demand, (r, amount) => (more[r]! += amount));
  columns.each(pod.requests, (r, amount) => (more[r] = Math.max(0, more[r]! - amount)));
  return more.some((amount) => amount > 0) ? more : undefined;
}

/**
 * Lets tasks grow where they are that come to their template in place, one after the other; the room of each is taken in
 * the picture, so that nobody else gets it in this cycle. One grows where its node has the room now, and nobody has a better
 * right to it: nothing is reserved there or promised to somebody who waits, no limit is exceeded, and what guarantees of other
 * roles still need stays free. Each other one goes, and is placed anew: that way it has its turn among all others.
 * @param ground whose `supply` and whose `held` of roles are changed
 * @returns the frameworks, with whom becomes of what
 */
export function grow(ground: Ground): readonly Framework[] {
  const { columns, frameworks } = ground;
  let rights: ReturnType<typeof rightsOf> | undefined;
  return frameworks.map((framework) => {
    const stays = new Set<PodFacts>();
    for (const pod of framework.changes) {
      const more = growthOf(framework, pod, columns);
      if (more && !(rights ??= rightsOf(ground)).take(pod, more)) stays.add(pod);
    }
    if (stays.size === 0) return framework;
    const removals = Array.from(stays, (pod): Removal => ({ pod, reason: 'Outdated', signal: undefined }));
    const others = (pods: readonly PodFacts[]) => pods.filter((pod) => !stays.has(pod));
    return {
      ...framework,
      changes: others(framework.changes),
      live: others(framework.live),
      ready: framework.ready - Array.from(stays).filter(({ ready }) => ready).length,
      removals: [...framework.removals, ...removals],
    };
  });
}

/** Who may have more of which node, as long as there is any. */
function rightsOf({ columns, agents, numbers, supply, roles, accounts, preemption }: Ground) {
  const R = columns.count;
  const kept = new Set(roles.flatMap(({ reservations }) => reservations.map(({ agent }) => agent)));
  const promised = new Set(preemption.nominations.map(({ node }) => node));
  const own = new Map(roles.map((role) => [role.path, role]));
  const held = subtreeSums(roles, R, (role) => role.held);
  const free = new Float64Array(R);
  agents.forEach(({ unschedulable }, agent) => {
    if (!unschedulable) for (let r = 0; r < R; r++) free[r]! += supply[agent * R + r]!;
  });
  const above = (path: string): Role[] => roles.filter((role) => isWithin(path, role.path));
  /** What guarantees need that are not those of a role. */
  const needed = (path: string, r: number): number =>
    roles.reduce((sum, { guarantee, path: of }) => {
      const lack = (guarantee?.[r] ?? 0) - held.get(of)![r]!;
      return isWithin(path, of) ? sum : sum + Math.max(0, lack);
    }, 0);
  return {
    /** Takes so much more for a Pod. @returns false when it may not have it */
    take({ node = '', namespace, task }: PodFacts, more: Float64Array): boolean {
      const agent = numbers.get(node);
      if (agent === undefined || kept.has(agent) || promised.has(node)) return false;
      const { path } = accounts.of(namespace, task!.role);
      const isHad = (amount: number, r: number): boolean =>
        amount === 0 ||
        (supply[agent * R + r]! >= amount &&
          above(path).every((role) => held.get(role.path)![r]! + amount <= (role.limit?.[r] ?? Infinity)) &&
          free[r]! - amount >= needed(path, r));
      if (!more.every(isHad)) return false;
      for (let r = 0; r < R; r++) {
        supply[agent * R + r]! -= more[r]!;
        free[r]! -= more[r]!;
        own.get(path)!.held[r]! += more[r]!;
        for (const role of above(path)) held.get(role.path)![r]! += more[r]!;
      }
      return true;
    },
  };
}
