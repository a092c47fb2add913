import { REASON, type Reason } from '../api/conditions.ts';
import { avoidCause } from '../recovery/avoidance.ts';
import { faultGrade } from '../recovery/health.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { exclusionOf } from '../snapshot/constraints.ts';
import { fitByPorts, isShort } from './cells/capacity.ts';
import { needsInWords, type Nearest } from './explain-needs.ts';
import { freeFor } from './kept-room.ts';
import type { Matrices } from './matrices.ts';
import { RULE_WORDS } from './rules/row-rules.ts';

/** Why a class finds no room: the layer that holds it, and the counts over the agents in one sentence. */
export interface Explanation {
  readonly reason: Reason;
  readonly message: string;
}

/** The words that kubectl users know from kube-scheduler's events. */
const EXCLUSION_WORDS = {
  selector: "didn't match the node selector",
  affinity: "didn't match the node affinity",
  taint: 'had an untolerated taint',
  cordon: 'were unschedulable',
} as const;

/**
 * Explains a class that waits, agent by agent: each agent counts once, under the first thing that rules it out.
 * @param row of the class in the matrices
 * @param left what this cycle left: S, each agent's free room, and what rules and volumes say beside its launches
 */
export function explainShortage(
  snapshot: Snapshot,
  matrices: Matrices,
  row: number,
  { supply, rules, volumes }: Pick<Matrices, 'rules' | 'volumes'> & Pick<Snapshot, 'supply'>,
): Explanation {
  const { agents, columns, health } = snapshot;
  const refusal = volumes?.refusal(row);
  if (refusal !== undefined)
    return { reason: REASON.constraints, message: `no node can take it: ${refusal}` };
  const demandClass = matrices.classes[row]!;
  const R = columns.count;
  const { rolePath } = snapshot.frameworks[demandClass.framework]!;
  const free = freeFor(rolePath, snapshot, supply);
  const counts = new Counts();
  const nearest = new Map<number, Nearest>();
  const allowed: number[] = [];
  let unfit = 0;
  let portless = 0;
  let ruled = 0;
  for (let i = 0; i < agents.length; i++) {
    const agent = agents[i]!;
    // What has a 1 there is kept from this agent by nothing that stands in either.
    const exclusion =
      matrices.allowed[row * matrices.n + i] === 1
        ? undefined
        : exclusionOf(demandClass.shape.constraints, agent);
    if (exclusion) {
      counts.add(EXCLUSION_WORDS[exclusion]);
      continue;
    }
    const volume = volumes?.blocker(row, i);
    if (volume !== undefined) {
      counts.add(volume.replace(/^node\(s\) /, ''));
      continue;
    }
    allowed.push(i);
    let [short, lacking] = [-1, -1];
    for (let r = 0; r < R; r++) {
      const need = matrices.demand[row * R + r]!;
      // There may be less than nothing of what is not asked for.
      if (need === 0) continue;
      if (lacking < 0 && isShort(supply[i * R + r]!, need)) lacking = r;
      const most = free[i * R + r]!;
      if (!isShort(most, need)) continue;
      if (short < 0) short = r;
      const best = nearest.get(r);
      const names = best?.names ?? columns.namesIn(demandClass.shape.demand, r);
      if (!best || most > best.most) nearest.set(r, { most, agent: agent.name, names });
    }
    if (lacking >= 0) counts.addColumn('insufficient', lacking, () => nearest.get(lacking)!.names[0]!);
    else if (short >= 0) counts.addColumn('reserved', short, () => columns.names[short]!);
    else if (matrices.c[row * matrices.n + i]! >= 1) {
      unfit++;
      const avoided = demandClass.avoids.get(agent.name);
      const cause = avoided && faultGrade(health[i]!) < 1 ? avoidCause(avoided) : health[i]!.cause;
      counts.add(`were unfit (${cause || 'leaving'})`);
    } else {
      const rule = rules?.blocker(row, i);
      if (rule) ruled++;
      else portless++;
      const before = !rule && fitByPorts(demandClass, snapshot.ports[i]!) > 0;
      counts.add(
        rule
          ? RULE_WORDS[rule]
          : before
            ? 'had host ports that others took first'
            : "didn't have free host ports",
      );
    }
  }
  const parts = counts
    .entries()
    .sort(([, x], [, y]) => y - x)
    .map(([words, nodes]) => `${nodes} ${nodes === 1 ? words.replace(/^were /, 'was ') : words}`);
  const head =
    agents.length === 0
      ? 'there are no nodes'
      : `0 of ${agents.length} nodes can take it: ${parts.join(', ')}`;
  const reason =
    unfit > 0
      ? REASON.faults
      : allowed.length === 0 || portless + ruled > 0
        ? REASON.constraints
        : REASON.resources;
  if (nearest.size === 0) return { reason, message: head };
  return { reason, message: `${head}; ${needsInWords(snapshot, matrices, row, allowed, nearest)}` };
}

/** Counts agents by why they are ruled out; what is met first stands first. */
class Counts {
  readonly #byWords = new Map<string, { agents: number }>();
  /** The same counts, found without words. */
  readonly #byColumn = { insufficient: [], reserved: [] } as Record<
    'insufficient' | 'reserved',
    { agents: number }[]
  >;

  add(words: string): void {
    this.#of(words).agents++;
  }

  /** @param name of the resource of the column */
  addColumn(why: 'insufficient' | 'reserved', column: number, name: () => string): void {
    const counts = this.#byColumn[why];
    const count = (counts[column] ??= this.#of(
      why === 'insufficient'
        ? `had insufficient ${name()}`
        : `had ${name()} that is reserved for other roles`,
    ));
    count.agents++;
  }

  entries(): [words: string, agents: number][] {
    return Array.from(this.#byWords, ([words, { agents }]) => [words, agents]);
  }

  #of(words: string): { agents: number } {
    let count = this.#byWords.get(words);
    if (!count) this.#byWords.set(words, (count = { agents: 0 }));
    return count;
  }
}
