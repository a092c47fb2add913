import { REASON } from '../api/conditions.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Reflector } from '../kube/reflector.ts';
import type { Log } from '../kube/types.ts';
import type { Drivers } from '../frameworks/common/driver.ts';
import { listed } from '../lib/bounded-text.ts';
import type { Clock } from '../lib/clock.ts';
import { traceOf } from '../lib/errors.ts';
import { inSlices } from '../lib/steps.ts';
import { KeptRows } from '../matrix/kept-rows.ts';
import { admissionKey } from '../snapshot/admitted.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Surroundings } from '../world/inputs.ts';
import { World } from '../world/world.ts';
import { failureOf } from '../snapshot/class.ts';
import { workloadId } from '../snapshot/framework-id.ts';
import type { Hold } from '../snapshot/hold.ts';
import type { PortRanges } from '../snapshot/port-ranges.ts';
import type { Meta } from '../snapshot/reading/objects.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { Counts } from '../views/counts.ts';
import type { AssumedPods } from '../writes/assumed.ts';
import type { Launcher, LauncherOptions } from '../writes/launcher.ts';
import { announceNews, announceWaiting } from './announce.ts';
import { decide, type CycleResult } from './cycle.ts';
import { FailingCycles } from './failing-cycles.ts';
import { LastCycleKeeper } from './last-cycle.ts';
import { Memory } from './memory.ts';
import type { NodeMonitor } from './node-monitor.ts';
import { OnceLater } from './once-later.ts';
import { PodFeed } from './pod-feed.ts';
import { Quarantine, type Attempt } from './quarantine.ts';
import { recordCycle, type Amend, type CycleRecord, type RecordListeners } from './record.ts';
import { Sayings } from './sayings.ts';
import { changesDecisions, changesSums } from './relevance.ts';
import { Settling } from './settle.ts';
import { SilentWatch } from './silent-watch.ts';
import type { StatusWriter } from './status-writer.ts';
import { storeInputs, suspectsIn, type Stores } from './stores.ts';

/** Changes that come within this time of each other share a cycle, ms. */
const COALESCE_MS = 20;
/** After a cycle that took t, changes are collected for this many t: a storm of events costs a part of a core, not all. */
const REST = 4;
/** Shortest time between two looks at what happens while others decide, or before the first list is whole, ms. */
const FOLLOW_MS = 100;
/** Statuses are derived at most this often, ms; the writer itself keeps a second per object. */
const RECORD_MS = 250;
/** Longest time between two looks at the agents' signs of life, ms. */
const MONITOR_MS = 500;
/** How long after a write that met a newer state the next cycle runs, ms: the watch is to bring that state first. */
const STALE_MS = 200;
/** How long after a change that statuses alone tell of the next cycle runs, ms: players come and go all the time. */
const SUMS_MS = 1000;
/** How long the end of the process waits for answers to writes in flight, ms. */
const DRAIN_MS = 5000;

export interface PlacementOptions {
  readonly drivers: Drivers;
  readonly stores: Stores;
  readonly assumed: AssumedPods;
  readonly monitor: Pick<NodeMonitor, 'assess' | 'health' | 'suspended' | 'transitions'>;
  readonly statuses: Pick<StatusWriter, 'want'>;
  readonly amend: Amend;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly counts: Counts;
  readonly clock: Clock;
  readonly log: Log;
  readonly hostPorts: PortRanges;
  /** Longest time between two cycles while tasks wait, ms. */
  readonly intervalMs: number;
  /** True while this process leads and its view of the Pods is as new as its leadership. */
  readonly mayDecide: () => boolean;
  /** What keeps the store of Pods. */
  readonly podMirror: Pick<Reflector<PodFacts>, 'resourceVersion' | 'lastEventAt' | 'resync'>;
  readonly makeLauncher: (
    listeners: Pick<LauncherOptions, 'onOutcome' | 'onTrouble' | 'onLearned'>,
  ) => Writes;
}

/** What carries plans out. */
export type Writes = Pick<Launcher, 'submit' | 'admitted' | 'keepAdmitted' | 'troubles' | 'abort' | 'drain'>;

/** The placement loop: runs a cycle when something changed, and at each interval while something waits. */
export class Placement {
  /** What the last cycle saw, for people. */
  readonly inspect: LastCycleKeeper;
  readonly #options: PlacementOptions;
  readonly #launcher: Writes;
  readonly #memory: Memory;
  readonly #world: World;
  readonly #rows = new KeptRows();
  readonly #sayings = new Sayings();
  readonly #feed: PodFeed;
  readonly #silentWatch: SilentWatch;
  /** Monotonic time before which no statuses are derived. */
  #recordAfter = Number.NEGATIVE_INFINITY;
  /** Monotonic time before which no further cycle runs. */
  #restUntil = 0;
  #unrecorded: CycleResult | undefined;
  readonly #failing = new FailingCycles();
  #dirty = true;
  readonly #sumLater: OnceLater;
  /** Something changed while we might not decide. */
  #missed = false;
  #wake: AbortController = new AbortController();
  #term = new AbortController();

