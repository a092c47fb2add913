import { REASON } from '../api/conditions.ts';
import type { AssumedPods } from '../kube/assumed.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Launcher, LauncherOptions } from '../kube/launch.ts';
import type { Outcome } from '../kube/outcome.ts';
import type { Reflector } from '../kube/reflector.ts';
import type { Log } from '../kube/types.ts';
import { listed } from '../lib/bounded-text.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Command } from '../plan/command.ts';
import type { Inspect, LastCycle } from '../server/inspect.ts';
import type { Metrics } from '../server/metrics.ts';
import { OfferLog } from '../server/offer-log.ts';
import { Avoidance } from '../recovery/avoidance.ts';
import type { Signal } from '../recovery/signal.ts';
import { admissionKey } from '../snapshot/admitted.ts';
import { buildSnapshot, type Inputs, type Snapshot } from '../snapshot/build.ts';
import { failureOf } from '../snapshot/class.ts';
import { jobId, poolId } from '../snapshot/framework-id.ts';
import type { FrameworkRef, Hold } from '../snapshot/framework.ts';
import type { Meta } from '../snapshot/objects.ts';
import type { PortRange } from '../snapshot/ports.ts';
import type { PodFacts } from '../snapshot/task.ts';
import {
  announce,
  announceEnd,
  announceRoom,
  announceWaiting,
  podSubject,
  workloadSubject,
} from './announce.ts';
import { runCycle, type CycleResult } from './cycle.ts';
import { FailingCycles } from './failing-cycles.ts';
import { GiveWayMemory } from './give-way-memory.ts';
import type { NodeMonitor } from './node-monitor.ts';
import { OnceLater } from './once-later.ts';
import { Quarantine, type Suspect } from './quarantine.ts';
import { recordCycle, type Record } from './record.ts';
import { changesDecisions } from './relevance.ts';
import { Refusals } from './refusals.ts';
import { SilentWatch } from './silent-watch.ts';
import type { StatusWriter } from './status-writer.ts';
import { storageInputs, type Stores } from './stores.ts';

/** Changes that come within this time of each other share a cycle, ms. */
const COALESCE_MS = 20;
/** After a cycle that took t, changes are collected for this many t: a storm of events costs a part of a core, not all. */
const REST = 4;
/** Statuses are derived at most this often, ms; the writer itself keeps a second per object. */
const RECORD_MS = 250;
/** Longest time between two looks at the agents' signs of life, ms. */
const MONITOR_MS = 500;
/** How long after a write that met a newer state the next cycle runs, ms: the watch is to bring that state first. */
const STALE_MS = 200;
/** Offers of past cycles that are kept for people. */
const KEPT_OFFERS = 1000;

/** How long the end of the process waits for answers to writes in flight, ms. */
const DRAIN_MS = 5000;

export interface PlacementOptions {
  readonly stores: Stores;
  readonly assumed: AssumedPods;
  readonly monitor: NodeMonitor;
  readonly statuses: StatusWriter;
  readonly events: EventRecorder;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
  readonly hostPorts: PortRange;
  /** Longest time between two cycles while tasks wait, ms. */
  readonly intervalMs: number;
  /** True while this process leads and its view of the Pods is as new as its leadership. */
  readonly mayDecide: () => boolean;
  /** What keeps the store of Pods. */
  readonly podMirror: Pick<Reflector<PodFacts>, 'resourceVersion' | 'lastEventAt' | 'resync'>;
  readonly makeLauncher: (
    listeners: Pick<LauncherOptions, 'onOutcome' | 'onTrouble' | 'onLearned'>,
  ) => Launcher;
}

