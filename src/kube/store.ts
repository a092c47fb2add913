import { compareVersions } from '../lib/resource-version.ts';

/** What a store can hold: anything that knows its key (`namespace/name`, or `name` when cluster-scoped). */
export interface Keyed {
  readonly key: string;
}

/** One effective change of a store. */
export type Change<T> =
  | { readonly type: 'added'; readonly object: T; readonly old?: undefined }
  | { readonly type: 'modified'; readonly object: T; readonly old: T }
  | { readonly type: 'deleted'; readonly object: T; readonly old?: undefined };

/** Called after the change is in the store. */
export type Listener<T> = (change: Change<T>) => void;

interface Entry<T> {
  object: T;
  /** Resource version of the object; empty when unknown. */
  resourceVersion: string;
}

/** How a store behaves. */
export interface StoreOptions<T> {
  /**
   * True when the difference between two states of an object matters to nobody; the older is kept then, and
   * neither `version` moves nor a listener hears of it. Without it every new resource version counts.
   */
  same?: (before: T, after: T) => boolean;
}

/**
 * The last known state of one kind of objects. One reflector writes; anyone reads. Listeners are called in the
 * order of the changes; when one throws, the others are still called and the store is as it should be, and the
 * error reaches the writer.
 */
export class Store<T extends Keyed> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #listeners = new Set<Listener<T>>();
  readonly #same: ((before: T, after: T) => boolean) | undefined;
  #version = 0;

  constructor(options: StoreOptions<T> = {}) {
    this.#same = options.same;
  }

  /** Number of objects. */
  get size(): number {
    return this.#entries.size;
  }

  /** Grows by one with each effective change. */
  get version(): number {
    return this.#version;
  }

  /** The object of that key. */
  get(key: string): T | undefined {
    return this.#entries.get(key)?.object;
  }

  /** The object of that key, if that version of it is the one held. */
  getAt(key: string, resourceVersion: string): T | undefined {
    const entry = this.#entries.get(key);
    return resourceVersion !== '' && entry?.resourceVersion === resourceVersion ? entry.object : undefined;
  }

  /** All objects, in no promised order. */
  *values(): Generator<T, void, undefined> {
    for (const entry of this.#entries.values()) yield entry.object;
  }

  /** All keys, in no promised order. */
  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** Registers a listener for future changes; returns the function that takes it off. */
  subscribe(listener: Listener<T>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Takes in one state of an object. An older resource version than the one held is ignored, so that the store
   * never goes backwards. Returns whether it was an effective change.
   */
  put(object: T, resourceVersion = ''): boolean {
    const errors: unknown[] = [];
    const changed = this.#put(object, resourceVersion, false, errors);
    throwCollected(errors);
    return changed;
  }

  /** Drops the object of that key. Returns whether it was there. */
  delete(key: string): boolean {
    const errors: unknown[] = [];
    const changed = this.#delete(key, errors);
    throwCollected(errors);
    return changed;
  }

  /**
   * Makes the store equal to a full list; only the differences become changes. `resourceVersions[i]` belongs to
   * `items[i]`; an item whose version is the one held is no difference. A list is the truth: it may go back.
   */
  replace(items: readonly T[], resourceVersions: readonly string[] = []): void {
    const errors: unknown[] = [];
    const listed = new Set(items.map((item) => item.key));
    for (const key of this.#entries.keys()) if (!listed.has(key)) this.#delete(key, errors);
    for (const [at, item] of items.entries()) this.#put(item, resourceVersions[at] ?? '', true, errors);
    throwCollected(errors);
  }

  #put(object: T, resourceVersion: string, mayGoBack: boolean, errors: unknown[]): boolean {
    const held = this.#entries.get(object.key);
    if (held === undefined) {
      this.#entries.set(object.key, { object, resourceVersion });
      this.#changed({ type: 'added', object }, errors);
      return true;
    }
    if (held.object === object) return false;
    if (resourceVersion !== '' && held.resourceVersion === resourceVersion) return false;
    if (!mayGoBack && compareVersions(resourceVersion, held.resourceVersion) < 0) return false;
    held.resourceVersion = resourceVersion;
    if (this.#same?.(held.object, object) === true) return false;
    const old = held.object;
    held.object = object;
    this.#changed({ type: 'modified', object, old }, errors);
    return true;
  }

  #delete(key: string, errors: unknown[]): boolean {
    const held = this.#entries.get(key);
    if (held === undefined) return false;
    this.#entries.delete(key);
    this.#changed({ type: 'deleted', object: held.object }, errors);
    return true;
  }

  #changed(change: Change<T>, errors: unknown[]): void {
    this.#version += 1;
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        errors.push(error);
      }
    }
  }
}

const throwCollected = (errors: unknown[]): void => {
  if (errors.length > 0) throw new AggregateError(errors, 'listeners of a store failed');
};
