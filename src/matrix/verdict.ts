import { CORDON_TAINT, exclusionOf, type NodeConstraints, type NodeTraits } from '../snapshot/constraints.ts';
import { formatAmount } from '../snapshot/resources.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { DemandClass } from '../snapshot/framework.ts';
import { fitByPorts, isShort } from './cells/capacity.ts';
import { freeFor } from './kept-room.ts';
import type { Matrices } from './matrices.ts';
import { faultPenalty } from './cells/priority.ts';
import { RULE_WORDS } from './rules/row-rules.ts';

/** What becomes of one more task of a class on one agent: a cell of A, B and C with its parts. */
export interface Verdict {
  /** Whether the task could live there now. */
  readonly fits: boolean;
  /** A: how many more tasks of the class there is room for, whatever monitoring has against the agent. */
  readonly room: number;
  /** All that speaks against it, in the words of kube-scheduler's events; empty when it fits. */
  readonly reasons: readonly string[];
  /** How much of each resource is lacking, as a quantity. */
  readonly missing: Readonly<Record<string, string>>;
  /** The parts of B and what C takes off it. */
  readonly scores: Readonly<Record<string, number>>;
  /** C: 0 healthy .. 1 must not place. */
  readonly fault: number;
  /** What monitoring has against the agent, in words; empty when nothing. */
  readonly cause: string;
}

/** What kube-scheduler says of a node that a Pod's node affinity or node selector leaves out. */
const UNMATCHED = "node(s) didn't match Pod's node affinity/selector";

const PORTS_TAKEN = "node(s) didn't have free ports for the requested pod ports";

/** The first taint that keeps the class away, as kube-scheduler writes it. */
function taintWords(constraints: NodeConstraints, agent: NodeTraits): string {
  const repels = agent.taints.find(
    (taint) => exclusionOf(constraints, { ...agent, unschedulable: false, taints: [taint] }) === 'taint',
  );
  return `node(s) had untolerated taint {${repels?.key}: ${repels?.value ?? ''}}`;
}

/** The agent as it would be without its cordon, which the node controller repeats as a taint. */
const uncordoned = (agent: NodeTraits): NodeTraits => ({
  ...agent,
  unschedulable: false,
  taints: agent.taints.filter(({ key }) => key !== CORDON_TAINT.key),
});

/**
 * Every constraint that excludes an agent. The rule names the first, so that each is lifted and the rule asked again:
 * what is told is what placement goes by.
 */
function exclusions(constraints: NodeConstraints, agent: NodeTraits): string[] {
  const exclusion = exclusionOf(constraints, agent);
  switch (exclusion) {
    case undefined:
      return [];
    case 'cordon':
      return ['node(s) were unschedulable', ...exclusions(constraints, uncordoned(agent))];
    case 'taint':
      return [taintWords(constraints, agent), ...exclusions(constraints, { ...agent, taints: [] })];
    case 'selector':
    case 'affinity':
      return [UNMATCHED];
  }
}

/** A resource that an agent has too little of. */
interface Shortage {
  readonly resource: string;
  readonly missing: number;
  readonly words: string;
}

/**
 * The resources that are lacking for one task.
 * @param free S without what is kept from the class
 */
function shortages(
  snapshot: Snapshot,
  { demand, classes }: Matrices,
  row: number,
  i: number,
  free: Float64Array,
): Shortage[] {
  const { columns, supply } = snapshot;
  const { demand: asked } = classes[row]!.shape;
  return Array.from({ length: columns.count }, (_, r): Shortage[] => {
    const need = demand[row * columns.count + r]!;
    const at = i * columns.count + r;
    if (!isShort(free[at]!, need)) return [];
    const kept = !isShort(supply[at]!, need);
    return columns.namesIn(asked, r).map((resource): Shortage => {
      const words = kept
        ? `node(s) had ${resource} that is reserved for other roles`
        : resource === 'pods'
          ? 'Too many pods'
          : `Insufficient ${resource}`;
      return { resource, missing: Math.max(1, asked[resource]! - free[at]!), words };
    });
  }).flat();
}

/**
 * Explains a row of the matrices: a class of tasks on each agent.
 * @param row of the class in the matrices
 * @param causeOf what monitoring has against an agent, by its number, in words
 * @returns a verdict for each agent of the snapshot
 */
export function verdictsOf(
  snapshot: Snapshot,
  matrices: Matrices,
  row: number,
  causeOf: (i: number) => string,
): Verdict[] {
  const demandClass = matrices.classes[row]!;
  const { constraints } = demandClass.shape;
  const rolePath = snapshot.frameworks[demandClass.framework]?.rolePath;
  const free = freeFor(rolePath, snapshot);
  return snapshot.agents.map((agent, i): Verdict => {
    const cell = row * matrices.n + i;
    const [room, score, fault] = [matrices.a[cell]!, matrices.b[cell]!, matrices.c[cell]!];
    const cause = causeOf(i);
    const short = shortages(snapshot, matrices, row, i, free);
    const reasons = exclusions(constraints, agent);
    if (fitByPorts(demandClass, snapshot.ports[i]!) === 0) reasons.push(PORTS_TAKEN);
    reasons.push(...short.map(({ words }) => words));
    reasons.push(...(matrices.volumes?.blockers(row, i) ?? []));
    const rule = matrices.rules?.blocker(row, i);
    if (rule) reasons.push(`node(s) ${RULE_WORDS[rule]}`);
    if (fault >= 1) reasons.push(`node(s) were unfit (${cause})`);
    return {
      fits: room > 0 && fault < 1,
      room,
      reasons,
      missing: Object.fromEntries(short.map((s) => [s.resource, formatAmount(s.resource, s.missing)])),
      scores: scoresOf(demandClass, agent.name, score, faultPenalty(fault)),
      fault: Math.round(fault * 100) / 100,
      cause,
    };
  });
}

/** The parts of B and what C takes off, by name. A class that spreads looks at its own tasks on the node before them. */
function scoresOf(
  { scheduling, perNode }: DemandClass,
  node: string,
  score: number,
  penalty: number,
): Verdict['scores'] {
  const total = score - penalty;
  switch (scheduling) {
    case 'Packed':
      return { packing: score, penalty, total };
    case 'Distributed':
      return { spreading: score, here: perNode.get(node) ?? 0, penalty, total };
  }
}
