import { REASON } from '../api/conditions.ts';
import { formatTime } from '../lib/time.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import type { Clock } from '../lib/clock.ts';
import { SIGNAL_WORDS } from '../recovery/signal.ts';
import { runCycle, type CycleResult } from '../controllers/cycle.ts';
import { isPlacing, REMOVAL_WORDS, type DeleteCommand, type PlacingCommand } from '../plan/command.ts';
import { faultPenalty } from '../matrix/cells/priority.ts';
import { outcomes } from '../plan/outcome.ts';
import { rolesView, type FrameworkView, type RoleView } from '../views/roles.ts';
import { shownId } from '../snapshot/framework-id.ts';
import { inputsOf, type Circumstances } from './inputs.ts';
import type { ClusterObjects } from './objects.ts';

/** A Pod that the operator would create on its node, or bind to it. */
export interface Created {
  /** namespace/name. */
  readonly pod: string;
  readonly node: string;
  /** gsp/namespace/name, tj/namespace/name, statefulset.apps/namespace/name. */
  readonly workload: string;
  readonly hostPorts: readonly number[];
  /** Why there is room to fill: a first task, what ended the one before, or a Pod of others that waits. */
  readonly why: string;
  /** Why it comes when it does: roles by least share, in them the highest priority, then the least share of its own. */
  readonly order: {
    readonly role: string;
    /** Dominant share of the role before the cycle, divided by its weight. */
    readonly roleShare: number;
    readonly priority: number;
    readonly ownShare: number;
  };
  /** Why that node: B and what C takes off it, as the cycle began. */
  readonly score: number;
  readonly penalty: number;
}

/** A claim that the operator would let have its volume, for a task that waits for it. */
export interface Claimed {
  /** namespace/name. */
  readonly claim: string;
  readonly workload: string;
  readonly node: string;
  /** The volume that would be kept for it; left out when its provisioner would be told the node. */
  readonly volume?: string;
}

/** A Pod that the operator would evict for another workload, or ask to go first. */
export interface Evicted {
  readonly pod: string;
  readonly workload: string;
  /** The workload that would get the room. */
  readonly for: string;
  /** When it would be evicted, RFC 3339; left out when at once. */
  readonly notice?: string;
}

/** A Pod that the operator would delete. */
export interface Deleted {
  readonly pod: string;
  readonly workload: string;
  readonly reason: DeleteCommand['reason'];
  readonly why: string;
}

/** A workload with tasks that still wait after the cycle. */
export interface Waiting {
  readonly workload: string;
  readonly tasks: number;
  /** The layer that holds them. */
  readonly reason: string;
  readonly message: string;
}

/** What one cycle would do. */
export interface Replayed {
  /** When it would run, RFC 3339. */
  readonly at: string;
  readonly nodes: number;
  readonly pods: number;
  readonly workloads: number;
  /** In the order in which they would be created, or bound when they exist. */
  readonly created: readonly Created[];
  /** Before the tasks that wait for them. */
  readonly claimed: readonly Claimed[];
  /** Workloads that would decline what they are offered, with their own words. */
  readonly declined: readonly { readonly workload: string; readonly offers: number; readonly why: string }[];
  readonly waiting: readonly Waiting[];
  readonly evicted: readonly Evicted[];
  /** Pods that would be changed in place. */
  readonly changed: readonly { readonly pod: string; readonly workload: string }[];
  /** In the order in which they would be deleted, after all that is created. */
  readonly deleted: readonly Deleted[];
  /** Time that the cycle took, ms. */
  readonly durationMs: number;
}

/** Runs one full cycle, the operator's own, on the objects of a cluster. Nothing is written. */
export function replay(
  cluster: ClusterObjects,
  options: Circumstances & { readonly clock: Clock },
): Replayed {
  const { now, clock } = options;
  const inputs = inputsOf(cluster, options);
  const start = clock.monotonic();
  const result = runCycle(inputs, clock, DRIVERS);
  const durationMs = clock.monotonic() - start;
  return {
    at: formatTime(now),
    nodes: inputs.agents.length,
    pods: inputs.pods.length,
    workloads: result.snapshot.frameworks.length,
    created: created(result),
    claimed: claimed(result),
    declined: declined(result),
    waiting: waiting(result),
    evicted: evicted(result),
    changed: changed(result),
    deleted: deleted(result),
    durationMs,
  };
}

