import { createHash } from 'node:crypto';
import { boundedText } from '../lib/bounded-text.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { KubeClient } from './client.ts';
import { isKubeError } from './errors.ts';
import { EventFolder, type FoldLimits, type RecordedEvent, type Series } from './event-folder.ts';
import { microTime } from './lease-record.ts';
import { withRetry } from './retry.ts';
import type { Log } from './types.ts';

export type { ObjectReference, RecordedEvent } from './event-folder.ts';

/** Who reports, and within which limits. */
export interface EventRecorderOptions {
  client: KubeClient;
  /** `reportingController`: a qualified name, `proffer.dev/operator`. */
  component: string;
  /** `reportingInstance`: the Pod's name. */
  instance: string;
  clock: Clock;
  /** Yields [0, 1). */
  random: () => number;
  log?: Log;
  /** Asked right before each write goes out. */
  mayWrite: () => boolean;
  limits?: Partial<FoldLimits>;
}

/** Counts since the recorder was made. */
export interface EventCounters {
  recorded: number;
  /** Requests that wrote an Event. */
  written: number;
  /** Events that are counted in one for many, and those that are lost, for a limit of the folder. */
  folded: number;
  dropped: number;
  /** Events that the API server did not take. */
  failed: number;
}

const defaultLimits: FoldLimits = {
  windowMs: 30_000,
  seriesMs: 360_000,
  series: 4096,
  queue: 1000,
  folds: 1000,
  burst: 50,
  refillMs: 60_000,
};

/** Writes events.k8s.io/v1 Events in the background: folded, bounded, and never in anybody's way. */
export class EventRecorder {
  readonly counters: EventCounters = { recorded: 0, written: 0, folded: 0, dropped: 0, failed: 0 };
  readonly #options: EventRecorderOptions;
  readonly #folder: EventFolder;
  #writing: Promise<void> | undefined;
  #nap = new AbortController();
  #flushing = false;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#folder = new EventFolder({ ...defaultLimits, ...options.limits });
  }

  /** Takes note of an event, its note cut to what the API server takes, and returns at once. Never throws; what cannot be written is counted. */
  record(event: RecordedEvent): void {
    const { clock } = this.#options;
    const waiting = this.#folder.waiting;
    this.counters.recorded += 1;
    const bounded = { ...event, note: boundedText(event.note) };
    const taken = this.#folder.add(bounded, clock.now(), clock.monotonic());
    if (taken !== 'kept') this.counters[taken] += 1;
    if (this.#folder.waiting === waiting) return;
    this.#nap.abort();
    this.#writing ??= this.#write();
  }

  /** Writes what waits now, windows or not; for the end of the process. Returns early when the signal aborts. */
  async flush(signal?: AbortSignal): Promise<void> {
    if (this.#writing === undefined) return;
    this.#flushing = true;
    this.#nap.abort();
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    const onAbort = () => resolve();
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    await Promise.race([this.#writing, aborted]);
    signal?.removeEventListener('abort', onAbort);
    this.#flushing = false;
  }

  /** Writes one series after the other until none waits. */
  async #write(): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      const series = this.#folder.take(clock.monotonic(), this.#flushing);
      if (series !== undefined) {
        await this.#writeSeries(series);
        continue;
      }
      const ms = this.#folder.nextInMs(clock.monotonic());
      if (ms === undefined) {
        this.#writing = undefined;
        return;
      }
      this.#nap = new AbortController();
      await clock.sleep(ms, this.#nap.signal);
    }
  }

  async #writeSeries(series: Series): Promise<void> {
    const { clock, random, log } = this.#options;
    const { count } = series;
    try {
      await withRetry(() => this.#send(series, count), { clock, random, attempts: 3 });
      series.writtenCount = count;
      this.counters.written += 1;
    } catch (error) {
      this.counters.failed += 1;
      log?.debug({ reason: series.event.reason, error: messageOf(error) }, 'event could not be written');
    }
  }

  async #send(series: Series, count: number): Promise<void> {
    const { client, mayWrite: mayGo } = this.#options;
    const { namespace = 'default' } = series.event.regarding;
    const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
    if (series.exists) {
      try {
        const body = { series: { count, lastObservedTime: microTime(series.lastAt) } };
        await client.request({ method: 'PATCH', path: `${path}/${this.#name(series)}`, body, mayGo });
        return;
      } catch (error) {
        // Events live for an hour; this one is written anew.
        if (!isKubeError(error, 'notFound')) throw error;
      }
    }
    try {
      await client.request({ method: 'POST', path, body: this.#body(series, count, namespace), mayGo });
    } catch (error) {
      // The name is this series' own, so it was our earlier attempt, whose answer got lost.
      if (!isKubeError(error, 'alreadyExists')) throw error;
    }
    series.exists = true;
  }

  #body(series: Series, count: number, namespace: string): object {
    const { component, instance } = this.#options;
    const { event } = series;
    return {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: this.#name(series), namespace },
      eventTime: microTime(series.firstAt),
      reportingController: component,
      reportingInstance: instance.slice(0, 128),
      type: event.type,
      reason: event.reason,
      action: event.action,
      note: event.note,
      regarding: event.regarding,
      ...(event.related === undefined ? {} : { related: event.related }),
      ...(count > 1 ? { series: { count, lastObservedTime: microTime(series.lastAt) } } : {}),
    };
  }

  /** The same for every attempt to write a series, and different for any other series of any process. */
  #name(series: Series): string {
    const { regarding } = series.event;
    const own = `${this.#options.instance}/${regarding.uid}/${series.firstAt}/${series.id}`;
    const hash = createHash('sha256').update(own).digest('hex').slice(0, 16);
    // Cut so that the whole is a valid name: 253 characters, no dot or dash at the end of a part.
    return `${regarding.name.slice(0, 230).replace(/[^a-z0-9]+$/, '')}.${hash}`;
  }
}
