import { CONDITION, REASON } from '../api/conditions.ts';
import type { JobQueue } from '../api/job/queue.ts';
import { JOB_CONDITION } from '../api/job/reasons.ts';
import { runCycle, type CycleResult } from '../controllers/cycle.ts';
import type { Clock } from '../lib/clock.ts';
import { buildMatrices } from '../matrix/matrices.ts';
import { verdictsOf, type Verdict } from '../matrix/verdict.ts';
import { outcomes, type FrameworkOutcome } from '../plan/outcome.ts';
import { toldQueue } from '../plan/queue.ts';
import { faultCell } from '../views/matrices.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { buildSnapshot } from '../world/world.ts';
import { shownId } from '../snapshot/framework-id.ts';
import type { DemandClass, Framework } from '../snapshot/framework.ts';
import type { Pod } from '../snapshot/reading/objects.ts';
import { readPod } from '../snapshot/reading/pod.ts';
import { formatAmount } from '../snapshot/resources.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { Workload } from '../snapshot/workload.ts';
import { inputsOf, type Circumstances, type ClusterInputs } from './inputs.ts';
import type { ClusterObjects } from './objects.ts';
import { alikeKey, podClass } from './pod-class.ts';
import { findTarget, type Target } from './target.ts';
import { DRIVERS } from '../frameworks/drivers.ts';

/** What keeps tasks waiting. */
interface Held {
  /** One of Proffer's, or in a status that another scheduler wrote one of its own. */
  readonly reason: string;
  readonly message: string;
}

/** Tasks that are alike, and what becomes of one of them on each node. */
export interface Explained {
  /** namespace/name of each of them; when a workload lacks nothing, namespace/name of the workload. */
  readonly pods: readonly string[];
  /** The framework that they belong to: gsp/namespace/name, tj/namespace/name, statefulset.apps/namespace/name. */
  readonly workload: string | undefined;
  /** Whether they wait for a node. */
  readonly waiting: boolean;
  /** What a workload does that waits for no node, for people: lacks nothing, backs off until a time. Empty for Pods. */
  readonly standing: string;
  /** Where the Pod is bound to; it is explained as if it were not there. */
  readonly node: string | undefined;
  /** What still keeps the workload waiting after a cycle, of all layers; undefined when nothing does. */
  readonly held: Held | undefined;
  /** Its place in the line of its role, and when it is expected to start; undefined for those that are no gang, or do not wait. */
  readonly queue: JobQueue | undefined;
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
  /** Nodes were not the user's to list: what holds a task is what its status says. */
  readonly blind?: boolean;
  /** Times the cycle. */
  readonly clock: Clock;
}

/** A cluster that was read, and the cycle that the operator would run on it. */
interface Picture {
  readonly cluster: ClusterObjects;
  readonly inputs: ClusterInputs;
  readonly cycle: CycleResult;
  readonly outcomes: readonly FrameworkOutcome[];
  readonly blind: boolean;
}

/**
 * Explains where tasks could live and why not elsewhere: any Pod of a cluster, and the tasks that pools and jobs lack.
 * What is told of a node is what placement goes by; each entry is made when it is asked for.
 * @throws DumpError when a target is not there
 */
export function* explain(cluster: ClusterObjects, options: ExplainOptions): Generator<Explained> {
  const { blind = false, targets, clock } = options;
  const inputs = inputsOf(blind ? withNodesOfPods(cluster) : cluster, options);
  const cycle = runCycle(inputs, clock, DRIVERS);
  const picture = {
    cluster,
    inputs,
    cycle,
    outcomes: outcomes(cycle.snapshot, cycle.matrices, cycle.allocation),
    blind,
  };
  for (const explained of targets === undefined ? waiting(picture) : targeted(picture, targets)) {
    yield blind ? { ...explained, fits: [], verdicts: new Map<string, Verdict>() } : explained;
  }
}

/** Nodes that Pods tell of, well and without room: a task on a node that is not there would count as lost. */
function withNodesOfPods(cluster: ClusterObjects): ClusterObjects {
  const names = [...cluster.pods.values()].map(({ object }) => readPod(object).pod.spec.nodeName ?? '');
  const nodes = [...new Set(names)].filter(Boolean).map((name) => {
    const object = { metadata: { name }, status: { conditions: [{ type: 'Ready', status: 'True' }] } };
    return [name, { object, where: `node ${name}` }] as const;
  });
  return { ...cluster, nodes: new Map(nodes) };
}

function* waiting(picture: Picture): Generator<Explained> {
  yield* waitingWorkloads(picture);
  yield* waitingPods(picture);
}

