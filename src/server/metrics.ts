import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Reason } from '../api/conditions.ts';
import type { RequestMeasure } from '../kube/client.ts';
import type { EventCounters } from '../kube/events.ts';
import type { ReflectorCounters } from '../kube/reflector.ts';
import { faultGrade } from '../recovery/health.ts';
import type { Snapshot } from '../snapshot/build.ts';
import {
  DELETE_REASONS,
  EVICTION_OUTCOMES,
  LAYERS,
  METRICS,
  SIGNALS,
  type DeleteReason,
  type EvictionOutcome,
  type MetricEntry,
  type Phase,
} from './metric-table.ts';
import { RoleGauges } from './role-gauges.ts';

/** How finely the delay of the event loop is measured, ms. */
const LOOP_MS = 50;

/** All that Proffer tells Prometheus, one typed method for each thing that can happen. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #counters = {
    cycles: this.#counter(METRICS.cycles),
    cyclesFailed: this.#counter(METRICS.cyclesFailed),
    quarantined: this.#counter(METRICS.quarantined),
    unreadable: this.#counter(METRICS.unreadable),
    offers: this.#counter(METRICS.offers),
    podsCreated: this.#counter(METRICS.podsCreated),
    podsBound: this.#counter(METRICS.podsBound),
    podsDeleted: this.#counter(METRICS.podsDeleted),
    evictions: this.#counter(METRICS.evictions),
    recoveries: this.#counter(METRICS.recoveries),
    requests: this.#counter(METRICS.requests),
  };
  readonly #gauges = {
    pending: this.#gauge(METRICS.pending),
    leader: this.#gauge(METRICS.leader),
    nodes: this.#gauge(METRICS.nodes),
  };
  readonly #roles = new RoleGauges((entry) => this.#gauge(entry));
  readonly #cycleDuration = this.#histogram(METRICS.cycleDuration);
  readonly #requestDuration = this.#histogram(METRICS.requestDuration);
  readonly #reflectors = new Map<string, () => ReflectorCounters>();
  #recorder = (): Pick<EventCounters, 'folded' | 'dropped'> => ({ folded: 0, dropped: 0 });

  constructor() {
    // Its standard of 10 ms would wake an idle process a hundred times a second.
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: LOOP_MS });
    this.#reflectorCounter(METRICS.relists, (counters) => counters.relists);
    this.#reflectorCounter(METRICS.events, (counters) => counters.events);
    this.#recorderCounter(METRICS.eventsFolded, 'folded');
    this.#recorderCounter(METRICS.eventsDropped, 'dropped');
    this.#startAtZero();
  }

  /** Content type of text(). */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Everything in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** A placement cycle ended. @param phases milliseconds by phase @param totalMs the whole cycle */
  cycle(phases: Readonly<Record<Exclude<Phase, 'record' | 'total'>, number>>, totalMs: number): void {
    this.#counters.cycles.inc();
    for (const [phase, ms] of Object.entries(phases)) this.#cycleDuration.observe({ phase }, ms / 1000);
    this.#cycleDuration.observe({ phase: 'total' satisfies Phase }, totalMs / 1000);
  }

  cycleFailed(): void {
    this.#counters.cyclesFailed.inc();
  }

  /** A framework is left out of cycles. */
  quarantined(): void {
    this.#counters.quarantined.inc();
  }

  /** Something of an object cannot be read. */
  unreadable(resource: string): void {
    this.#counters.unreadable.inc({ resource });
  }

  /** Statuses were derived from a cycle; it took `ms`. */
  recorded(ms: number): void {
    this.#cycleDuration.observe({ phase: 'record' satisfies Phase }, ms / 1000);
  }

  /** Offers of a cycle were answered. */
  offers(accepted: number, declined: number): void {
    this.#counters.offers.inc({ answer: 'accepted' }, accepted);
    this.#counters.offers.inc({ answer: 'declined' }, declined);
  }

  podCreated(): void {
    this.#counters.podsCreated.inc();
  }

  podBound(): void {
    this.#counters.podsBound.inc();
  }

  podDeleted(reason: DeleteReason): void {
    this.#counters.podsDeleted.inc({ reason });
  }

  /** A Pod was evicted for others, or a budget forbade it. */
  eviction(outcome: EvictionOutcome): void {
    this.#counters.evictions.inc({ outcome });
  }

  /** A task was recreated. @param signal what ended the one before */
  recovered(signal: string): void {
    this.#counters.recoveries.inc({ signal });
  }

  /** How the cluster stands after a cycle. @param waiting tasks by the layer that holds them */
  state(snapshot: Snapshot, waiting: ReadonlyMap<Reason, number>): void {
    for (const layer of LAYERS) this.#gauges.pending.set({ layer }, waiting.get(layer) ?? 0);
    const unfit = snapshot.health.filter((health) => faultGrade(health) >= 1).length;
    this.#gauges.nodes.set({ state: 'unfit' }, unfit);
    this.#gauges.nodes.set({ state: 'fit' }, snapshot.health.length - unfit);
    this.#roles.show(snapshot);
  }

  /** Leadership began or ended. When it ended, what only the leader knows is unknown again. */
  leading(leads: boolean): void {
    this.#gauges.leader.set(leads ? 1 : 0);
    if (leads) return;
    for (const gauge of [this.#gauges.pending, this.#gauges.nodes, this.#roles]) gauge.reset();
  }

  /** A request to the API server ended: the onRequest of a KubeClient. */
  readonly request = ({ verb, resource, status, durationMs }: RequestMeasure): void => {
    this.#counters.requests.inc({ verb, resource, code: status === 0 ? 'none' : String(status) });
    this.#requestDuration.observe({ verb, resource }, durationMs / 1000);
  };

  /** Reads the counters of a reflector whenever metrics are asked for. */
  reflector(resource: string, counters: () => ReflectorCounters): void {
    this.#reflectors.set(resource, counters);
  }

  /** Reads the counters of the recorder of events whenever metrics are asked for. */
  recorder(read: () => Pick<EventCounters, 'folded' | 'dropped'>): void {
    this.#recorder = read;
  }

  /** A series that appears only with its first event hides that event from rate(). */
  #startAtZero(): void {
    this.offers(0, 0);
    for (const reason of DELETE_REASONS) this.#counters.podsDeleted.inc({ reason }, 0);
    for (const outcome of EVICTION_OUTCOMES) this.#counters.evictions.inc({ outcome }, 0);
    for (const signal of SIGNALS) this.#counters.recoveries.inc({ signal }, 0);
    this.#gauges.leader.set(0);
  }

  #counter(entry: MetricEntry): Counter {
    return new Counter(this.#configuration(entry));
  }

  #gauge(entry: MetricEntry): Gauge {
    return new Gauge(this.#configuration(entry));
  }

  #histogram(entry: MetricEntry): Histogram {
    return new Histogram({ ...this.#configuration(entry), buckets: [...(entry.buckets ?? [])] });
  }

  /** A counter whose values live in the reflectors. */
  #reflectorCounter(entry: MetricEntry, read: (counters: ReflectorCounters) => number): void {
    const reflectors = this.#reflectors;
    const counter: Counter = new Counter({
      ...this.#configuration(entry),
      collect() {
        counter.reset();
        for (const [resource, counters] of reflectors) counter.inc({ resource }, read(counters()));
      },
    });
  }

  /** A counter whose value lives in the recorder of events. */
  #recorderCounter(entry: MetricEntry, which: 'folded' | 'dropped'): void {
    const read = () => this.#recorder()[which];
    const counter: Counter = new Counter({
      ...this.#configuration(entry),
      collect() {
        counter.reset();
        counter.inc(read());
      },
    });
  }

  #configuration({ name, help, labels }: MetricEntry) {
    return { name, help, labelNames: Object.keys(labels), registers: [this.#registry] };
  }
}
