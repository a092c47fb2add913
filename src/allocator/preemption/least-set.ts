import { MAX_AMOUNT } from '../../lib/quantity.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { amountsOf } from '../room/pod-amounts.ts';
import type { Room } from '../room/room.ts';
import type { Member } from '../roles/accounts.ts';
import type { Preemptor, Rights } from './rights.ts';
import type { Unit } from './unit.ts';
import { largest, least } from '../../lib/unbounded.ts';

/** Where one more task would fit, and what has to go for it. */
export interface Way {
  readonly agent: number;
  readonly units: readonly Unit[];
}

/** What the search for a way needs to know. */
export interface Grounds<M extends Member<M>> {
  readonly room: Room;
  readonly rights: Rights<M>;
}

/**
 * The least set of units on an agent that makes room for one more task of a row: the cheapest ones that may help are
 * added until it fits, then, the dearest first, each stays without which it fits as well, as kube-scheduler reprieves.
 * It fits when amounts, ports, rules about other Pods and volumes all say so of the agent as it is without them: whom the
 * task has to be near stays.
 * @param units on the agent, the cheapest first @returns undefined when no set does
 */
export function leastSet<M extends Member<M>>(
  { room, rights }: Grounds<M>,
  preemptor: Preemptor<M>,
  agent: number,
  row: number,
  units: readonly Unit[],
): Way | undefined {
  const { snapshot, later } = room;
  const R = snapshot.columns.count;
  const demand = room.demandOf(row);
  if (demand.includes(MAX_AMOUNT) || later.rules?.mayOpen(row, agent) === false) return undefined;
  const { rolePath } = preemptor.framework;
  const free = later.free(agent, row);
  const add = (unit: Unit, sign: 1 | -1): void => {
    for (const pod of unit.pods) room.count(pod, sign === 1 ? -1 : 1);
    for (const pod of podsOn(unit, agent, snapshot)) {
      const amounts = unit.pods.length === 1 ? unit.amounts : amountsOf(snapshot, pod);
      for (let r = 0; r < R; r++) free[r]! += sign * amounts[r]!;
    }
  };
  const hasRoom = (going: readonly Unit[]): boolean =>
    demand.every((need, r) => need === 0 || need <= free[r]!) &&
    later.hasPorts(
      agent,
      row,
      going.flatMap((unit) => podsOn(unit, agent, snapshot).flatMap(({ hostPorts }) => hostPorts)),
    );
  const fits = (going: readonly Unit[]): boolean => hasRoom(going) && later.open(agent, row) > 0;

  let going: Unit[] = [];
  room.begin();
  for (const unit of units) {
    if (hasRoom(going)) {
      if (later.open(agent, row) > 0) break;
      if (!unit.pods.some((pod) => later.concerns(row, pod))) continue;
    }
    if (later.isReturning(agent, unit.framework.rolePath, rolePath)) continue;
    if (!rights.mayEvict(preemptor, unit)) continue;
    add(unit, 1);
    if (later.rules?.mayOpen(row, agent) === false) {
      add(unit, -1);
      continue;
    }
    rights.lose(unit);
    room.onRollBack(() => rights.regain(unit));
    going.push(unit);
  }
  const found = fits(going);
  for (const unit of found ? going.toReversed() : []) {
    const others = going.filter((other) => other !== unit);
    add(unit, -1);
    if (fits(others)) going = others;
    else add(unit, 1);
  }
  room.rollBack();
  return found && going.length > 0 ? { agent, units: going } : undefined;
}

const podsOn = ({ pods }: Unit, agent: number, { numbers }: Snapshot) =>
  pods.filter(({ node }) => numbers.get(node!) === agent);

/**
 * Which of two ways is the cheaper one: no budget is against it, all were asked before, only revocable ones go, the last
 * role of those that give gives first, the highest priority is less, fewer Pods go, gangs can do without
 * them rather than without others, the oldest of them is younger.
 * @param givers compares paths of roles
 */
export function cheaperWay(a: Way, b: Way, givers: (a: string, b: string) => number): number {
  const [x, y] = [costOf(a), costOf(b)];
  const at = x.findIndex((cost, i) => cost !== y[i]);
  const byRole = at < 0 || at >= STATES ? givers(lastGiver(a), lastGiver(b)) : 0;
  return byRole || (at < 0 ? a.agent - b.agent : x[at]! - y[at]!);
}

/** So many costs count before roles do. */
const STATES = 3;

/** Path of the role that gives last: units are in the order in which they give. */
const lastGiver = ({ units }: Way): string =>
  (units.findLast(({ framework }) => !framework.revocable) ?? units.at(-1)!).framework.rolePath;

function costOf({ units }: Way): number[] {
  return [
    Number(units.some(({ blocked }) => blocked !== '')),
    Number(units.some(({ asked }) => !asked)),
    Number(units.some(({ framework }) => !framework.revocable)),
    largest(units.map(({ framework, priority }) => (framework.revocable ? -Infinity : priority))),
    [...new Set(units.flatMap((unit) => [unit, ...(unit.spares ?? [])]))].reduce(
      (sum, { pods }) => sum + pods.length,
      0,
    ),
    largest(units.map(({ place }) => place)),
    -least(units.map(({ createdAt }) => createdAt)),
  ];
}
