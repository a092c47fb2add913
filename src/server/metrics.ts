import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Reason } from '../api/conditions.ts';
import type { RequestMeasure } from '../kube/client.ts';
import { faultGrade } from '../recovery/health.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Addition, Counts } from '../views/counts.ts';
import { LAYERS, METRICS, type MetricEntry, type Phase } from '../views/metric-table.ts';
import { RoleGauges } from './role-gauges.ts';

/** A call of the allocation API that ended. */
export interface AllocationCall {
  /** Its name: allocate, release. */
  readonly call: string;
  /** HTTP status of the answer. */
  readonly status: number;
  readonly durationMs: number;
}

/** How finely the delay of the event loop is measured, ms. */
const LOOP_MS = 50;

/** All that Proffer tells Prometheus. */
export class Metrics implements Counts {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = {
    pending: this.#gauge(METRICS.pending),
    leader: this.#gauge(METRICS.leader),
    nodes: this.#gauge(METRICS.nodes),
  };
  readonly #roles = new RoleGauges((entry) => this.#gauge(entry));
  readonly #cycleDuration = this.#histogram(METRICS.cycleDuration);
  readonly #requestDuration = this.#histogram(METRICS.requestDuration);
  readonly #callDuration = this.#histogram(METRICS.callDuration);
  readonly #followed: (() => Addition)[] = [];

  constructor() {
    // Its standard of 10 ms would wake an idle process a hundred times a second.
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: LOOP_MS });
    for (const [key, entry] of Object.entries<MetricEntry>(METRICS))
      if (entry.kind === 'counter') this.#counters.set(key, this.#counter(entry));
    this.#gauges.leader.set(0);
  }

  /** Content type of text(). */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Everything in Prometheus' text format. */
  text(): Promise<string> {
    for (const read of this.#followed) {
      const [counter, labels, times] = read();
      this.#counters.get(counter)!.remove(labels);
      this.#counters.get(counter)!.inc(labels, times);
    }
    return this.#registry.metrics();
  }

  add(...[counter, labels, times = 1]: Addition): void {
    this.#counters.get(counter)!.inc(labels, times);
  }

  phases(ms: Partial<Readonly<Record<Phase, number>>>): void {
    for (const [phase, each] of Object.entries(ms)) this.#cycleDuration.observe({ phase }, each / 1000);
  }

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
    this.add('requests', { verb, resource, code: status === 0 ? 'none' : String(status) });
    this.#requestDuration.observe({ verb, resource }, durationMs / 1000);
  };

  /** A call of the allocation API ended. */
  readonly call = ({ call, status, durationMs }: AllocationCall): void => {
    this.add('calls', { call, code: String(status) });
    this.#callDuration.observe({ call }, durationMs / 1000);
  };

  /** Reads what is counted elsewhere whenever metrics are asked for. */
  follow(read: () => Addition): void {
    this.#followed.push(read);
  }

  #counter(entry: MetricEntry): Counter {
    const counter = new Counter(this.#configuration(entry));
    // A series that appears only with its first event hides that event from rate().
    for (const [label, values] of Object.entries(entry.labels))
      if (typeof values !== 'string') for (const value of values) counter.inc({ [label]: value }, 0);
    return counter;
  }

  #gauge(entry: MetricEntry): Gauge {
    return new Gauge(this.#configuration(entry));
  }

  #histogram(entry: MetricEntry): Histogram {
    return new Histogram({ ...this.#configuration(entry), buckets: [...(entry.buckets ?? [])] });
  }

  #configuration({ name, help, labels }: MetricEntry) {
    return { name, help, labelNames: Object.keys(labels), registers: [this.#registry] };
  }
}
