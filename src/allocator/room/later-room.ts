import { isWithin } from '../../lib/role-path.ts';
import { fitByPorts, fitByResources, MOST_TASKS } from '../../matrix/cells/capacity.ts';
import type { Matrices } from '../../matrix/matrices.ts';
import type { RuleBook } from '../../matrix/rules/rule-book.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { SpanNeeds } from '../../snapshot/port-ranges.ts';
import type { HostPort } from '../../snapshot/ports.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import type { Drawn, ReservedRoom } from './reserved-room.ts';
import { Stock, type Place } from './stock.ts';

/** Room of a Pod that leaves; on agents with reservations it may go back to one. */
interface Leaver {
  readonly pod: PodFacts;
  readonly role: string | undefined;
}

/**
 * What agents will have when everybody who is leaving is gone and everybody who is nominated has come. Who takes room now
 * must leave that as it is: it fits now and later.
 */
export class LaterRoom {
  readonly #snapshot: Snapshot;
  readonly #matrices: Matrices;
  readonly #reserved: ReservedRoom;
  readonly #stock: Stock;
  /** Host ports that nominated tasks will pick, by agent. */
  readonly #picks = new Map<number, SpanNeeds>();
  readonly #agents = new Set<number>();
  readonly #leavers = new Map<number, Leaver[]>();
  /** Paths of roles that have something reserved, by agent. */
  readonly #reservedFor = new Map<number, string[]>();

