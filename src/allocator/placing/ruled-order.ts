import type { Matrices } from '../../matrix/matrices.ts';
import type { RuleWishes } from '../../matrix/rules/rule-wishes.ts';
import { scoreNodes, type NodeScores } from '../../matrix/node-scores.ts';
import { blend } from '../../matrix/cells/wishes.ts';
import { isWithin, type Domain } from '../../matrix/rules/topology.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { CROWD, keyOf, ZONE_CROWD } from '../room/agent-key.ts';
import type { Room } from '../room/room.ts';
import type { AgentOrder } from './agent-order.ts';

/**
 * The order of agents for a class whose tasks go by where other Pods are: affinity, anti-affinity, topology spread.
 * Every task that is placed may open agents to it or close them, and change how much it likes them, so that all agents
 * are looked at for each. Otherwise as `NodeOrder`.
 */
export class RuledOrder implements AgentOrder {
  /** Agents that may still be taken, now or after other tasks. */
  readonly #open: Uint8Array;
  readonly #keys: Float64Array;
  readonly #crowd: Int32Array;
  /** Tasks in each zone, those in none first; 0 for a class that does not spread. */
  readonly #zoneCrowd: Int32Array;
  readonly #scores: NodeScores;
  readonly #wishes: RuleWishes;
  readonly #matrices: Matrices;
  readonly #row: number;
  readonly #room: Room;
  readonly #spread: boolean;
  /** Whether the scores change with the tasks that are placed. */
  readonly #prefers: boolean;
  #version = -1;
  #last = -1;

  constructor(snapshot: Snapshot, matrices: Matrices, row: number, room: Room, within?: Domain) {
    const { n, allowed, c, classes, demand } = matrices;
    const demandClass = classes[row]!;
    this.#matrices = matrices;
    this.#row = row;
    this.#room = room;
    this.#spread = demandClass.scheduling === 'Distributed';
    this.#prefers = room.rules!.prefers(row);
    const mayGo = allowed.subarray(row * n, row * n + n);
    this.#scores = scoreNodes(snapshot, demand, row, demandClass, mayGo);
    this.#wishes = room.rules!.wishesOf(row, mayGo);
    const isIn = (i: number): boolean => !within || isWithin(within, i);
    this.#open = mayGo.map((may, i) => (may === 1 && c[row * n + i]! < 1 && isIn(i) ? 1 : 0));
    this.#keys = new Float64Array(n);
    this.#crowd = Int32Array.from(snapshot.agents, ({ name }) =>
      this.#spread ? (demandClass.perNode.get(name) ?? 0) : 0,
    );
    this.#zoneCrowd = new Int32Array(room.zones.size + 1);
    this.#crowd.forEach((tasks, i) => (this.#zoneCrowd[room.zones.domainOf[i]! + 1]! += tasks));
  }

  next(wanted: number): { readonly agent: number; readonly tasks: number } | undefined {
    this.#refresh();
    let best = -1;
    for (let i = 0; i < this.#open.length; i++) {
      if (this.#open[i] === 0 || (best >= 0 && this.#keys[i]! >= this.#keys[best]!)) continue;
      if (this.#room.fit(i, this.#row) > 0) best = i;
      // What lacks room now will lack it later; what a rule forbids may be allowed.
      else if (!this.#room.isRuledOut(i, this.#row)) this.#open[i] = 0;
    }
    this.#last = best;
    if (best < 0) return undefined;
    const tasks = this.#spread || this.#prefers ? 1 : Math.min(wanted, this.#room.fit(best, this.#row));
    return { agent: best, tasks };
  }

  skip(): void {
    this.#open[this.#last] = 0;
  }

  took(agent: number): void {
    if (!this.#spread) return;
    this.#crowd[agent]!++;
    this.#keys[agent]! += CROWD;
    const { domainOf } = this.#room.zones;
    const zone = domainOf[agent]!;
    this.#zoneCrowd[zone + 1]!++;
    for (let i = 0; i < domainOf.length; i++) if (domainOf[i] === zone) this.#keys[i]! += ZONE_CROWD;
  }

  /** Brings the keys to what the Pods are now. */
  #refresh(): void {
    const { rules } = this.#room;
    const first = this.#version < 0;
    if (!first && (!this.#prefers || this.#version === rules!.version)) return;
    this.#version = rules!.version;
    this.#wishes.refresh();
    const { c, n } = this.#matrices;
    const { parts, changed, alike } = this.#wishes;
    const { full, wishes } = this.#scores;
    const { domainOf } = this.#room.zones;
    for (let i = 0; i < n; i++) {
      const group = alike.groupOf[i]!;
      if (!first && changed[group] === 0) continue;
      const score = blend(full[i]!, wishes, i, parts, group);
      const inZone = this.#zoneCrowd[domainOf[i]! + 1]! * ZONE_CROWD;
      this.#keys[i] = keyOf(this.#crowd[i]!, c[this.#row * n + i]!, score) + inZone;
    }
  }
}
