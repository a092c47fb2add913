import type { Framework } from '../../snapshot/framework.ts';
import type { Allowance, Refusal } from '../filling/allowance.ts';
import type { Bundle } from '../resources/resource-bundle.ts';
import { keyOf } from '../room/agent-key.ts';
import type { Place } from '../room/stock.ts';
import type { Member } from '../roles/accounts.ts';
import type { RoleState } from '../roles/role-tree.ts';
import type { NominationDesk } from './nomination-desk.ts';
import { cheaperWay, leastSet, type Way } from './least-set.ts';
import type { Preemptor } from './rights.ts';
import { leastPriority } from './unit.ts';
import { append } from '../../lib/unbounded.ts';

/** So many ways are compared at most. */
const MOST_WAYS = 100;

/**
 * One framework's turn to be nominated for room that is not there yet: room that others are leaving, else room that
 * somebody is to leave for it. Whoever makes it has a transaction open, and rolls that back if it comes to nothing.
 */
export class Attempt<M extends Member<M>> {
  readonly #desk: NominationDesk<M>;
  readonly #framework: Framework;
  readonly #allowance: Allowance;
  readonly #renews: boolean;
  readonly #preemptor: { -readonly [K in keyof Preemptor<M>]: Preemptor<M>[K] };
  readonly #nominations: Place[] = [];
  /** Ways for a row, the cheapest first, as they were when they were found. */
  readonly #ways = new Map<number, Way[]>();
  /** Rows for which there may be more ways than were found. */
  readonly #cut = new Set<number>();
  /** Rows for which a guarantee is worth that a role comes below the fair level: nothing else makes room. */
  readonly #crossing = new Set<number>();
  /** Why quota keeps it from room that it could be nominated for. */
  refusal: Refusal | undefined;

