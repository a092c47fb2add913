import { Backoff, type BackoffOptions } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { KubeClient, Query } from './client.ts';
import { Comeback } from './comeback.ts';
import { KubeError, isKubeError, toKubeError } from './errors.ts';
import { listAll, withoutManagedFields } from './list.ts';
import { waitMs } from './retry.ts';
import type { Keyed, Store } from './store.ts';
import { keyOf, type KubeObject, type Log, type WatchEvent } from './types.ts';
import { readWatch } from './watch-stream.ts';

/** What a reflector mirrors and how. */
export interface ReflectorOptions<T extends Keyed> {
  client: KubeClient;
  /** Collection: `/api/v1/pods`, `/apis/proffer.dev/v1alpha1/gameserverpools`. */
  path: string;
  /** `labelSelector`, `fieldSelector`. */
  query?: Query;
  /**
   * Makes what the store keeps; undefined leaves the object out. Its key must be `namespace/name` (or `name`).
   * When it throws, the last good state stays in the store and the error is logged and counted.
   */
  transform: (raw: KubeObject) => T | undefined;
  store: Store<T>;
  clock: Clock;
  /** Yields [0, 1). */
  random: () => number;
  log?: Log;
  /** Hears of each list or watch that failed, before it is tried again: who has somebody waiting may give up. */
  onFailure?: (error: KubeError) => void;
  /** Most objects a list page; 500 when left out. Of large ones a page has fewer. */
  pageSize?: number;
  /** A watch without a byte for this long is cut, milliseconds; 90,000 when left out (servers send a bookmark a minute). */
  stallMs?: number;
  /** Shortest life that we ask of a watch, seconds; up to as much again is added at random. 240 when left out. */
  watchSeconds?: number;
  backoff?: BackoffOptions;
  /** Shared with the other reflectors of the same API server; alone when left out. */
  comeback?: Comeback;
}

/** Counts since the reflector was made. */
export interface ReflectorCounters {
  /** Full lists, the first included. */
  relists: number;
  /** Watches that ended or could not be opened. */
  reconnects: number;
  /** Events taken in, bookmarks not counted. */
  events: number;
  /** Objects that `transform` or a listener of the store failed on. */
  failures: number;
}

const defaultBackoff: BackoffOptions = { initialMs: 200, maxMs: 30_000 };

/** A watch that lived so long was good, however it ended, milliseconds. */
const longLifeMs = 10_000;

/** After so many failures in a row the resource version itself is suspect, and the list is read again. */
const failuresBeforeRelist = 8;

/** How one watch went. */
type Outcome =
  /** Resume from the last resource version at once. */
  | { kind: 'resume' }
  /** The resource version is of no use: list again. */
  | { kind: 'relist' }
  /** Resume from the last resource version after a back-off. */
  | { kind: 'failed'; error: KubeError };

/**
 * Mirrors a collection of the API server into a store, for as long as its signal lasts, whatever happens:
 * a paged list, then watches that resume where the last one ended. Any error leads to another attempt.
 */