  constructor(options: PlacementOptions) {
    this.#options = options;
    const { log, counts, clock, mayDecide } = options;
    this.inspect = new LastCycleKeeper(mayDecide);
    this.#world = new World(options.drivers);
    this.#feed = new PodFeed(options.stores.pods, options.assumed, this.#world.ledger);
    this.#memory = new Memory(
      new Quarantine(({ id }, error) => {
        counts.add('quarantined', {});
        log.error(
          { framework: id, ...traceOf(error) },
          'a cycle fails with this framework, it is left as it is',
        );
      }),
    );
    this.#silentWatch = new SilentWatch({ ...options, mirror: options.podMirror });
    const lookAgain = new OnceLater(clock, STALE_MS, () => this.trigger());
    this.#sumLater = new OnceLater(clock, SUMS_MS, () => this.trigger());
    const settling = new Settling({
      ...options,
      memory: this.#memory,
      again: { now: () => this.trigger(), later: () => void lookAgain.ask(this.#term.signal) },
      lastSnapshot: () => this.inspect.result?.snapshot,
    });
    this.#launcher = options.makeLauncher({
      onOutcome: (command, outcome) => settling.settled(command, outcome),
      onTrouble: () => this.trigger(),
      onLearned: ({ id }, changes) => {
        const what = changes?.length ? listed(changes) : 'nothing any more';
        if (changes) this.#memory.changes.refused(id, `it changes ${what}`, clock.now());
        this.trigger();
      },
    });
    this.#listen();
  }

  /** Hears of what changes in the cluster. */
  #listen(): void {
    const { assumed } = this.#options;
    const { pods, workloads, roles, storage, ...others } = this.#options.stores;
    pods.subscribe(({ type, object, old }) => {
      const before = assumed.asDecided(object.key, old);
      assumed.seen(object, type === 'deleted');
      const after = type === 'deleted' ? undefined : object;
      const failure = after && failureOf(after);
      // Told once for each Pod.
      if (failure && !(old?.uid === object.uid && failureOf(old))) this.#memory.avoidance.failed(failure);
      if (changesDecisions(type === 'deleted' ? object : before, after, this.#waiting())) this.trigger();
      else if (changesSums(before, after)) void this.#sumLater.ask(this.#term.signal);
    });
    for (const store of workloads.values())
      store.subscribe(({ type, object, old }) => {
        this.#workloadChanged(type, workloadId(object), object, old);
        // Pods go when the status of their workload says that it ended, or what became of them.
        if (old && (object.status.phase !== old.status.phase || object.counted !== old.counted))
          this.trigger();
      });
    // A status that we wrote comes back, and is no news.
    roles.subscribe(({ object, old }) => isAsBefore(object, old) || this.trigger());
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
    this.#memory.stop();
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
          // So that what happens meanwhile does not pile up, and is known when we may.
          await inSlices(this.#feed.take(), clock, signal);
          this.#restUntil = clock.monotonic() + FOLLOW_MS;
          continue;
        }
        this.#silentWatch.check();
        if (this.#dirty || this.#missed || due) await this.#cycle();
        await this.#record();
        this.#failing.passed();
      } catch (error) {
        if (this.#failing.failed(clock.monotonic()))
          log.error(traceOf(error), 'cycle failed, and is tried again and again');
        this.#options.counts.add('cyclesFailed', {});
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
    const last = this.inspect.result;
    return last !== undefined && (this.#waiting() || last.wakeAt <= now || this.#holdEndedAt(last, now));
  }

  #holdEndedAt(last: CycleResult, now: number): boolean {
    const holds = this.#holds(now);
    const passes: readonly (string | undefined)[] = [REASON.api, REASON.gaveWay];
    return last.snapshot.frameworks.some((f) => passes.includes(f.hold?.reason) && !holds.has(f.id));
  }

  async #cycle(): Promise<void> {
    const { assumed, clock, podMirror, counts, stores, mayDecide } = this.#options;
    this.#dirty = false;
    this.#missed = false;
    const term = this.#term.signal;
    assumed.expire(podMirror.resourceVersion);
    await inSlices(this.#feed.take(), clock, term);
    const now = clock.now();
    const steps = this.#memory.quarantine.run(this.#deciding(now), () => suspectsIn(stores), now);
    const result = await inSlices(steps, clock, term);
    // The leadership may have ended between two slices: nothing of it is carried out.
    if (!result || !mayDecide()) return void (this.#missed = true);
    const evictions = result.commands.filter((command) => command.kind === 'evict');
    this.#memory.giving.decided(result.snapshot, result.allocation, evictions);
    this.#launcher.keepAdmitted(classKeys(result.snapshot));
    // What piled up before the first cycle is no storm, and what it asks for is answered in a moment.
    const rest = this.inspect.result ? REST : 0;
    const durationMs = Object.values(result.phases).reduce((sum, ms) => sum + ms, 0);
    this.inspect.keep(result, durationMs);
    this.#unrecorded = result;
    await inSlices(this.#launcher.submit(result.commands), clock, term);
    this.#restUntil = clock.monotonic() + rest * durationMs;
    const { offers } = result.allocation;
    counts.add('cycles', {});
    counts.phases({ ...result.phases, total: durationMs });
    const accepted = offers.filter((o) => o.answer === 'accepted').length;
    counts.add('offers', { answer: 'accepted' }, accepted);
    counts.add('offers', { answer: 'declined' }, offers.length - accepted);
  }

  /** Decides without some frameworks. @param now ms since the epoch */
  #deciding(now: number): Attempt<CycleResult> {
    const { clock, drivers } = this.#options;
    return (leftOut) =>
      decide(this.#world.snapshot(this.#surroundings(now, leftOut)), clock, drivers, this.#rows);
  }

  #waiting(): boolean {
    return (this.inspect.result?.waiting ?? 0) > 0;
  }

  /** @param leftOut frameworks that nothing is decided for, by id */
  #surroundings(now: number, leftOut: ReadonlyMap<string, Hold>): Surroundings {
    const { stores, monitor, hostPorts } = this.#options;
    return {
      now,
      ...storeInputs(stores),
      health: monitor.health,
      holds: new Map([...this.#holds(now), ...leftOut]),
      hostPorts,
      avoidance: this.#memory.avoidance,
      preemption: this.#memory.giving.memory,
      // The picture must not change while the cycle goes on.
      admitted: new Map(this.#launcher.admitted()),
    };
  }

  #holds(now: number): Map<string, Hold> {
    return this.#memory.holds(now, this.#launcher.troubles());
  }

  async #record(): Promise<void> {
    const { clock, counts, statuses, stores, drivers } = this.#options;
    const result = this.#unrecorded;
    const start = clock.monotonic();
    if (!result || start < this.#recordAfter) return;
    this.#unrecorded = undefined;
    const now = clock.now();
    // Until the Pod that is tried after a refusal has its answer, or fails for long, there is nothing new to say.
    const troubles = this.#launcher.troubles();
    const silent = (id: string) => this.#memory.refusals.probing(id, now) && !troubles.has(id);
    const listeners: RecordListeners = {
      amend: this.#options.amend,
      waits: (waiting) => announceWaiting(this.#options.events, waiting),
      told: (workload, { news, lostSteps = 0 }) => {
        announceNews(this.#options.events, workload, news);
        if (lostSteps > 0) this.#options.counts.add('lostSteps', {}, lostSteps);
      },
    };
    const derive = (from: CycleResult) =>
      recordCycle(from, stores, drivers, this.#memory.recovered, silent, listeners, this.#sayings);
    const term = this.#term.signal;
    let record: CycleRecord | undefined;
    try {
      record = await inSlices(derive(result), clock, term);
    } catch {
      // Finds out whose fault it is; the next cycle is without them, and is recorded.
      const deciding = this.#deciding(now);
      const attempt: Attempt<CycleRecord> = function* (leftOut) {
        return yield* derive(yield* deciding(leftOut));
      };
      await inSlices(
        this.#memory.quarantine.run(attempt, () => suspectsIn(stores), now),
        clock,
        term,
      );
      return this.trigger();
    }
    if (!record) return;
    await inSlices(statuses.want(record.statuses, term), clock, term);
    counts.state(result.snapshot, record.waiting);
    const durationMs = clock.monotonic() - start;
    this.#recordAfter = start + Math.max(RECORD_MS, REST * durationMs);
    counts.phases({ record: durationMs });
  }

  #workloadChanged(type: string, id: string, object: Versioned, old: Versioned | undefined): void {
    if (type === 'deleted') this.#memory.recovered.delete(object.metadata.uid ?? '');
    if (!isAsBefore(object, old)) {
      this.#memory.cleared(id);
      this.trigger();
    }
  }
}

/** What tells whether a spec is another one. */
interface Versioned {
  readonly metadata: Meta;
}

/** Whether the spec of an object is the one that it was; never of one that comes or goes. */
const isAsBefore = ({ metadata }: Versioned, old: Versioned | undefined): boolean =>
  old !== undefined &&
  metadata.generation === old.metadata.generation &&
  metadata.uid === old.metadata.uid &&
  metadata.deletionTimestamp === old.metadata.deletionTimestamp;

/** Names of the classes of Pods that we make. */
const classKeys = ({ classes, frameworks }: Snapshot): Set<string> =>
  new Set(
    classes
      .filter(({ shape }) => shape.template)
      .map((c) => admissionKey(frameworks[c.framework]!.metadata, c.group, c.shape)),
  );