  /**
   * @param got R: what the framework took in this turn already
   * @param renews whether it only looks where it was nominated in the last cycle
   */
  constructor(
    desk: NominationDesk<M>,
    framework: Framework,
    role: RoleState<M>,
    allowance: Allowance,
    got: Float64Array,
    renews: boolean,
  ) {
    this.#desk = desk;
    this.#framework = framework;
    this.#allowance = allowance;
    this.#renews = renews;
    const stage = allowance.isForGuarantee ? 'guarantees' : 'shares';
    const { priority } = framework;
    this.#preemptor = {
      framework,
      priority,
      role,
      stage,
      need: got,
      base: desk.rights.baseOf(role),
      crosses: false,
    };
  }

  /**
   * Nominates one more task of a row.
   * @returns the agent; undefined when there is none that it may have
   */
  one(row: number, demand: Bundle): number | undefined {
    // Whoever gives way to all waits until room is free.
    if (this.#framework.revocable) return undefined;
    this.#allowance.lookAhead();
    this.#need(row, 1);
    this.#preemptor.priority = this.#priorityOf(row);
    this.#preemptor.crosses = this.#crossing.has(row);
    const waiting = this.#desk.room.changesLater ? this.#leaving(row) : undefined;
    const way = waiting === undefined ? this.#cheapest(row) : undefined;
    const agent = waiting ?? way?.agent;
    if (agent === undefined || !this.#spend(agent, row, demand)) {
      this.#need(row, -1);
      return undefined;
    }
    for (const unit of way?.units ?? []) {
      // It may be forbidden once more.
      if (unit.blocked !== '') this.#desk.blocked.set(this.#framework.index, unit.blocked);
      this.#desk.evict(unit, this.#framework);
    }
    this.#nominations.push(this.#desk.room.nominate(agent, row));
    if (this.#renews) this.#desk.renewed(agent, row, 1);
    return agent;
  }

  /** What it nominated stands. */
  settle(): void {
    for (const place of this.#nominations) this.#desk.note(place);
  }

  /** Takes what quota has to allow, if it does. */
  #spend(agent: number, row: number, { items }: Bundle): boolean {
    const { room } = this.#desk;
    const amounts = room.reservedAt(agent, row);
    const reserved = amounts && items.map(({ kind }) => amounts[kind.column]!);
    const apart = room.isApart(agent);
    if (this.#allowance.fit(items, 1, reserved, apart) > 0) {
      this.#allowance.spend(items, 1, reserved, apart);
      return true;
    }
    this.refusal ??= this.#allowance.refusal(items, reserved, apart);
    return false;
  }

  /** Pods of others have priorities of their own, and a gang is worth as much as the least of it. */
  #priorityOf(row: number): number {
    const { priority, gang, classes } = this.#framework;
    const asking = gang ? classes.filter(({ hold }) => !hold) : [this.#desk.room.matrices.classes[row]!];
    return asking.reduce((least, own) => Math.min(least, own.leastPriority ?? priority), priority);
  }

  #need(row: number, sign: 1 | -1): void {
    const { need } = this.#preemptor;
    this.#desk.room.demandOf(row).forEach((amount, r) => (need[r]! += sign * amount));
  }

  /** The best agent, by B and C, that will have room although nobody else goes. */
  #leaving(row: number): number | undefined {
    const { room } = this.#desk;
    const { b, c, n } = room.matrices;
    const kept = this.#renews ? this.#desk.keptOf(row) : undefined;
    let best: number | undefined;
    let least = Infinity;
    for (const agent of room.later.agents) {
      if (kept?.has(agent) === false || room.fitLater(agent, row) === 0) continue;
      const cell = row * n + agent;
      const key = keyOf(0, c[cell]!, b[cell]!);
      if (best !== undefined && key >= least) continue;
      best = agent;
      least = key;
    }
    return best;
  }

  /** The cheapest way to make room. Ways that were found before are looked at anew when their turn comes. */
  #cheapest(row: number): Way | undefined {
    const { givers } = this.#desk;
    let ways = this.#ways.get(row);
    if (!ways) this.#ways.set(row, (ways = this.#look(row)));
    for (;;) {
      for (let first = ways.shift(); first !== undefined; first = ways.shift()) {
        const isOver = this.#renews && !this.#desk.keptOf(row).has(first.agent);
        const now = isOver ? undefined : this.#wayOn(first.agent, row);
        if (now === undefined) continue;
        // It stays in the list: there may be room for another one.
        const at = ways.findIndex((way) => cheaperWay(now, way, givers) <= 0);
        ways.splice(at < 0 ? ways.length : at, 0, now);
        if (at === 0 || ways.length === 1) return now;
      }
      if (!this.#cut.has(row)) {
        if (this.#preemptor.crosses || this.#preemptor.stage !== 'guarantees') break;
        this.#crossing.add(row);
        this.#preemptor.crosses = true;
      }
      append(ways, this.#look(row));
    }
    if (!this.#renews) this.#noteBudgets(row);
    return undefined;
  }

  /** Ways on agents, those with the cheapest units first: as kube-scheduler, not on all of a large cluster. */
  #look(row: number): Way[] {
    if (!this.#hasRights()) return [];
    const kept = this.#renews ? this.#desk.keptOf(row) : undefined;
    const ways: Way[] = [];
    for (const agent of this.#desk.units.keys()) {
      const way = kept?.has(agent) === false ? undefined : this.#wayOn(agent, row);
      if (way && ways.push(way) === MOST_WAYS) break;
    }
    if (ways.length === MOST_WAYS) this.#cut.add(row);
    else this.#cut.delete(row);
    return ways.sort((a, b) => cheaperWay(a, b, this.#desk.givers));
  }

  /** @param barred whether units take part whose budget is not asked again yet */
  #wayOn(agent: number, row: number, barred = false): Way | undefined {
    const { rights, room } = this.#desk;
    const { snapshot, matrices } = room;
    const R = snapshot.columns.count;
    for (let r = 0; r < R; r++)
      if (matrices.demand[row * R + r]! > snapshot.allocatable[agent * R + r]!) return undefined;
    const units = this.#desk.units
      .get(agent)!
      .filter(
        (unit) =>
          (barred || !unit.isBarred) &&
          rights.isThinkable(this.#preemptor, unit.framework, unit.priority) &&
          this.#desk.isStaying(unit),
      )
      .sort(this.#desk.cheaper);
    if (units.length === 0 || !room.admits(agent, row)) return undefined;
    return leastSet(this.#desk, this.#preemptor, agent, row, units);
  }

  /** Says which budget is in the way, when nothing else is. */
  #noteBudgets(row: number): void {
    if (!this.#hasRights()) return;
    for (const [agent, units] of this.#desk.units) {
      if (!units.some(({ isBarred }) => isBarred)) continue;
      const way = this.#wayOn(agent, row, true);
      const barred = way?.units.find(({ isBarred }) => isBarred);
      if (barred) return void this.#desk.blocked.set(this.#framework.index, barred.blocked);
    }
  }

  /** Whether it could have a right over anybody at all. */
  #hasRights(): boolean {
    const { room, rights } = this.#desk;
    return room.snapshot.frameworks.some(
      (victim) =>
        victim.live.length > 0 && rights.isThinkable(this.#preemptor, victim, leastPriority(victim)),
    );
  }
}