  /** @param now what agents have now */
  constructor(snapshot: Snapshot, matrices: Matrices, reserved: ReservedRoom, now: Stock) {
    const { rules, volumes } = now;
    this.#stock = new Stock(matrices, now.supply.slice(), (agent) => now.portsOf(agent), {
      rules: rules?.fork(),
      volumes: volumes?.fork(false),
    });
    for (const agent of volumes?.detaching ?? []) this.#agents.add(agent);
    this.#snapshot = snapshot;
    this.#matrices = matrices;
    this.#reserved = reserved;
    this.#subtractExcess();
    for (const { path, reservations } of snapshot.roles) {
      for (const { agent } of reservations) {
        const here = this.#reservedFor.get(agent);
        if (here) here.push(path);
        else this.#reservedFor.set(agent, [path]);
      }
    }
  }

  /** Rules about other Pods, as they will be. */
  get rules(): RuleBook | undefined {
    return this.#stock.rules;
  }

  /** Agents that will have other room than they have now, ascending. */
  get agents(): readonly number[] {
    return [...this.#agents].sort((a, b) => a - b);
  }

  /** The part of S now, n x R, that nobody waits for. */
  openPart(supply: Float64Array): Float64Array {
    return supply.map((now, at) => Math.max(0, Math.min(now, this.#stock.supply[at]!)));
  }

  /** How many more tasks of a row will fit on an agent; where its own room stays as it is, as far as that goes. */
  fit(agent: number, row: number): number {
    const open = this.open(agent, row);
    if (open === 0 || !this.#agents.has(agent)) return open;
    const { demand } = this.#matrices;
    const fit = fitByResources(this.free(agent, row), demand, 0, row, this.#snapshot.columns.count);
    return fit <= 0 ? 0 : Math.min(open, fit, this.#fitByPorts(agent, row));
  }

  /** How many more tasks of a row rules about other Pods, and volumes, will let come to an agent before they are asked again. */
  open(agent: number, row: number): number {
    const ruled = this.rules?.room(row, agent) ?? MOST_TASKS;
    return ruled === 0 ? 0 : Math.min(ruled, this.#stock.volumes?.room(row, agent) ?? MOST_TASKS);
  }

  /** Whether it may matter to these whether a Pod goes. */
  concerns(row: number, pod: PodFacts): boolean {
    return (
      (this.rules?.concerns(row, pod) ?? false) ||
      (this.#stock.volumes !== undefined && pod.claims.length > 0)
    );
  }

  /** Rules and volumes count a Pod that is there no more (-1), or again (1). */
  count(pod: PodFacts, sign: 1 | -1): void {
    const agent = this.#snapshot.numbers.get(pod.node!)!;
    this.rules?.move(pod, agent, sign);
    this.#stock.volumes?.move(pod, agent, sign);
  }

  /** Whether rules and volumes let tasks come to where they are nominated, as it is now. */
  holds({ agent, row, tasks }: Place): boolean {
    this.#stock.count(agent, row, -tasks);
    const holds = this.open(agent, row) > 0;
    this.#stock.count(agent, row, tasks);
    return holds;
  }

  /** What an agent will have free for tasks of a row: R amounts of its own, below nothing where it is over-committed. */
  free(agent: number, row: number): Float64Array {
    const R = this.#snapshot.columns.count;
    if (!this.#reserved.isAt(agent)) return this.#stock.supply.slice(agent * R, agent * R + R);
    const role = this.#roleOf(row);
    const free = this.#reserved.freeFor(role, agent, this.#stock.supply).slice();
    for (const leaver of this.#leavers.get(agent) ?? []) {
      if (leaver.role === undefined || !this.isReturning(agent, leaver.role, role)) continue;
      this.#snapshot.columns.each(
        leaver.pod.requests,
        (r, amount) => (free[r] = Math.max(0, free[r]! - amount)),
      );
    }
    return free;
  }

  /** Whether what a task of one role leaves on an agent goes back to a reservation that another role may not use. */
  isReturning(agent: number, from: string, to: string): boolean {
    return (this.#reservedFor.get(agent) ?? []).some((path) => isWithin(from, path) && !isWithin(to, path));
  }

  /** Whether one more task of a row will find host ports on an agent when these are given back, too. */
  hasPorts(agent: number, row: number, back: readonly HostPort[]): boolean {
    const { fixedPorts, dynamicPorts } = this.#matrices.classes[row]!.shape;
    if (fixedPorts.length + dynamicPorts.length === 0) return true;
    const ports = this.#stock.portsOf(agent).clone();
    for (const port of back) ports.give(port);
    return this.#fitByPorts(agent, row, ports) > 0;
  }

  /** A Pod will be gone. @param role path of the role that it draws on */
  leave(pod: PodFacts, role: string | undefined): void {
    const agent = this.#movePod(pod, -1);
    this.#agents.add(agent);
    const here = this.#leavers.get(agent);
    if (here) here.push({ pod, role });
    else this.#leavers.set(agent, [{ pod, role }]);
  }

  /** It will not, after all. */
  stay(pod: PodFacts): void {
    const here = this.#leavers.get(this.#movePod(pod, 1))!;
    here.splice(
      here.findIndex((leaver) => leaver.pod === pod),
      1,
    );
  }

  /** @returns its agent */
  #movePod(pod: PodFacts, sign: 1 | -1): number {
    const { numbers, columns } = this.#snapshot;
    const agent = numbers.get(pod.node!)!;
    const { supply } = this.#stock;
    this.count(pod, sign);
    columns.each(pod.requests, (r, amount) => (supply[agent * columns.count + r]! -= sign * amount));
    for (const port of pod.hostPorts) {
      if (sign > 0) this.#stock.ownPorts(agent).take(port);
      else this.#stock.ownPorts(agent).give(port);
    }
    return agent;
  }

  /** Whether all nominations would hold if a Pod that is to go stayed. Not known, thus no, where rooms are reserved. */
  sparesFor(pod: PodFacts): boolean {
    const agent = this.#snapshot.numbers.get(pod.node!)!;
    if (this.#reserved.isAt(agent)) return false;
    const { columns } = this.#snapshot;
    const { supply } = this.#stock;
    let spares = true;
    columns.each(pod.requests, (r, amount) => {
      if (amount > 0 && supply[agent * columns.count + r]! < amount) spares = false;
    });
    if (!spares || pod.hostPorts.length === 0) return spares;
    const ports = this.#stock.portsOf(agent);
    if (ports.clashesWith(pod.hostPorts)) return false;
    const picks = this.#picks.get(agent);
    return picks === undefined || ports.fit(picks, undefined, pod.hostPorts) > 0;
  }

  /** Nominates a task of a row for room that will be there. @returns what of it was reserved for the role */
  nominate(agent: number, row: number): readonly Drawn[] {
    const R = this.#snapshot.columns.count;
    const drawn = this.#reserved.draw(this.#roleOf(row), agent, this.#matrices.demand, row * R, 1);
    this.#charge(agent, row, 1);
    return drawn;
  }

  /** Gives back what nominate() took. */
  withdraw(agent: number, row: number, drawn: readonly Drawn[]): void {
    this.#reserved.putBack(drawn);
    this.#charge(agent, row, -1);
  }

  /** Tasks come to an agent now, or go again when negative. @param ports host ports that they hold */
  place(agent: number, row: number, tasks: number, ports: readonly HostPort[]): void {
    this.#stock.place(agent, row, tasks);
    if (!this.#stock.hasOwnPorts(agent)) return;
    const own = this.#stock.ownPorts(agent);
    for (const port of ports) {
      if (tasks > 0) own.take(port);
      else own.give(port);
    }
  }

  #charge(agent: number, row: number, tasks: 1 | -1): void {
    this.#agents.add(agent);
    this.#stock.place(agent, row, tasks);
    const { fixedPorts, dynamicPorts } = this.#matrices.classes[row]!.shape;
    for (const port of fixedPorts) {
      if (tasks > 0) this.#stock.ownPorts(agent).take(port);
      else this.#stock.ownPorts(agent).give(port);
    }
    if (dynamicPorts.length === 0) return;
    const needs = this.#stock.portsOf(agent).ranges.needs(dynamicPorts);
    const picks = this.#picks.get(agent);
    if (picks) for (let s = 0; s < needs.length; s++) picks[s]! += tasks * needs[s]!;
    else
      this.#picks.set(
        agent,
        needs.map((need) => need * tasks),
      );
  }

  #fitByPorts(agent: number, row: number, ports = this.#stock.portsOf(agent)): number {
    return fitByPorts(this.#matrices.classes[row]!, ports, this.#picks.get(agent));
  }

  /** S is never negative: what agents are over-committed by has to go first. */
  #subtractExcess(): void {
    const { pods, numbers, allocatable, columns } = this.#snapshot;
    const R = columns.count;
    const free = Float64Array.from(allocatable);
    for (const pod of pods) {
      const agent = pod.node === undefined || pod.terminal ? undefined : numbers.get(pod.node);
      if (agent !== undefined)
        this.#snapshot.columns.each(pod.requests, (r, amount) => (free[agent * R + r]! -= amount));
    }
    for (let i = 0; i < free.length; i++) if (free[i]! < 0) this.#stock.supply[i]! += free[i]!;
  }

  #roleOf(row: number): string {
    return this.#snapshot.frameworks[this.#matrices.classes[row]!.framework]!.rolePath;
  }
}
