import { dominantShare } from '../allocator/roles/shares.ts';
import { buildMatrices, type Matrices } from '../matrix/matrices.ts';
import { faultPenalty } from '../matrix/cells/priority.ts';
import { avoidCause } from '../recovery/avoidance.ts';
import { exclusionOf } from '../snapshot/constraints.ts';
import { shownId } from '../snapshot/framework-id.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { DemandClass } from '../snapshot/framework.ts';
import { subtreeSums } from '../snapshot/roles.ts';
import { amountTexts, demandTexts, type AmountTexts } from './amounts.ts';
import { limited, NotInSnapshot, type Shown } from './limit.ts';
import { faultGrade, type AgentHealth } from '../recovery/health.ts';

/** One row of S. */
export interface SupplyView {
  readonly node: string;
  readonly free: AmountTexts;
  readonly allocatable: AmountTexts;
  readonly freeHostPorts: number;
}

/** One demand class: a row of D, the task's part of B, and what A and C come to over all nodes of the cluster. */
export interface ClassView {
  /** gsp/namespace/name or tj/namespace/name. */
  readonly framework: string;
  /** Worker group; empty for a pool. */
  readonly group: string;
  readonly role: string;
  readonly scheduling: DemandClass['scheduling'];
  readonly pending: number;
  readonly demand: AmountTexts;
  readonly hostPorts: number;
  /** The task's part of B: which comes first. Roles by least share, in them the highest priority, then least share. */
  readonly order: {
    readonly roleShare: number;
    readonly priority: number;
    readonly frameworkShare: number;
  };
  /** How many more tasks the cluster can take now, counting nodes with C < 1. */
  readonly room: number;
  /** Number of nodes by what becomes of them: `takes`, or why not (unfit, taint, cpu ...). */
  readonly nodes: Readonly<Record<string, number>>;
}

/** A cell of A: how many more tasks fit, and when none does why. */
export interface FitCell {
  readonly fit: number;
  /** A hard constraint (selector, affinity, taint, cordon), hostPorts, or the resource that is short. */
  readonly why?: string;
}

/** A cell of the node's part of B: nodes are taken by score - penalty, highest first. */
export interface ScoreCell {
  readonly score: number;
  /** What C takes off. */
  readonly penalty: number;
  /** Tasks of the class on the node; a Distributed class looks at this before the score. */
  readonly here: number;
}

/** A cell of C: 0 healthy .. 1 must not place. */
export interface FaultCell {
  readonly grade: number;
  readonly cause?: string;
}

/** What /debug/matrices serves. A, B and C have a row for each node of `nodes` and a column for each class. */
export interface MatricesView {
  readonly nodeCount: Shown;
  readonly classCount: Shown;
  readonly nodes: readonly string[];
  readonly classes: readonly ClassView[];
  readonly S: readonly SupplyView[];
  readonly A: readonly (readonly FitCell[])[];
  readonly B: readonly (readonly ScoreCell[])[];
  readonly C: readonly (readonly FaultCell[])[];
}

/** Which part of the matrices to show. */
export interface MatricesQuery {
  /** Only the classes of this framework: gsp/namespace/name or tj/namespace/name. */
  readonly framework?: string | undefined;
  readonly node?: string | undefined;
  /** Most nodes. */
  readonly limit: number;
  /** Most classes; those with pending tasks come first. */
  readonly classLimit: number;
}

/** Most cells of each matrix: so many are still read by people, and turned into JSON without holding up a cycle. */
const MOST_CELLS = 20_000;

/** The cell of node i, out of the matrices of one class. */
function fitCell(snapshot: Snapshot, matrices: Matrices, i: number): FitCell {
  const { a, allowed, demand, classes, rules, volumes } = matrices;
  const fit = a[i]!;
  if (fit > 0) return { fit };
  if (allowed[i] === 0 || volumes?.blocker(0, i) !== undefined) {
    return { fit, why: exclusionOf(classes[0]!.shape.constraints, snapshot.agents[i]!) ?? 'excluded' };
  }
  const { columns, supply } = snapshot;
  const short = demand.findIndex((need, r) => need > supply[i * columns.count + r]!);
  if (short < 0) return { fit, why: rules?.blocker(0, i) ?? 'hostPorts' };
  return { fit, why: columns.namesIn(classes[0]!.shape.demand, short)[0]! };
}

/** @param heldBy what each role and all below it hold, by path */
function classView(
  snapshot: Snapshot,
  matrices: Matrices,
  heldBy: ReadonlyMap<string, Float64Array>,
): ClassView {
  const { a, c, n } = matrices;
  const { framework, group, scheduling, pending, shape } = matrices.classes[0]!;
  const owner = snapshot.frameworks[framework]!;
  const role = snapshot.roles.find(({ path }) => path === owner.rolePath)!;
  let room = 0;
  const nodes = new Map<string, number>();
  for (let i = 0; i < n; i++) {
    const fits = a[i]! > 0;
    const healthy = c[i]! < 1;
    if (fits && healthy) room += a[i]!;
    const outcome = fits ? (healthy ? 'takes' : 'unfit') : fitCell(snapshot, matrices, i).why!;
    nodes.set(outcome, (nodes.get(outcome) ?? 0) + 1);
  }
  return {
    framework: shownId(owner.id),
    group,
    role: owner.rolePath,
    scheduling,
    pending: pending.length,
    demand: demandTexts(matrices, snapshot),
    hostPorts: shape.dynamicPorts.length + shape.fixedPorts.length,
    order: {
      roleShare: dominantShare(heldBy.get(role.path)!, snapshot.total, role.weight),
      priority: owner.priority,
      frameworkShare: dominantShare(snapshot.held[framework]!, snapshot.total, 1),
    },
    room,
    nodes: Object.fromEntries([...nodes].sort(([, x], [, y]) => y - x)),
  };
}