function created({ snapshot, matrices, allocation, commands }: CycleResult): Created[] {
  const standing = new Map<string, { readonly role: RoleView; readonly own: FrameworkView }>();
  for (const role of rolesView(snapshot, { limit: Number.POSITIVE_INFINITY }).roles) {
    for (const own of role.frameworks) standing.set(own.id, { role, own });
  }
  const rowOf = new Map(matrices.classes.map(({ id }, row) => [id, row]));
  const placing = commands.filter(isPlacing);
  // The plan creates and binds in the order of the launches.
  return placing.map((command, i): Created => {
    const { framework } = command;
    const { offer, ports, vacancy } = allocation.launches[i]!;
    const { role, own } = standing.get(shownId(framework.id))!;
    const cell = rowOf.get(offer.demandClass.id)! * matrices.n + offer.agent;
    return {
      pod: `${snapshot.frameworks[offer.framework]!.metadata.namespace}/${vacancy.name}`,
      node: snapshot.agents[offer.agent]!.name,
      workload: shownId(framework.id),
      hostPorts: ports,
      why: whyPlaced(command),
      order: {
        role: role.name,
        roleShare: role.weightedShare,
        priority: own.priority,
        ownShare: own.share,
      },
      score: matrices.b[cell]!,
      penalty: faultPenalty(matrices.c[cell]!),
    };
  });
}

function whyPlaced(command: PlacingCommand): string {
  if (command.kind === 'bind') return 'it exists, and waits for a node';
  const { after } = command;
  return after === undefined ? 'first task of its slot' : `the task before it ${SIGNAL_WORDS[after]}`;
}

const claimed = ({ commands }: CycleResult): Claimed[] =>
  commands
    .filter((command) => command.kind === 'claim')
    .map(({ namespace, name, framework, node, volume }) => ({
      claim: `${namespace}/${name}`,
      workload: shownId(framework.id),
      node,
      ...(volume === undefined ? {} : { volume: volume.name }),
    }));

const evicted = ({ commands }: CycleResult): Evicted[] =>
  commands.flatMap((command): Evicted[] => {
    if (command.kind !== 'evict' && command.kind !== 'notice') return [];
    if (command.by === undefined) return [];
    const { namespace, name, framework, by } = command;
    const notice = command.kind === 'notice' && command.until !== undefined ? formatTime(command.until) : '';
    const victim = { pod: `${namespace}/${name}`, workload: shownId(framework.id), for: shownId(by.id) };
    return [notice === '' ? victim : { ...victim, notice }];
  });

const changed = ({ commands }: CycleResult): Replayed['changed'] =>
  commands
    .filter((command) => command.kind === 'change')
    .map(({ framework, namespace, name }) => ({
      pod: `${namespace}/${name}`,
      workload: shownId(framework.id),
    }));

function declined({ snapshot, allocation }: CycleResult): Replayed['declined'] {
  return [...allocation.declined].map(([index, why]) => ({
    workload: shownId(snapshot.frameworks[index]!.id),
    offers: allocation.offers.filter(
      ({ offer, answer }) => offer.framework === index && answer === 'declined',
    ).length,
    why,
  }));
}

function waiting({ snapshot, matrices, allocation }: CycleResult): Waiting[] {
  return outcomes(snapshot, matrices, allocation).flatMap((outcome): Waiting[] => {
    const { backingOff } = outcome.framework;
    const id = shownId(outcome.framework.id);
    const waits = [
      ...outcome.waits,
      ...(outcome.held ? [{ held: outcome.held, tasks: outcome.untaken }] : []),
    ];
    const held = Array.from(
      Map.groupBy(waits, ({ held: { reason, message } }) => `${reason} ${message}`).values(),
      (alike): Waiting => ({
        workload: id,
        tasks: alike.reduce((sum, { tasks }) => sum + tasks, 0),
        reason: alike[0]!.held.reason,
        message: alike[0]!.held.message,
      }),
    );
    if (backingOff === 0) return held;
    const message = 'failed, and the back-off has not run out';
    return [...held, { workload: id, tasks: backingOff, reason: REASON.backoff, message }];
  });
}

const deleted = ({ commands }: CycleResult): Deleted[] =>
  commands
    .filter((command) => command.kind === 'delete')
    .map(({ framework, namespace, name, reason, signal }) => ({
      pod: `${namespace}/${name}`,
      workload: shownId(framework.id),
      reason,
      why: deletionWords(reason, signal),
    }));

function deletionWords(reason: DeleteCommand['reason'], signal: DeleteCommand['signal']): string {
  if (reason !== 'Replaced') return REMOVAL_WORDS[reason];
  return signal === undefined
    ? 'another took its slot'
    : `it ${SIGNAL_WORDS[signal]}, and its slot is seen to`;
}