export class Reflector<T extends Keyed> {
  readonly counters: ReflectorCounters = { relists: 0, reconnects: 0, events: 0, failures: 0 };
  readonly #options: ReflectorOptions<T>;
  readonly #backoff: Backoff;
  /** Of versions that expired without an event between them. */
  readonly #expiries: Backoff;
  readonly #comeback: Comeback;
  /** How often others had got through when the attempt at hand began. */
  #comebacks = 0;
  /** When the word of another one that got through was heeded last, on the monotonic clock. */
  #heededAt = Number.NEGATIVE_INFINITY;
  readonly #synced = Promise.withResolvers<void>();
  #isSynced = false;
  #resourceVersion = '';
  #lastEventAt = 0;
  /** The watch at hand has brought an event or bookmark. */
  #progressed = false;
  /** Callers of resync() that wait for a list that has not begun. */
  #waiting: (() => void)[] = [];
  /** Cuts the list or watch at hand. */
  #cut = new AbortController();

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#backoff = new Backoff(options.backoff ?? defaultBackoff, options.random);
    this.#expiries = new Backoff(options.backoff ?? defaultBackoff, options.random);
    this.#comeback = options.comeback ?? new Comeback();
  }

  /** The first list is in the store. */
  get synced(): boolean {
    return this.#isSynced;
  }

  /** When the last list, event or bookmark came, on the clock's wall time in milliseconds; 0 before the first. */
  get lastEventAt(): number {
    return this.#lastEventAt;
  }

  /** Resource version up to which the store is known to be complete; empty before the first list. */
  get resourceVersion(): string {
    return this.#resourceVersion;
  }

  /** Resolves when the first list is in the store; rejects with the signal's reason when it aborts before. */
  async whenSynced(signal?: AbortSignal): Promise<void> {
    if (signal === undefined) return this.#synced.promise;
    signal.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([this.#synced.promise, aborted]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /**
   * Lists anew. When this resolves, the store holds everything that had been written before the call: the list is
   * read from a quorum of etcd. Watches alone promise no such thing.
   */
  resync(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    this.#resourceVersion = '';
    this.#cut.abort();
    return promise;
  }

  /** Mirrors until the signal aborts; then rejects with its reason. Nothing else ends it. */
  async run(signal: AbortSignal): Promise<never> {
    for (;;) {
      signal.throwIfAborted();
      this.#cut = new AbortController();
      const { signal: cut } = this.#cut;
      this.#comebacks = this.#comeback.count;
      const either = AbortSignal.any([signal, cut]);
      try {
        if (this.#resourceVersion === '' || this.#waiting.length > 0) await this.#list(either);
        await this.#act(await this.#watch(either), signal);
      } catch (error) {
        signal.throwIfAborted();
        if (cut.aborted) continue;
        await this.#act(
          { kind: 'failed', error: toKubeError(this.#options.path, { thrown: error }) },
          signal,
        );
      }
    }
  }

  async #act(outcome: Outcome, signal: AbortSignal): Promise<void> {
    const { path, log, clock, random, onFailure, backoff = defaultBackoff } = this.#options;
    switch (outcome.kind) {
      case 'resume':
        this.#expiries.reset();
        return this.#backoff.reset();
      case 'relist':
        this.#resourceVersion = '';
        log?.info({ path }, 'resource version expired, listing again');
        // The first is immediate, whatever outage made the version old; a server that expires every version at once
        // must not be asked in a loop.
        this.#backoff.reset();
        if (this.#expiries.failures > 0) await clock.sleep(this.#expiries.next(), signal);
        else this.#expiries.next();
        return;
      case 'failed': {
        onFailure?.(outcome.error);
        this.#backoff.next();
        const { failures } = this.#backoff;
        if (failures % failuresBeforeRelist === 0) this.#resourceVersion = '';
        const ms = waitMs(outcome.error, backoff, failures, random);
        log?.warn({ path, failures, waitMs: Math.round(ms), error: outcome.error.message }, 'watch failed');
        await this.#wait(ms, outcome.error, signal);
      }
    }
  }

  /** Waits after a failure; no longer than until another one gets through, when it was the server that was away. */
  async #wait(ms: number, error: KubeError, signal: AbortSignal): Promise<void> {
    const { clock, backoff = defaultBackoff } = this.#options;
    // At most once in the longest back-off: the others may get through all the time where this one never does.
    const heeds = isOutage(error) && clock.monotonic() - this.#heededAt >= backoff.maxMs;
    if (!heeds) return clock.sleep(ms, signal);
    if (!(await this.#comeback.sleep(ms, this.#comebacks, clock, signal))) return;
    this.#heededAt = clock.monotonic();
    this.#backoff.reset();
  }

  /** The server has answered. */
  #gotThrough(): void {
    if (this.#backoff.failures > 0) this.#comeback.announce();
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, path, query, pageSize, store, clock } = this.#options;
    let items: T[] = [];
    let versions: string[] = [];
    const served = this.#waiting.length;
    const resourceVersion = await listAll({
      client,
      path,
      ...(query === undefined ? {} : { query }),
      ...(pageSize === undefined ? {} : { pageSize }),
      signal,
      onItem: (raw) => {
        const { resourceVersion } = raw.metadata;
        const item = this.#transform(raw);
        if (item === undefined) return;
        items.push(item);
        versions.push(resourceVersion);
        // Nobody goes by the first list before it is whole; what reads along has little left to read when it is.
        if (!this.#isSynced) this.#guarded(item.key, () => store.put(item, resourceVersion));
      },
      onRestart: () => {
        items = [];
        versions = [];
      },
    });
    this.#gotThrough();
    this.#guarded(path, () => store.replace(items, versions));
    this.#resourceVersion = resourceVersion;
    this.#lastEventAt = clock.now();
    this.counters.relists += 1;
    for (const resolve of this.#waiting.splice(0, served)) resolve();
    if (this.#isSynced) return;
    this.#isSynced = true;
    this.#synced.resolve();
  }

  /** Opens one watch and takes in what it brings. Throws what opening throws, but for what an Outcome can say. */
  async #watch(signal: AbortSignal): Promise<Outcome> {
    const { client, path, query, clock, random, stallMs = 90_000, watchSeconds = 240 } = this.#options;
    let failure: Outcome | undefined;
    this.#progressed = false;
    const openedAt = clock.monotonic();
    try {
      const body = await client.watch({
        path,
        query: {
          ...query,
          resourceVersion: this.#resourceVersion,
          allowWatchBookmarks: true,
          // Spread out, so that the watches of all replicas and kinds do not end together.
          timeoutSeconds: Math.round(watchSeconds * (1 + random())),
        },
        signal,
      });
      this.#gotThrough();
      const end = await readWatch({
        body,
        slices: client.slices,
        clock,
        stallMs,
        signal,
        onEvent: (event) => {
          failure = this.#take(event);
          return failure === undefined;
        },
      });
      signal.throwIfAborted();
      if (end.kind === 'broken') failure ??= this.#failed({ thrown: end.error });
      if (end.kind === 'stalled')
        failure ??= this.#failed({ thrown: new Error(`no byte for ${stallMs} ms`) });
    } catch (error) {
      if (!expired(error)) throw error;
      this.#gotThrough();
      failure = { kind: 'relist' };
    } finally {
      this.counters.reconnects += 1;
    }
    if (failure?.kind === 'relist') return failure;
    // The server cuts slow watchers, and proxies cut all of them. While there is progress, waiting only
    // makes us slower. A watch that lived a second without an event is a quiet collection, not a failure.
    // Nor is one that lived long before something in between cut it.
    const livedMs = clock.monotonic() - openedAt;
    if (this.#progressed || livedMs >= longLifeMs || (failure === undefined && livedMs >= 1000))
      return { kind: 'resume' };
    return failure ?? this.#failed({ thrown: new Error('the watch ended at once') });
  }

  #failed(failure: Parameters<typeof toKubeError>[1]): Outcome {
    const error = toKubeError(`watch ${this.#options.path}`, failure);
    return expired(error) ? { kind: 'relist' } : { kind: 'failed', error };
  }

  /** Takes in one event; returns the outcome of the watch if the event ends it. */
  #take(event: WatchEvent): Outcome | undefined {
    if (event.type === 'ERROR') return this.#failed({ status: event.object });
    const { metadata } = event.object;
    const { resourceVersion } = metadata;
    const { store } = this.#options;
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED': {
        const key = keyOf(metadata);
        this.#guarded(key, () => {
          const object = this.#options.transform(withoutManagedFields(event.object));
          if (object === undefined) store.delete(key);
          else store.put(object, resourceVersion);
        });
        this.counters.events += 1;
        break;
      }
      case 'DELETED': {
        const key = keyOf(metadata);
        this.#guarded(key, () => store.delete(key));
        this.counters.events += 1;
        break;
      }
      case 'BOOKMARK':
        break;
    }
    this.#resourceVersion = resourceVersion;
    this.#lastEventAt = this.#options.clock.now();
    this.#progressed = true;
    return undefined;
  }

  /** For lists: what the store holds is not read again, and stays when a transform fails. */
  #transform(raw: KubeObject): T | undefined {
    const { store } = this.#options;
    const key = keyOf(raw.metadata);
    const known = store.getAt(key, raw.metadata.resourceVersion);
    if (known) return known;
    let item = store.get(key);
    this.#guarded(key, () => {
      item = this.#options.transform(raw);
    });
    return item;
  }

  /** One bad object, or a bug in one listener, must not blind us to all the others. */
  #guarded(what: string, take: () => void): void {
    try {
      take();
    } catch (error) {
      this.counters.failures += 1;
      this.#options.log?.error(
        { path: this.#options.path, object: what, err: error },
        'object could not be taken in',
      );
    }
  }
}

/** What everybody meets whose server is away. */
const isOutage = (error: KubeError): boolean => isKubeError(error, 'network', 'timeout', 'server');

/** The resource version is too old - or, after a restore of etcd, too new - to watch from. */
const expired = (error: unknown): boolean =>
  isKubeError(error, 'gone') ||
  (error instanceof KubeError &&
    (error.causes?.some((c) => c.reason === 'ResourceVersionTooLarge') ?? false));