/** The placement loop: runs a cycle when something changed, and at each interval while something waits. */
export class Placement implements Inspect {
  readonly #options: PlacementOptions;
  readonly #launcher: Launcher;
  readonly #refusals = new Refusals();
  /** Frameworks whose Pods admission makes otherwise than before: each time they wait longer, lest a whim is a hot loop. */
  readonly #changes = new Refusals('admission makes its Pods otherwise than before, they are placed anew');
  readonly #giving = new GiveWayMemory();
  readonly #avoidance = new Avoidance();
  readonly #quarantine: Quarantine;
  readonly #silentWatch: SilentWatch;
  /** Runs a cycle when the watch has had the time to bring what a write of ours met. */
  readonly #lookAgain: OnceLater;
  readonly #recovered = new Map<string, number>();
  readonly #offers = new OfferLog(KEPT_OFFERS);
  #last: { readonly result: CycleResult; readonly durationMs: number } | undefined;
  #recordedAt = Number.NEGATIVE_INFINITY;
  /** Monotonic time before which no further cycle runs. */
  #restUntil = 0;
  #unrecorded: CycleResult | undefined;
  readonly #failing = new FailingCycles();
  #dirty = true;
  /** Something changed while we might not decide. */
  #missed = false;
  #wake: AbortController = new AbortController();
  #term = new AbortController();

