import type { Clock } from '../lib/clock.ts';
import type { Steps } from '../lib/steps.ts';
import { messageOf } from '../lib/errors.ts';
import { canonicalJson } from '../lib/hash.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKubeError } from '../kube/errors.ts';
import { withRetry } from '../kube/retry.ts';
import type { Log } from '../kube/types.ts';
import { Turnstile } from './turnstile.ts';

/** Shortest time between two writes of one object's status, ms. */
const PAUSE_MS = 1000;

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
const replaceStatus = (status: object): Patch => ({
  body: [{ op: 'add', path: '/status', value: status }],
  contentType: 'application/json-patch+json',
});

interface Slot {
  /** Canonical text of the last status that was written, and of the one that the store held then. */
  written: string;
  before: string;
  notBefore: number;
  busy: boolean;
  wanted: DesiredStatus | undefined;
}

/**
 * Writes statuses: only when they differ, at most once a second for each object, the newest one last. A write that
 * could not reach the API server is repeated, since an idle cluster has no next cycle that would bring it again.
 */
export class StatusWriter {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #log: Log;
  readonly #mayWrite: () => boolean;
  readonly #slots = new Map<string, Slot>();
  readonly #turns = new Turnstile(MOST_OF_NAMESPACE);

  constructor(options: {
    client: KubeClient;
    clock: Clock;
    random: () => number;
    log: Log;
    mayWrite: () => boolean;
  }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#log = options.log;
    this.#mayWrite = options.mayWrite;
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
      const text = canonicalJson(desired);
      const stored = canonicalJson(current ?? {});
      const slot = this.#slots.get(path);
      // While the store shows what it showed at our write, the write is newer than the store.
      const latest = slot && slot.written !== '' && slot.before === stored ? slot.written : stored;
      if (latest === text && !slot?.busy) continue;
      const open = slot ?? { written: '', before: '', notBefore: 0, busy: false, wanted: undefined };
      this.#slots.set(path, open);
      open.wanted = status;
      open.before = stored;
      if (open.busy) continue;
      // Somebody else wrote over it.
      if (open.written === text) open.written = '';
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
        const text = canonicalJson(wanted.desired);
        if (text === slot.written || signal.aborted || !this.#mayWrite()) continue;
        slot.notBefore = this.#clock.now() + PAUSE_MS;
        await this.#patch(wanted, signal);
        slot.written = text;
        wanted.onWritten?.();
      }
    } catch (error) {
      slot.written = '';
      // What changed meanwhile is told anew after the next cycle.
      if (!signal.aborted && !isKubeError(error, 'notFound', 'fenced', 'conflict')) {
        this.#log.warn({ path, error: messageOf(error) }, 'status not written');
      }
    } finally {
      slot.busy = false;
    }
  }

  async #patch({ path, desired, patch }: DesiredStatus, signal: AbortSignal): Promise<void> {
    const { body, contentType } = patch ?? replaceStatus(desired);
    const mayGo = this.#mayWrite;
    const request = { method: 'PATCH', path: `${path}/status`, body, contentType, signal, mayGo } as const;
    const send = () => this.#turns.pass(namespaceOf(path), () => this.#client.request(request));
    await withRetry(send, {
      clock: this.#clock,
      random: this.#random,
      signal,
      attempts: Number.POSITIVE_INFINITY,
    });
  }
}
