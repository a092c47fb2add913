import { REASON, type Reason } from '../api/conditions.ts';
import { avoidCause } from '../recovery/avoidance.ts';
import { faultGrade } from '../recovery/health.ts';
import type { Snapshot } from '../snapshot/build.ts';
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
  const counts = new Map<string, number>();
  const count = (words: string) => counts.set(words, (counts.get(words) ?? 0) + 1);
  const nearest = new Map<number, Nearest>();
  const allowed: number[] = [];
  let unfit = 0;
  let portless = 0;
  let ruled = 0;
  agents.forEach((agent, i) => {
    const exclusion = exclusionOf(demandClass.shape.constraints, agent);
    if (exclusion) return count(EXCLUSION_WORDS[exclusion]);
    const volume = volumes?.blocker(row, i);
    if (volume !== undefined) return count(volume.replace(/^node\(s\) /, ''));
    allowed.push(i);
    const short = shortColumns(matrices.demand, row, free, i, R);
    for (const r of short) {
      const most = free[i * R + r]!;
      const best = nearest.get(r);
      const names = best?.names ?? columns.namesIn(demandClass.shape.demand, r);
      if (!best || most > best.most) nearest.set(r, { most, agent: agent.name, names });
    }
    const lacking = shortColumns(matrices.demand, row, supply, i, R)[0];
    if (lacking !== undefined) return count(`had insufficient ${nearest.get(lacking)!.names[0]}`);
    if (short[0] !== undefined)
      return count(`had ${columns.names[short[0]]} that is reserved for other roles`);
    if (matrices.c[row * matrices.n + i]! >= 1) {
      unfit++;
      const avoided = demandClass.avoids.get(agent.name);
      const cause = avoided && faultGrade(health[i]!) < 1 ? avoidCause(avoided) : health[i]!.cause;
      return count(`were unfit (${cause || 'leaving'})`);
    }
    const rule = rules?.blocker(row, i);
    if (rule) {
      ruled++;
      return count(RULE_WORDS[rule]);
    }
    portless++;
    const before = fitByPorts(demandClass, snapshot.ports[i]!) > 0;
    count(before ? 'had host ports that others took first' : "didn't have free host ports");
  });
  const parts = [...counts]
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

/** Columns of which the agent has less than one task needs. */
function shortColumns(
  demand: Float64Array,
  row: number,
  supply: Float64Array,
  i: number,
  R: number,
): number[] {
  const out: number[] = [];
  for (let r = 0; r < R; r++) {
    const need = demand[row * R + r]!;
    // There may be less than nothing of what is not asked for.
    if (need > 0 && isShort(supply[i * R + r]!, need)) out.push(r);
  }
  return out;
}
