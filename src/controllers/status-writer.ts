import type { Clock } from '../lib/clock.ts';
import type { Steps } from '../lib/steps.ts';
import { messageOf } from '../lib/errors.ts';
import { isSameJson } from '../lib/same-json.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKubeError } from '../kube/errors.ts';
import { withRetry } from '../kube/retry.ts';
import type { Log } from '../kube/types.ts';
import { Turnstile } from './turnstile.ts';

/** Shortest time between two writes of one object's status, ms. */
const PAUSE_MS = 1000;

/** Shortest time between a write of a status and one that changes nothing but its words, ms. */
const WORDS_PAUSE_MS = 5000;

/**
 * Most writes in flight for the objects of one namespace. Large objects take the API server seconds each, and all of them
 * at once would take the connections by which others get their Pods.
 */
const MOST_OF_NAMESPACE = 4;

/** The namespace of an object, by its path; empty for one that has none. */
const namespaceOf = (path: string): string => /\/namespaces\/([^/]+)\//.exec(path)?.[1] ?? '';

/** A status that an object should have. */
export interface DesiredStatus {
  /** Path of the object: /apis/proffer.dev/v1alpha1/namespaces/a/gameserverpools/b. */
  readonly path: string;
  /** The status as the store holds it. */
  readonly current: unknown;
  readonly desired: object;
  /** Whether the next cycle comes soon for sure, and with it the newest words: they may wait for it. */
  readonly comesAgain?: boolean;
  /** Version of the object that alone it may be written over; any when left out. */
  readonly version?: string | undefined;
  /** How it is written; as the whole status when left out. */
  readonly patch?: Patch;
  /** Called when it is written. */
  readonly onWritten?: () => void;
}

/** The body of a PATCH. */
export interface Patch {
  readonly body: object;
  readonly contentType: string;
}

/** The whole status: a merge would keep the fields and map entries that it has no more. */
const replaceStatus = (status: object, version: string | undefined): Patch => ({
  body: [
    { op: 'add', path: '/status', value: status },
    ...(version === undefined ? [] : [{ op: 'replace', path: '/metadata/resourceVersion', value: version }]),
  ],
  contentType: 'application/json-patch+json',
});

/** A status without what it tells people: what waits is told of other places and shares in every cycle. */
const wordless = (status: { readonly conditions?: readonly object[] }): object => ({
  ...status,
  message: undefined,
  conditions: status.conditions?.map((condition) => ({ ...condition, message: undefined })),
});

interface Slot {
  /** The last status that was written, undefined when that is not known, and the one that the store held then. */
  written: object | undefined;
  before: unknown;
  /** Our writes made this version of the object, of the one that they were for, the other. */
  versions: { readonly from: string | undefined; readonly to: string | undefined } | undefined;
  notBefore: number;
  busy: boolean;
  wanted: DesiredStatus | undefined;
}

/**
 * Writes statuses: only when they differ, at most once a second for each object, the newest one last, and words alone more
 * seldom while cycles go on. A write that
 * could not reach the API server is repeated, since an idle cluster has no next cycle that would bring it again.
 */
export class StatusWriter {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #log: Log;
  readonly #mayWrite: () => boolean;
  readonly #onConflict: () => void;
  readonly #slots = new Map<string, Slot>();
  readonly #turns = new Turnstile(MOST_OF_NAMESPACE);

  constructor(options: {
    client: KubeClient;
    clock: Clock;
    random: () => number;
    log: Log;
    mayWrite: () => boolean;
    /** Called when a status was not written since its object is another one by now: a cycle is to derive it anew. */
    onConflict?: () => void;
  }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#log = options.log;
    this.#mayWrite = options.mayWrite;
    this.#onConflict = options.onConflict ?? (() => {});
  }

  /**
   * Takes the statuses of a cycle, in steps; objects that are not among them any more are forgotten.
   * @param signal ends writes when leadership is lost
   */
  *want(statuses: readonly DesiredStatus[], signal: AbortSignal): Steps<void> {
    const paths = new Set(statuses.map((s) => s.path));
    for (const [path, slot] of this.#slots) if (!slot.busy && !paths.has(path)) this.#slots.delete(path);
    for (const status of statuses) {
      yield;
      const { path, current, desired } = status;
      const stored = current ?? {};
      const slot = this.#slots.get(path);
      // While the store shows what it showed at our write, the write is newer than the store.
      const latest = slot?.written && isSameJson(slot.before, stored) ? slot.written : stored;
      if (!slot?.busy && isSameJson(latest, desired)) continue;
      const isRecent = slot && !slot.busy && this.#clock.now() < slot.notBefore - PAUSE_MS + WORDS_PAUSE_MS;
      if (isRecent && status.comesAgain && isSameJson(wordless(latest), wordless(desired))) continue;
      const open = slot ?? {
        written: undefined,
        before: {},
        versions: undefined,
        notBefore: 0,
        busy: false,
        wanted: undefined,
      };
      this.#slots.set(path, open);
      open.wanted = status;
      open.before = stored;
      if (open.busy) continue;
      // Somebody else wrote over it.
      if (isSameJson(open.written, desired)) open.written = undefined;
      void this.#write(path, open, signal);
    }
  }

  async #write(path: string, slot: Slot, signal: AbortSignal): Promise<void> {
    slot.busy = true;
    try {
      while (slot.wanted !== undefined && !signal.aborted) {
        await this.#clock.sleep(Math.max(0, slot.notBefore - this.#clock.now()), signal);
        const wanted = slot.wanted;
        slot.wanted = undefined;
        if (isSameJson(wanted.desired, slot.written) || signal.aborted || !this.#mayWrite()) continue;
        slot.notBefore = this.#clock.now() + PAUSE_MS;
        // What was derived from a version may follow what we made of that version.
        const { from, to } = slot.versions ?? {};
        const version = wanted.version === from ? to : wanted.version;
        const stored = await this.#patch({ ...wanted, version }, signal);
        slot.written = wanted.desired;
        slot.versions = { from: wanted.version, to: stored };
        wanted.onWritten?.();
      }
    } catch (error) {
      slot.written = undefined;
      slot.versions = undefined;
      if (isKubeError(error, 'conflict')) this.#onConflict();
      // What changed meanwhile is told anew after the next cycle.
      if (!signal.aborted && !isKubeError(error, 'notFound', 'fenced', 'conflict')) {
        this.#log.warn({ path, error: messageOf(error) }, 'status not written');
      }
    } finally {
      slot.busy = false;
    }
  }

  /** @returns the version of the object now, where it counts */
  async #patch(
    { path, desired, version, patch }: DesiredStatus,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { body, contentType } = patch ?? replaceStatus(desired, version);
    const mayGo = this.#mayWrite;
    const request = { method: 'PATCH', path: `${path}/status`, body, contentType, signal, mayGo } as const;
    const send = () =>
      this.#turns.pass(namespaceOf(path), () =>
        this.#client.request<{ metadata?: { resourceVersion?: string } } | undefined>(request),
      );
    const stored = await withRetry(send, {
      clock: this.#clock,
      random: this.#random,
      signal,
      attempts: Number.POSITIVE_INFINITY,
    });
    return version && stored?.metadata?.resourceVersion;
  }
}
