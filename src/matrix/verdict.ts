import { MAX_AMOUNT } from '../lib/quantity.ts';
import { exclusionOf, type NodeConstraints, type NodeTraits } from '../snapshot/constraints.ts';
import { formatAmount } from '../snapshot/resources.ts';
import type { Snapshot } from '../snapshot/build.ts';
import { fitByPorts } from './capacity.ts';
import type { Matrices } from './matrices.ts';
import { faultPenalty } from './priority.ts';

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

/** The first taint that keeps the class away, as kube-scheduler writes it. */
function taintWords(constraints: NodeConstraints, agent: NodeTraits): string {
  const repels = agent.taints.find(
    (taint) => exclusionOf(constraints, { ...agent, unschedulable: false, taints: [taint] }) === 'taint',
  );
  return `node(s) had untolerated taint {${repels?.key}: ${repels?.value ?? ''}}`;
}

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
      return ['node(s) were unschedulable', ...exclusions(constraints, { ...agent, unschedulable: false })];
    case 'taint':
      return [taintWords(constraints, agent), ...exclusions(constraints, { ...agent, taints: [] })];
    case 'selector':
    case 'affinity':
      return [UNMATCHED];
  }
}

/** How much of each column is lacking for one task, by resource. */
function shortages(snapshot: Snapshot, demand: Int32Array, row: number, i: number): [string, number][] {
  const { columns, supply } = snapshot;
  return columns.names.flatMap((name, r): [string, number][] => {
    const need = demand[row * columns.count + r]!;
    const free = supply[i * columns.count + r]!;
    // A saturated demand may be any amount above the range.
    return need > free || need === MAX_AMOUNT ? [[name, Math.max(1, need - free)]] : [];
  });
}

const shortageWords = (resource: string): string =>
  resource === 'pods' ? 'Too many pods' : `Insufficient ${resource}`;

/**
 * Explains one cell of the matrices: a class of tasks on an agent.
 * @param row of the class in the matrices @param i agent
 * @param cause what monitoring has against the agent, in words
 */
export function verdictOf(
  snapshot: Snapshot,
  matrices: Matrices,
  row: number,
  i: number,
  cause: string,
): Verdict {
  const demandClass = matrices.classes[row]!;
  const agent = snapshot.agents[i]!;
  const cell = row * matrices.n + i;
  const fault = matrices.c[cell]!;
  const short = shortages(snapshot, matrices.demand, row, i);
  const reasons = [
    ...exclusions(demandClass.shape.constraints, agent),
    ...(fitByPorts(demandClass, snapshot.ports[i]!) > 0
      ? []
      : ["node(s) didn't have free ports for the requested pod ports"]),
    ...short.map(([name]) => shortageWords(name)),
    ...(fault < 1 ? [] : [`node(s) were unfit (${cause})`]),
  ];
  const penalty = faultPenalty(fault);
  const packed = demandClass.scheduling === 'Packed';
  return {
    fits: matrices.a[cell]! > 0 && fault < 1,
    room: matrices.a[cell]!,
    reasons,
    missing: Object.fromEntries(short.map(([name, amount]) => [name, formatAmount(name, amount)])),
    scores: {
      [packed ? 'packing' : 'spreading']: matrices.b[cell]!,
      ...(packed ? {} : { here: demandClass.perNode.get(agent.name) ?? 0 }),
      penalty,
      total: matrices.b[cell]! - penalty,
    },
    fault: Math.round(fault * 100) / 100,
    cause,
  };
}