function* targeted(picture: Picture, targets: readonly Target[]): Generator<Explained> {
  const seen = new Set<string | FrameworkOutcome>();
  for (const target of targets) {
    const found = findTarget(picture.cluster, picture.outcomes, target);
    const what = 'pod' in found ? found.pod : found.workload;
    if (seen.has(what)) continue;
    seen.add(what);
    if ('pod' in found) yield onePod(picture, found.pod);
    else yield* oneWorkload(picture, found.workload);
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

function* oneWorkload(picture: Picture, outcome: FrameworkOutcome): Generator<Explained> {
  const { classes, live } = outcome.framework;
  for (const demandClass of classes) yield ofClass(picture, outcome, demandClass);
  // Pods of others are all that is known of their workload.
  if (classes.length === 0) for (const { key } of live) yield onePod(picture, key);
}

function ofClass(picture: Picture, outcome: FrameworkOutcome, demandClass: DemandClass): Explained {
  const { framework } = outcome;
  const { namespace } = framework.metadata;
  const waiting = demandClass.pending.length > 0;
  return {
    pods: waiting ? Array.from(demandClass.pending, ({ name }) => `${namespace}/${name}`) : [framework.key],
    workload: shownId(framework.id),
    waiting,
    standing: standingOf(picture, framework),
    node: undefined,
    held: heldBy(picture, outcome, demandClass),
    queue: picture.blind || !outcome.queue ? undefined : toldQueue(outcome.queue),
    ...judge(picture.cycle.snapshot, demandClass),
  };
}

/** A workload as it was read; undefined for Pods of others. */
const factsOf = ({ inputs }: Picture, framework: Framework): Workload | undefined =>
  inputs.workloads.find(({ names, key }) => names.kind === framework.kind && key === framework.key);

/** What a workload does that waits for no node. */
function standingOf(picture: Picture, framework: Framework): string {
  const { backingOff, exhausted } = framework;
  const isSo = factsOf(picture, framework)?.status.conditions?.filter(({ status }) => status === 'True');
  const ended = isSo?.find(({ type }) => type === CONDITION.complete || type === CONDITION.failed);
  if (exhausted || ended?.type === CONDITION.failed) return 'has failed for good';
  if (ended) return 'has done its work';
  if (isSo?.some(({ type }) => type === JOB_CONDITION.suspended)) return 'is suspended';
  return backingOff > 0 ? 'backs off' : 'lacks nothing';
}

/**
 * What holds a class: what the API server refused, as far as the status of a pool or job tells of it; else the layer
 * that the cycle found, and back-offs.
 */
function heldBy(
  picture: Picture,
  { framework, waits, held: first }: FrameworkOutcome,
  demandClass: DemandClass,
): Held | undefined {
  const { conditions = [] } = factsOf(picture, framework)?.status ?? {};
  const said =
    conditions.find(({ reason }) => reason === REASON.api) ??
    (picture.blind ? conditions.find((c) => c.type === CONDITION.placed && c.status === 'False') : undefined);
  if (said) return saidOf(said);
  // Without nodes the cycle finds room nowhere, which says nothing.
  if (picture.blind) return undefined;
  const held = waits.length > 0 ? waits.find((each) => each.demandClass === demandClass)?.held : first;
  if (framework.backingOff === 0) return held;
  const message = `${framework.backingOff} of its tasks back off: ${framework.failed}`;
  return held ? { ...held, message: `${held.message}; ${message}` } : { reason: REASON.backoff, message };
}

/** What a status says of what holds a task. The operator, or whoever schedules the Pod, wrote it. */
const saidOf = ({ reason, message }: Held): Held => ({
  reason,
  message: `its status says: ${message}`,
});

/** What the status of a Pod says of its way to a node; undefined when it has one, or nobody has written of it. */
function scheduledOf({ status }: Pod): Held | undefined {
  const found = status?.conditions?.find((c) => c.type === 'PodScheduled' && c.status === 'False');
  return found && saidOf({ reason: found.reason ?? '', message: found.message ?? '' });
}

/** Pods that wait and that a framework of the cycle has not shown. Those that are alike are judged once. */
function* waitingPods({ cluster, inputs, cycle, blind }: Picture): Generator<Explained> {
  const groups = new Map<string, { readonly demandClass: DemandClass; readonly pods: PodFacts[] }>();
  const theirs = cycle.snapshot.frameworks.filter(({ makesPods }) => !makesPods);
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
  for (const { demandClass, pods } of groups.values()) {
    const held = blind ? scheduledOf(readPod(cluster.pods.get(pods[0]!.key)!.object).pod) : undefined;
    yield { ...ofPods(cycle.snapshot, demandClass, pods), held };
  }
}

/** One Pod. If it is bound it is explained as if it were not there, its own room given back. */
function onePod({ cluster, inputs, cycle, outcomes: all, blind }: Picture, key: string): Explained {
  const reading = readPod(cluster.pods.get(key)!.object);
  const facts = inputs.pods.find((each) => each.key === key)!;
  const others = { ...inputs, pods: inputs.pods.filter((each) => each !== facts) };
  const snapshot = facts.node === undefined ? cycle.snapshot : buildSnapshot(others, DRIVERS);
  const waits = all
    .flatMap((outcome) => outcome.waits)
    .find(({ demandClass: c }) => waitsIn(cycle.snapshot, c, facts));
  const explained = ofPods(snapshot, podClass(reading, facts, snapshot), [facts]);
  if (blind) return { ...explained, held: scheduledOf(reading.pod) ?? explained.held };
  return waits ? { ...explained, held: waits.held } : explained;
}

/** Whether a Pod that exists is one of those that wait in a class. */
const waitsIn = ({ frameworks }: Snapshot, { framework, pending }: DemandClass, facts: PodFacts): boolean =>
  !frameworks[framework]!.makesPods && [...pending].some(({ pod }) => pod === facts);

function ofPods(snapshot: Snapshot, demandClass: DemandClass, pods: readonly PodFacts[]): Explained {
  const { node, terminal, deleting } = pods[0]!;
  const workload = snapshot.frameworks[demandClass.framework];
  return {
    pods: pods.map(({ key }) => key),
    workload: workload && shownId(workload.id),
    waiting: node === undefined && !terminal && !deleting,
    standing: '',
    node,
    held: undefined,
    queue: undefined,
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