function scoreCell(snapshot: Snapshot, { b, c, classes }: Matrices, i: number): ScoreCell {
  const here = classes[0]!.perNode.get(snapshot.agents[i]!.name) ?? 0;
  return { score: b[i]!, penalty: faultPenalty(c[i]!), here };
}

/** The cell of C of node i, out of the matrices of one class. */
export function faultCell(snapshot: Snapshot, { c, classes }: Matrices, i: number): FaultCell {
  const grade = Math.round(c[i]! * 100) / 100;
  if (grade === 0) return { grade };
  const { name } = snapshot.agents[i]!;
  const avoided = classes[0]!.avoids.get(name);
  const causes = [faultCause(snapshot.health[i]!)];
  if (avoided) {
    const seconds = Math.ceil((avoided.until - snapshot.now) / 1000);
    causes.push(`avoids node ${name} for ${seconds} s more: ${avoidCause(avoided)}`);
  }
  return { grade, cause: causes.filter((cause) => cause !== '').join(', ') };
}

/** Numbers of the nodes that the query names. @throws NotInSnapshot */
function wantedNodes(snapshot: Snapshot, node: string | undefined): number[] {
  const all = snapshot.agents.map((_, i) => i);
  if (node === undefined) return all;
  const found = all.filter((i) => snapshot.agents[i]!.name === node);
  if (found.length === 0) throw new NotInSnapshot(`there is no node "${node}"`);
  return found;
}

/** Classes that the query names, those with pending tasks first. @throws NotInSnapshot */
function wantedClasses(snapshot: Snapshot, id: string | undefined): readonly DemandClass[] {
  const ordered = snapshot.classes.toSorted(
    (a, b) => Number(b.pending.length > 0) - Number(a.pending.length > 0) || a.id - b.id,
  );
  if (id === undefined) return ordered;
  const found = ordered.filter((c) => shownId(snapshot.frameworks[c.framework]!.id) === id);
  if (found.length === 0) {
    const known = snapshot.frameworks.slice(0, 5).map((framework) => shownId(framework.id));
    const rest = snapshot.frameworks.length > known.length ? ' ...' : '';
    throw new NotInSnapshot(`there is no workload "${id}" (there is: ${known.join(', ') || 'none'}${rest})`);
  }
  return found;
}

/**
 * S, A, B and C as of the snapshot, for people. Sums over nodes count the whole cluster, however few rows are shown.
 * @param pause called between classes, so that a large cluster does not hold up what else the process does
 * @throws NotInSnapshot when the query names a node or framework that does not exist
 */
export async function matricesView(
  snapshot: Snapshot,
  query: MatricesQuery,
  pause: () => Promise<unknown>,
): Promise<MatricesView> {
  const classes = limited(wantedClasses(snapshot, query.framework), query.classLimit);
  const mostNodes = Math.floor(MOST_CELLS / Math.max(1, classes.items.length));
  const nodes = limited(wantedNodes(snapshot, query.node), Math.min(query.limit, mostNodes));
  const R = snapshot.columns.count;
  const heldBy = subtreeSums(snapshot.roles, R, (role) => role.held);
  const rows = <Cell>(): Cell[][] => nodes.items.map(() => []);
  const view = {
    nodeCount: nodes.count,
    classCount: classes.count,
    nodes: nodes.items.map((i) => snapshot.agents[i]!.name),
    classes: [] as ClassView[],
    S: nodes.items.map((i) => ({
      node: snapshot.agents[i]!.name,
      free: amountTexts(snapshot.supply.subarray(i * R, (i + 1) * R), snapshot.columns),
      allocatable: amountTexts(snapshot.allocatable.subarray(i * R, (i + 1) * R), snapshot.columns),
      freeHostPorts: snapshot.ports[i]!.free,
    })),
    A: rows<FitCell>(),
    B: rows<ScoreCell>(),
    C: rows<FaultCell>(),
  };
  for (const demandClass of classes.items) {
    const matrices = buildMatrices(snapshot, [demandClass]);
    view.classes.push(classView(snapshot, matrices, heldBy));
    nodes.items.forEach((i, row) => {
      view.A[row]!.push(fitCell(snapshot, matrices, i));
      view.B[row]!.push(scoreCell(snapshot, matrices, i));
      view.C[row]!.push(faultCell(snapshot, matrices, i));
    });
    await pause();
  }
  return view;
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

/** What monitoring has against a node, in words; empty for a healthy one. */
function faultCause(health: AgentHealth): string {
  const parts: string[] = [];
  if (health.deleting) parts.push('is being deleted');
  // Less than a second stands for a time that nobody knows, or that does not count against it.
  const since = health.unfitMs < 1000 ? '' : ` for ${seconds(health.unfitMs)}`;
  if (health.unfitMs > 0) parts.push(`${health.cause || 'unfit'}${since}`);
  parts.push(...health.pressures);
  if (parts.length === 0 && faultGrade(health) > 0) parts.push(`came back ${seconds(health.backMs)} ago`);
  return parts.join(', ');
}
