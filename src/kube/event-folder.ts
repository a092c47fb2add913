/** A map that forgets what was not touched for longest when it is full. */
class Lru<V> {
  readonly #map = new Map<string, V>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Number of values held. */
  get size(): number {
    return this.#map.size;
  }

  /** The value of a key, which counts as a touch. */
  get(key: string): V | undefined {
    const value = this.#map.get(key);
    if (value === undefined) return undefined;
    this.#map.delete(key);
    this.#map.set(key, value);
    return value;
  }

  /** Holds a value; returns what was forgotten for it, if anything. */
  set(key: string, value: V): V | undefined {
    this.#map.delete(key);
    this.#map.set(key, value);
    if (this.#map.size <= this.#capacity) return undefined;
    const oldest = this.#map.entries().next();
    if (oldest.done) return undefined;
    this.#map.delete(oldest.value[0]);
    return oldest.value[1];
  }
}

/** The object that an event is about. */
export interface ObjectReference {
  apiVersion: string;
  kind: string;
  /** Left out for cluster-scoped objects. */
  namespace?: string;
  name: string;
  uid: string;
}

/** What happened, in the words of events.k8s.io/v1. */
export interface RecordedEvent {
  regarding: ObjectReference;
  /** Who answers for that object: where there are too many events to have one each, they are one on it. The object itself when left out. */
  owner?: ObjectReference;
  related?: ObjectReference;
  type: 'Normal' | 'Warning';
  /** Why, in UpperCamelCase, for machines. */
  reason: string;
  /** What was done or failed, in UpperCamelCase. */
  action: string;
  /** For people; cut to 1,024 characters. */
  note: string;
}

/** Identical events, folded into one. */
export interface Series {
  readonly event: RecordedEvent;
  /** When it first happened, wall time in milliseconds. */
  readonly firstAt: number;
  /** Distinguishes series of this process. */
  readonly id: number;
  /** How often it happened, and how often the API server knows of. */
  count: number;
  writtenCount: number;
  /** When it last happened, wall time in milliseconds. */
  lastAt: number;
  /** The same and the last write on the monotonic clock. */
  lastMs: number;
  writtenMs: number;
  /** An Event object exists for it. */
  exists: boolean;
}

/** Limits of folding. Times in milliseconds. */
export interface FoldLimits {
  /** At most one write per series in this time. */
  windowMs: number;
  /** An event that comes back after being quiet for longer starts a series, and an Event, of its own. */
  seriesMs: number;
  /** Series that are remembered. */
  series: number;
  /** Series that may wait to be written; what comes on top is folded by owner and reason. */
  queue: number;
  /** Owners and reasons that may wait so on top of them; what comes on top of those is dropped. */
  folds: number;
  /** New series that one object may have at once for one reason, and the time in which it earns another. */
  burst: number;
  refillMs: number;
}

/** What became of an event: it has a series of its own, is counted in one for many, or is lost. */
export type Taken = 'kept' | 'folded' | 'dropped';

/** Note of the events that stand for many: their count says how many. */
const MANY = 'too many at once for an event each: the count says how many';

interface Bucket {
  tokens: number;
  filledMs: number;
}

/**
 * Decides what of a stream of events is worth a write: identical events become one series that is written at most
 * once a window, and one object cannot flood, nor can one of its reasons take the room of another. Knows no time and no network; memory is bounded by its limits.
 */
export class EventFolder {
  readonly #limits: FoldLimits;
  readonly #series: Lru<Series>;
  readonly #buckets: Lru<Bucket>;
  readonly #waiting = new Set<Series>();
  #ids = 0;

  constructor(limits: FoldLimits) {
    this.#limits = limits;
    this.#series = new Lru(limits.series);
    this.#buckets = new Lru(limits.series);
  }

  /** Series that wait to be written. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes in an event at `wallMs` and `nowMs` (monotonic). */
  add(event: RecordedEvent, wallMs: number, nowMs: number): Taken {
    const { queue, folds } = this.#limits;
    const mayStart = () => this.#takeToken(event, nowMs);
    if (this.#join(event, wallMs, nowMs, queue, mayStart)) return 'kept';
    const { owner: regarding = event.regarding, type, reason, action } = event;
    const many = { regarding, type, reason, action, note: MANY };
    return this.#join(many, wallMs, nowMs, queue + folds, () => true) ? 'folded' : 'dropped';
  }

  /** Counts an event in its series, or starts one. @param room how many series may wait then */
  #join(event: RecordedEvent, wallMs: number, nowMs: number, room: number, mayStart: () => boolean): boolean {
    const key = keyOfEvent(event);
    let series = this.#series.get(key);
    if (series === undefined || nowMs - series.lastMs > this.#limits.seriesMs) {
      if (this.#waiting.size >= room || !mayStart()) return false;
      series = {
        event,
        firstAt: wallMs,
        id: this.#ids++,
        count: 0,
        writtenCount: 0,
        lastAt: wallMs,
        lastMs: nowMs,
        writtenMs: Number.NEGATIVE_INFINITY,
        exists: false,
      };
      this.#series.set(key, series);
    } else if (!this.#waiting.has(series) && this.#waiting.size >= room) {
      return false;
    }
    series.count += 1;
    series.lastAt = wallMs;
    series.lastMs = nowMs;
    this.#waiting.add(series);
    return true;
  }

  /** Takes out one series whose window is over (or any, when `all`); undefined when there is none. */
  take(nowMs: number, all = false): Series | undefined {
    for (const series of this.#waiting) {
      if (!all && series.writtenMs + this.#limits.windowMs > nowMs) continue;
      this.#waiting.delete(series);
      series.writtenMs = nowMs;
      return series;
    }
    return undefined;
  }

  /** In how many milliseconds `take` will have something; undefined when nothing waits. */
  nextInMs(nowMs: number): number | undefined {
    let next: number | undefined;
    for (const series of this.#waiting) {
      const left = Math.max(0, series.writtenMs + this.#limits.windowMs - nowMs);
      if (next === undefined || left < next) next = left;
    }
    return next;
  }

  #takeToken({ regarding, reason }: RecordedEvent, nowMs: number): boolean {
    const { burst, refillMs } = this.#limits;
    const key = `${regarding.uid}/${reason}`;
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { tokens: burst, filledMs: nowMs };
      this.#buckets.set(key, bucket);
    }
    const earned = Math.floor((nowMs - bucket.filledMs) / refillMs);
    if (earned > 0) {
      bucket.tokens = Math.min(burst, bucket.tokens + earned);
      bucket.filledMs += earned * refillMs;
    }
    if (bucket.tokens === 0) return false;
    bucket.tokens -= 1;
    return true;
  }
}

const keyOfReference = (ref: ObjectReference | undefined): string =>
  ref === undefined ? '' : `${ref.kind}/${ref.namespace ?? ''}/${ref.name}/${ref.uid}`;

/** Equal for identical events. The note counts: the API server lets nobody change it in an Event that exists. */
const keyOfEvent = (event: RecordedEvent): string =>
  [
    keyOfReference(event.regarding),
    keyOfReference(event.related),
    event.type,
    event.reason,
    event.action,
    event.note,
  ].join('\n');
