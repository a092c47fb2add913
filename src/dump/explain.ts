import { REASON } from '../api/conditions.ts';
import { runCycle, type CycleResult } from '../controllers/cycle.ts';
import type { Clock } from '../lib/clock.ts';
import { buildMatrices } from '../matrix/matrices.ts';
import type { Explanation } from '../matrix/explain.ts';
import { verdictsOf, type Verdict } from '../matrix/verdict.ts';
import { outcomes, type FrameworkOutcome } from '../plan/outcome.ts';
import { faultCell } from '../server/views/matrices.ts';
import { buildSnapshot, type Snapshot } from '../snapshot/build.ts';
import { shownId } from '../snapshot/framework-id.ts';
import type { DemandClass } from '../snapshot/framework.ts';
import { readPod } from '../snapshot/reading/pod.ts';
import { formatAmount } from '../snapshot/resources.ts';
import type { PodFacts } from '../snapshot/task.ts';
import { inputsOf, type Circumstances, type ClusterInputs } from './inputs.ts';
import type { ClusterObjects } from './objects.ts';
import { alikeKey, podClass } from './pod-class.ts';
import { targetKey, type Target } from './target.ts';

/** Tasks that are alike, and what becomes of one of them on each node. */
export interface Explained {
  /** namespace/name of each of them; when a workload lacks nothing, namespace/name of the workload. */
  readonly pods: readonly string[];
  /** The framework that they belong to: gsp/namespace/name, tj/namespace/name, statefulset.apps/namespace/name. */
  readonly workload: string | undefined;
  /** Whether they wait for a node. */
  readonly waiting: boolean;
  /** Where the Pod is bound to; it is explained as if it were not there. */
  readonly node: string | undefined;
  /** What still keeps the workload waiting after a cycle, of all layers; undefined when nothing does. */
  readonly held: Explanation | undefined;
  /** Fields that are not honoured. What they ask for is not known, so that no node is said to fit. */
  readonly unsupported: readonly string[];
  /** What was not looked at, since it was not read. */
  readonly unknown: readonly string[];
  /** What one of them asks for, as quantities. */
  readonly needs: Readonly<Record<string, string>>;
  /** Number of host ports that one of them takes. */
  readonly hostPorts: number;
  /** Names of the nodes where one of them could live now. */
  readonly fits: readonly string[];
  /** By the name of the node. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

/** How to explain. */
export interface ExplainOptions extends Circumstances {
  /** What to explain; everything that waits when left out. */
  readonly targets?: readonly Target[];
  /** Times the cycle. */
  readonly clock: Clock;
}

/** A cluster that was read, and the cycle that the operator would run on it. */
interface Picture {
  readonly cluster: ClusterObjects;
  readonly inputs: ClusterInputs;
  readonly cycle: CycleResult;
  readonly outcomes: readonly FrameworkOutcome[];
}

/**
 * Explains where tasks could live and why not elsewhere: any Pod of a cluster, and the tasks that pools and jobs lack.
 * What is told of a node is what placement goes by; each entry is made when it is asked for.
 * @throws DumpError when a target is not there
 */
export function* explain(cluster: ClusterObjects, options: ExplainOptions): Generator<Explained> {
  const inputs = inputsOf(cluster, options);
  const cycle = runCycle(inputs, options.clock);
  const picture = {
    cluster,
    inputs,
    cycle,
    outcomes: outcomes(cycle.snapshot, cycle.matrices, cycle.allocation),
  };
  if (options.targets === undefined) {
    yield* waitingWorkloads(picture);
    yield* waitingPods(picture);
    return;
  }
  for (const target of options.targets) {
    const key = targetKey(cluster, target);
    if (target.kind === 'pod') yield onePod(picture, key);
    else yield* oneWorkload(picture, `${target.kind}/${key}`);
  }
}

function* waitingWorkloads(picture: Picture): Generator<Explained> {
  for (const outcome of picture.outcomes) {
    const { classes, backingOff } = outcome.framework;
    const lacking = classes.filter(({ pending }) => pending.length > 0);
    const shown = lacking.length === 0 && backingOff > 0 ? classes : lacking;
    for (const demandClass of shown) yield ofClass(picture, outcome, demandClass);
  }
}

function* oneWorkload(picture: Picture, id: string): Generator<Explained> {
  for (const outcome of picture.outcomes) {
    if (outcome.framework.id !== id) continue;
    for (const demandClass of outcome.framework.classes) yield ofClass(picture, outcome, demandClass);
  }
}

function ofClass({ cycle }: Picture, outcome: FrameworkOutcome, demandClass: DemandClass): Explained {
  const { framework } = outcome;
  const { namespace } = framework.metadata;
  const waiting = demandClass.pending.length > 0;
  return {
    pods: waiting ? Array.from(demandClass.pending, ({ name }) => `${namespace}/${name}`) : [framework.key],
    workload: shownId(framework.id),
    waiting,
    node: undefined,
    held: heldBy(outcome, demandClass),
    ...judge(cycle.snapshot, demandClass),
  };
}

/** What holds a class: the layer that the cycle found, or back-offs that nobody has to mend. */
function heldBy(
  { framework, waits, held: first }: FrameworkOutcome,
  demandClass: DemandClass,
): Explanation | undefined {
  const held = waits.length > 0 ? waits.find((each) => each.demandClass === demandClass)?.held : first;
  if (held !== undefined || framework.backingOff === 0) return held;
  const message = `${framework.backingOff} of its tasks wait for their back-off after failures`;
  return { reason: REASON.backoff, message };
}

/** Pods that wait and that a framework of the cycle has not shown. Those that are alike are judged once. */
function* waitingPods({ cluster, inputs, cycle }: Picture): Generator<Explained> {
  const groups = new Map<string, { readonly demandClass: DemandClass; readonly pods: PodFacts[] }>();
  const theirs = cycle.snapshot.frameworks.filter(({ kind }) => kind === 'Pods');
  const classes = theirs.flatMap((framework) => framework.classes);
  const shown = new Set(classes.flatMap(({ pending }) => Array.from(pending, ({ pod }) => pod)));
  const waiting = inputs.pods.filter(
    (pod) => pod.node === undefined && !pod.terminal && !pod.deleting && !shown.has(pod),
  );
  for (const facts of waiting.sort((a, b) => (a.key < b.key ? -1 : 1))) {
    const reading = readPod(cluster.pods.get(facts.key)!.object);
    const demandClass = podClass(reading, facts, cycle.snapshot);
    const key = alikeKey(reading.pod, facts, demandClass);
    const group = groups.get(key);
    if (group) group.pods.push(facts);
    else groups.set(key, { demandClass, pods: [facts] });
  }
  for (const { demandClass, pods } of groups.values()) yield ofPods(cycle.snapshot, demandClass, pods);
}

/** One Pod. If it is bound it is explained as if it were not there, its own room given back. */
function onePod({ cluster, inputs, cycle, outcomes: all }: Picture, key: string): Explained {
  const reading = readPod(cluster.pods.get(key)!.object);
  const facts = inputs.pods.find((each) => each.key === key)!;
  const others = { ...inputs, pods: inputs.pods.filter((each) => each !== facts) };
  const snapshot = facts.node === undefined ? cycle.snapshot : buildSnapshot(others);
  const waits = all
    .flatMap((outcome) => outcome.waits)
    .find(({ demandClass: c }) => waitsIn(cycle.snapshot, c, facts));
  const explained = ofPods(snapshot, podClass(reading, facts, snapshot), [facts]);
  return waits ? { ...explained, held: waits.held } : explained;
}

/** Whether a Pod that exists is one of those that wait in a class. */
const waitsIn = ({ frameworks }: Snapshot, { framework, pending }: DemandClass, facts: PodFacts): boolean =>
  frameworks[framework]!.kind === 'Pods' && [...pending].some(({ pod }) => pod === facts);

function ofPods(snapshot: Snapshot, demandClass: DemandClass, pods: readonly PodFacts[]): Explained {
  const { node, terminal, deleting } = pods[0]!;
  const workload = snapshot.frameworks[demandClass.framework];
  return {
    pods: pods.map(({ key }) => key),
    workload: workload && shownId(workload.id),
    waiting: node === undefined && !terminal && !deleting,
    node,
    held: undefined,
    ...judge(snapshot, demandClass),
  };
}

/** What becomes of one task of a class on each node. */
function judge(snapshot: Snapshot, demandClass: DemandClass) {
  const { demand, unsupported, fixedPorts, dynamicPorts } = demandClass.shape;
  const matrices = buildMatrices(snapshot, [demandClass]);
  const unknown = unsupported.map((field) => `${field} is not supported`);
  const verdicts = new Map<string, Verdict>();
  const causeOf = (i: number): string => faultCell(snapshot, matrices, i).cause ?? '';
  verdictsOf(snapshot, matrices, 0, causeOf).forEach((verdict, i) => {
    const { name } = snapshot.agents[i]!;
    if (unknown.length === 0) verdicts.set(name, verdict);
    else verdicts.set(name, { ...verdict, fits: false, reasons: [...verdict.reasons, ...unknown] });
  });
  return {
    unsupported,
    unknown: matrices.volumes?.unknown(0) ?? [],
    needs: Object.fromEntries(Object.entries(demand).map(([name, n]) => [name, formatAmount(name, n)])),
    hostPorts: fixedPorts.length + dynamicPorts.length,
    fits: [...verdicts].filter(([, { fits }]) => fits).map(([name]) => name),
    verdicts,
  };
}