  constructor(options: PlacementOptions) {
    this.#options = options;
    this.#lookAgain = new OnceLater(options.clock, STALE_MS, () => this.trigger());
    const { log, metrics } = options;
    this.#quarantine = new Quarantine(({ id }, error) => {
      metrics.quarantined();
      log.error(
        { framework: id, ...traceOf(error) },
        'a cycle fails with this framework, it is left as it is',
      );
    });
    this.#silentWatch = new SilentWatch({ ...options, mirror: options.podMirror });
    this.#launcher = options.makeLauncher({
      onOutcome: (command, outcome) => this.#settled(command, outcome),
      onTrouble: () => this.trigger(),
      onLearned: ({ id }, changes) => {
        const what = changes?.length ? listed(changes) : 'nothing any more';
        if (changes) this.#changes.refused(id, `it changes ${what}`, options.clock.now());
        this.trigger();
      },
    });
    const { pods, pools, jobs, storage, ...others } = options.stores;
    pods.subscribe(({ type, object, old }) => {
      const before = options.assumed.asDecided(object.key, old);
      options.assumed.seen(object, type === 'deleted');
      const after = type === 'deleted' ? undefined : object;
      const failure = after && failureOf(after);
      // Told once for each Pod.
      if (failure && !(old?.uid === object.uid && failureOf(old))) this.#avoidance.failed(failure);
      if (changesDecisions(type === 'deleted' ? object : before, after, this.#waiting())) this.trigger();
    });
    pools.subscribe(({ type, object, old }) => this.#workloadChanged(type, poolId(object.key), object, old));
    jobs.subscribe(({ type, object, old }) => {
      this.#workloadChanged(type, jobId(object.key), object, old);
      // The Pods of a job go when its status says that it ended.
      if (old && object.status.phase !== old.status.phase) this.trigger();
    });
    for (const store of Object.values(others)) store.subscribe(() => this.trigger());
    // Volumes matter to Pods that wait for a node, and to nobody else.
    for (const store of Object.values(storage)) store.subscribe(() => this.#waiting() && this.trigger());
  }

  /** Something changed: a cycle is due. */
  trigger(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.#wake.abort();
  }

  /** Leadership ended: nothing decided in it is carried on. */
  stop(): void {
    this.#term.abort();
    this.#term = new AbortController();
    this.#launcher.abort();
    this.#unrecorded = undefined;
    this.#failing.passed();
    this.#recovered.clear();
    this.#giving.clear();
  }

  /** The cluster as it is now, with what the last cycle took; undefined before the first cycle. */
  latest(): LastCycle | undefined {
    if (!this.#last) return undefined;
    const at = this.#options.clock.now();
    const { durationMs } = this.#last;
    return { snapshot: buildSnapshot(this.#inputs(at)), offers: this.#offers.entries, at, durationMs };
  }

  leader(): boolean {
    return this.#options.mayDecide();
  }

  /** Why this process does not do its work; undefined while it does. */
  trouble(): string | undefined {
    return this.#failing.trouble(this.#options.clock.monotonic());
  }

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs, mayDecide, log } = this.#options;
    signal.addEventListener('abort', () => this.#wake.abort(), { once: true });
    while (!signal.aborted) {
      if (!this.#dirty) {
        this.#wake = new AbortController();
        const idleMs = Math.min(intervalMs, MONITOR_MS);
        await clock.sleep(this.#unrecorded ? RECORD_MS : idleMs, this.#wake.signal);
      }
      if (this.#dirty) await clock.sleep(Math.max(COALESCE_MS, this.#restUntil - clock.monotonic()), signal);
      if (signal.aborted) break;
      try {
        const due = this.#assess() || this.#due();
        if (!mayDecide()) {
          // Kept for when we may again, which nobody may tell us: a lease that lapsed for a moment, a last cache that
          // synced without bringing an object.
          this.#missed = true;
          this.#dirty = false;
          continue;
        }
        this.#silentWatch.check();
        if (this.#dirty || this.#missed || due) this.#cycle();
        this.#record();
        this.#failing.passed();
      } catch (error) {
        if (this.#failing.failed(clock.monotonic()))
          log.error(traceOf(error), 'cycle failed, and is tried again and again');
        this.#options.metrics.cycleFailed();
        await clock.sleep(intervalMs, signal);
        this.#dirty = true;
      }
    }
    await this.#launcher.drain(DRAIN_MS);
    this.stop();
  }

  /** Looks at the agents' signs of life, and says so when they are not to be trusted. */
  #assess(): boolean {
    const { monitor, log } = this.#options;
    const { suspended } = monitor;
    const changed = monitor.assess();
    for (const { node, fit, cause } of monitor.transitions) {
      if (fit) log.info({ node }, 'node is well again');
      else log.warn({ node, cause }, 'node is unfit');
    }
    if (monitor.suspended && !suspended) log.warn({}, 'most nodes are silent at once, no task is given up');
    if (!monitor.suspended && suspended) log.info({}, 'most nodes are heard again');
    return changed;
  }

  /** Something happens by itself now: a back-off or a hold ends, or tasks wait for another try. */
  #due(): boolean {
    const now = this.#options.clock.now();
    const last = this.#last?.result;
    return last !== undefined && (this.#waiting() || last.wakeAt <= now || this.#holdEndedAt(last, now));
  }

  #holdEndedAt(last: CycleResult, now: number): boolean {
    const holds = this.#holds(now);
    const passes: readonly (string | undefined)[] = [REASON.api, REASON.gaveWay];
    return last.snapshot.frameworks.some((f) => passes.includes(f.hold?.reason) && !holds.has(f.id));
  }

  #cycle(): void {
    const { assumed, clock, podMirror, metrics } = this.#options;
    this.#dirty = false;
    this.#missed = false;
    const now = clock.now();
    const start = clock.monotonic();
    assumed.expire(podMirror.resourceVersion);
    const result = this.#quarantine.run(
      (leftOut) => runCycle(this.#inputs(now, leftOut), clock),
      () => this.#suspects(),
      now,
    );
    this.#launcher.submit(result.commands);
    this.#launcher.keepAdmitted(classKeys(result.snapshot));
    const evictions = result.commands.filter((command) => command.kind === 'evict');
    this.#giving.decided(result.snapshot, result.allocation, evictions);
    const { offers } = result.allocation;
    this.#offers.record(offers, result.snapshot);
    const durationMs = clock.monotonic() - start;
    this.#last = { result, durationMs };
    this.#restUntil = clock.monotonic() + REST * durationMs;
    this.#unrecorded = result;
    metrics.cycle(result.phases, durationMs);
    const accepted = offers.filter((o) => o.answer === 'accepted').length;
    metrics.offers(accepted, offers.length - accepted);
  }

  #waiting(): boolean {
    return (this.#last?.result.waiting ?? 0) > 0;
  }

  /** Every framework that there is. */
  #suspects(): Suspect[] {
    const { pools, jobs, pods } = this.#options.stores;
    const ids = new Map<string, string>();
    const namespaceOf = ({ metadata }: { readonly metadata: Meta }) => metadata.namespace ?? '';
    for (const pool of pools.values()) ids.set(poolId(pool.key), namespaceOf(pool));
    for (const job of jobs.values()) ids.set(jobId(job.key), namespaceOf(job));
    for (const { customer, namespace } of pods.values())
      if (customer) ids.set(customer.framework.id, namespace);
    return Array.from(ids, ([id, namespace]) => ({ id, namespace }));
  }

  /** @param leftOut frameworks that nothing is decided for, by id */
  #inputs(now: number, leftOut: ReadonlyMap<string, Hold> = this.#quarantine.holds(now)): Inputs {
    const { stores, assumed, monitor, hostPorts } = this.#options;
    return {
      now,
      agents: stores.nodes.values(),
      pods: assumed.overlay(stores.pods.values()),
      pools: stores.pools.values(),
      jobs: stores.jobs.values(),
      roles: stores.roles.values(),
      namespaces: stores.namespaces.values(),
      services: stores.services.values(),
      priorityClasses: stores.priorityClasses.values(),
      runtimeClasses: stores.runtimeClasses.values(),
      storage: storageInputs(stores.storage),
      health: monitor.health,
      holds: new Map([...this.#holds(now), ...leftOut]),
      hostPorts,
      avoidance: this.#avoidance,
      preemption: this.#giving.memory,
      admitted: this.#launcher.admitted(),
    };
  }

  /** Frameworks that take no offers, since the API server refuses their Pods or does not take them, or they gave way. */
  #holds(now: number): Map<string, Hold> {
    const holds = new Map([
      ...this.#giving.holds(now),
      ...this.#changes.holds(now),
      ...this.#refusals.holds(now),
    ]);
    for (const [id, said] of this.#launcher.troubles()) {
      const message = `the API server does not take a Pod, which is tried again and again: ${said}`;
      holds.set(id, { reason: REASON.api, message, holdsLaunched: true });
    }
    return holds;
  }

  #record(): void {
    const { clock, metrics, statuses, stores } = this.#options;
    const result = this.#unrecorded;
    if (!result || clock.monotonic() - this.#recordedAt < RECORD_MS) return;
    this.#unrecorded = undefined;
    this.#recordedAt = clock.monotonic();
    const now = clock.now();
    // Until the Pod that is tried after a refusal has its answer, or fails for long, there is nothing new to say.
    const troubles = this.#launcher.troubles();
    const silent = (id: string) => this.#refusals.probing(id, now) && !troubles.has(id);
    const derive = (from: CycleResult) =>
      recordCycle(from, stores, this.#recovered, silent, {
        waits: (waiting) => announceWaiting(this.#options.events, waiting),
        ended: (job, status) => announceEnd(this.#options.events, job, status),
      });
    let record: Record;
    try {
      record = derive(result);
    } catch {
      // Finds out whose fault it is; the next cycle is without them, and is recorded.
      const attempt = (leftOut: ReadonlyMap<string, Hold>) =>
        derive(runCycle(this.#inputs(now, leftOut), clock));
      this.#quarantine.run(attempt, () => this.#suspects(), now);
      return this.trigger();
    }
    statuses.want(record.statuses, this.#term.signal);
    metrics.state(result.snapshot, record.waiting);
    metrics.recorded(clock.monotonic() - this.#recordedAt);
  }

  #workloadChanged(
    type: string,
    id: string,
    object: { readonly metadata: { readonly generation?: number; readonly uid?: string } },
    old: { readonly metadata: { readonly generation?: number } } | undefined,
  ): void {
    if (type === 'deleted') this.#recovered.delete(object.metadata.uid ?? '');
    if (type === 'deleted' || object.metadata.generation !== old?.metadata.generation) {
      this.#refusals.cleared(id);
      this.#quarantine.cleared(id);
      this.#changes.cleared(id);
      this.trigger();
    }
  }

  #settled(command: Command, outcome: Outcome): void {
    const { events, metrics, clock } = this.#options;
    const { id } = command.framework;
    if (command.kind === 'notice')
      this.#giving.told(command.uid, outcome.kind === 'asked' ? command.until : undefined);
    if (command.kind === 'evict') this.#giving.answered(command.uid, outcome.kind === 'evicted');
    switch (outcome.kind) {
      case 'created':
      case 'bound':
        this.#logRecovery(command);
        if (this.#refusals.accepted(id, clock.now())) this.trigger();
        if (command.kind === 'create') metrics.podCreated();
        else metrics.podBound();
        if (command.kind === 'create' && command.after !== undefined)
          this.#countRecovery(command, command.after);
        break;
      case 'deleted':
        if (command.kind === 'delete') metrics.podDeleted(command.reason);
        break;
      case 'evicted':
        metrics.eviction('evicted');
        break;
      case 'told':
      case 'asked':
      case 'rescinded':
        break;
      case 'blocked':
        this.#spared(command, outcome.message);
        metrics.eviction('blocked');
        break;
      case 'refused':
        if (command.kind === 'evict' || command.kind === 'notice') this.#spared(command, outcome.message);
        else this.#refusals.refused(id, outcome.message, clock.now());
        this.trigger();
        break;
      case 'mute':
        this.trigger();
        break;
      case 'claimed':
        // The watch tells when the claim has its volume.
        break;
      case 'stale':
        // What the API server knows better has yet to reach us: asking again at once would get the same answer. And
        // each cycle asks anew for all that is in its way, not for this one alone.
        void this.#lookAgain.ask(this.#term.signal);
        break;
    }
    const subject = this.#subject(command.framework) ?? podOf(command);
    if (subject) announce(events, subject, command, outcome);
    if (command.kind !== 'evict') return;
    const by = this.#subject(command.by) ?? this.#waitingPod(command.by);
    if (by) announceRoom(events, by, command, outcome);
  }

  /** A Pod stays that was to go: another one goes, or it is asked again in a while. */
  #spared(command: Command, message: string): void {
    if (command.kind !== 'evict' && command.kind !== 'notice') return;
    this.#giving.blocked(command.uid, message, this.#options.clock.now());
    this.trigger();
  }

  #logRecovery(command: Command): void {
    if (command.kind !== 'create' || command.after === undefined) return;
    const { metadata, spec } = command.pod;
    const { id } = command.framework;
    const fields = { framework: id, pod: metadata.name, node: spec.nodeName, after: command.after };
    this.#options.log.info(fields, 'task recreated');
  }

  #countRecovery(command: Command, after: Signal): void {
    this.#options.metrics.recovered(after);
    const pool =
      command.framework.kind === 'GameServerPool' && this.#options.stores.pools.get(command.framework.key);
    if (!pool || pool.metadata.uid === undefined) return;
    const before = this.#recovered.get(pool.metadata.uid) ?? pool.status.recovered ?? 0;
    this.#recovered.set(pool.metadata.uid, before + 1);
  }

  /** The first Pod of others that waited in the last cycle; undefined for pools and jobs. */
  #waitingPod({ id }: FrameworkRef): ReturnType<typeof podSubject> | undefined {
    const framework = this.#last?.result.snapshot.frameworks.find((each) => each.id === id);
    const pod = framework?.classes.find(({ pending }) => pending.length > 0)?.pending.at(0)?.pod;
    return pod && podSubject(pod);
  }

  /** The pool or job that events are about; undefined when it is gone, and for Pods of others. */
  #subject({ kind, key }: FrameworkRef): ReturnType<typeof workloadSubject> | undefined {
    const { pools, jobs } = this.#options.stores;
    if (kind === 'Pods') return undefined;
    const workload = kind === 'GameServerPool' ? pools.get(key) : jobs.get(key);
    return workload && workloadSubject(kind, workload.metadata);
  }
}

const traceOf = (error: unknown) => ({
  error: messageOf(error),
  stack: error instanceof Error ? error.stack : '',
});

/** Names of the classes of Pods that we make. */
const classKeys = ({ classes, frameworks }: Snapshot): Set<string> =>
  new Set(
    classes
      .filter(({ shape }) => shape.template)
      .map((c) => admissionKey(frameworks[c.framework]!.metadata, c.group, c.shape)),
  );

/** The Pod that a write is about, when nobody else speaks for it. */
function podOf(command: Command): ReturnType<typeof podSubject> | undefined {
  const { kind, framework } = command;
  if (framework.kind !== 'Pods' || kind === 'create' || kind === 'ask' || kind === 'claim') return undefined;
  return podSubject(command);
}
