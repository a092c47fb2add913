import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Command, CreateCommand, DeleteCommand } from '../plan/command.ts';
import { bindClaim } from './bind-claim.ts';
import { SentClaims } from './sent-claims.ts';
import type { Pod } from '../snapshot/objects.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { AssumedPods } from './assumed.ts';
import type { KubeClient } from './client.ts';
import { isKubeError, type KubeError } from './errors.ts';
import { Probation } from './probation.ts';
import { withRetry } from './retry.ts';
import { Troubles } from './troubles.ts';
import type { Log } from './types.ts';

/** How a command ended, told to the controller once for each. */
export type Outcome =
  | { readonly kind: 'created' | 'deleted' | 'claimed' }
  /** The world had moved on: the next cycle decides anew. */
  | { readonly kind: 'stale' }
  /** The API server refuses the Pod; asking again at once is of no use. */
  | { readonly kind: 'refused'; readonly message: string };

export interface LauncherOptions {
  client: KubeClient;
  assumed: AssumedPods;
  readPod: (pod: Pod) => PodFacts;
  clock: Clock;
  /** Yields [0, 1). */
  random: () => number;
  log: Log;
  /** Asked right before each write goes out. */
  mayWrite: () => boolean;
  /** Most writes in flight. */
  concurrency: number;
  onOutcome: (command: Command, outcome: Outcome) => void;
  /** `troubles()` says something else than before. */
  onTrouble: () => void;
}

/**
 * Carries plans out, many writes at a time and each exactly once in effect: names are the same in every try, so a
 * create that is repeated after a broken connection meets its own Pod and is done. Room is held from submit() on.
 */
export class Launcher {
  readonly #options: LauncherOptions;
  #queue: Command[] = [];
  readonly #probation = new Probation();
  readonly #troubles = new Troubles();
  readonly #sentClaims = new SentClaims();
  #running = 0;
  #stop = new AbortController();
  #drained: () => void = () => {};

  constructor(options: LauncherOptions) {
    this.#options = options;
  }

  /** Takes a plan over. Its effects are in the overlay at once. */
  submit(commands: readonly Command[]): void {
    const { assumed, readPod } = this.#options;
    for (const command of commands) {
      if (command.kind === 'claim' && !this.#sentClaims.send(command)) continue;
      if (command.kind === 'create') assumed.launch(readPod(command.pod));
      else if (command.kind === 'delete')
        assumed.remove(keyOf(command), command.uid, command.reason !== 'Replaced');
      this.#queue.push(command);
    }
    this.#pump();
  }

  /** Frameworks whose creates fail again and again and are tried on, with what the API server says of it, by id. */
  troubles(): ReadonlyMap<string, string> {
    return this.#troubles.byFramework();
  }

  /** Drops what is queued and stops repeating what is in flight; leadership is lost or the process ends. */
  abort(): void {
    this.#queue = [];
    this.#probation.clear();
    this.#troubles.clear();
    this.#sentClaims.clear();
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#options.assumed.clear();
  }

  /** Drops what is queued and waits, at most `ms`, for the answers to what is in flight. */
  async drain(ms: number): Promise<void> {
    this.#queue = [];
    this.#probation.clear();
    const answered = Promise.withResolvers<void>();
    this.#drained = answered.resolve;
    if (this.#running === 0) return;
    const timeout = new AbortController();
    await Promise.race([answered.promise, this.#options.clock.sleep(ms, timeout.signal)]);
    timeout.abort();
  }

  #pump(): void {
    // What is in trouble mostly waits for its next try; it must not keep others from their first.
    while (this.#running - this.#troubles.size < this.#options.concurrency) {
      const command = this.#queue.shift();
      if (!command) return;
      if (command.kind === 'create' && !this.#probation.admit(command)) continue;
      this.#running++;
      void this.#run(command, this.#stop.signal).finally(() => {
        this.#running--;
        if (this.#running === 0) this.#drained();
        this.#pump();
      });
    }
  }

  async #run(command: Command, signal: AbortSignal): Promise<void> {
    const { log, onOutcome } = this.#options;
    let outcome: Outcome;
    try {
      outcome =
        command.kind === 'create'
          ? await this.#create(command, signal)
          : command.kind === 'delete'
            ? await this.#delete(command, signal)
            : await bindClaim(command, { ...this.#options, signal });
    } catch (error) {
      if (signal.aborted) return;
      outcome = isKubeError(error, 'fenced')
        ? { kind: 'stale' }
        : { kind: 'refused', message: messageOf(error) };
      this.#undo(command);
      const { id } = command.framework;
      log.warn({ framework: id, pod: keyOf(command), error: messageOf(error) }, 'write failed');
    }
    if (signal.aborted) return;
    if (command.kind === 'claim' && outcome.kind !== 'claimed') this.#sentClaims.failed(command);
    if (command.kind === 'create') this.#judge(command, outcome);
    if (command.kind === 'create' && this.#troubles.over(command)) this.#options.onTrouble();
    onOutcome(command, outcome);
  }

  /** A create has failed and will be tried again. */
  #struggle(command: CreateCommand, { message }: KubeError, tries: number, sinceMs: number): void {
    const { log, onTrouble } = this.#options;
    if (!this.#troubles.failed(command, message, tries, sinceMs)) return;
    log.warn(
      { framework: command.framework.id, pod: keyOf(command), error: message },
      'create fails, is tried on',
    );
    this.#probation.suspect(command);
    this.#pump();
    onTrouble();
  }

  /** What one answer means for the other creates of its framework. */
  #judge(command: CreateCommand, outcome: Outcome): void {
    if (outcome.kind !== 'refused') {
      const waiting = this.#probation.passed(command);
      if (waiting.length > 0) this.#queue = [...waiting, ...this.#queue];
      return;
    }
    const { id } = command.framework;
    const alike = (other: Command) => other.kind === 'create' && other.framework.id === id;
    for (const other of [...this.#probation.refused(command), ...this.#queue.filter(alike)])
      this.#undo(other);
    this.#queue = this.#queue.filter((other) => !alike(other));
  }

  /** Takes a command out of the overlay that has had no effect. */
  #undo(command: Command): void {
    const { assumed } = this.#options;
    if (command.kind === 'create') assumed.failed(keyOf(command));
    else if (command.kind === 'delete') assumed.keep(keyOf(command));
  }

  async #create(command: CreateCommand, signal: AbortSignal): Promise<Outcome> {
    const { client, assumed, readPod, clock, mayWrite: mayGo } = this.#options;
    const { pod } = command;
    const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods`;
    // A create whose fate is unknown is repeated until it is known; its room stays taken meanwhile.
    const from = clock.monotonic();
    const retry = {
      ...this.#retry(signal),
      attempts: Number.POSITIVE_INFINITY,
      onFailure: (error: KubeError, tries: number) =>
        this.#struggle(command, error, tries, clock.monotonic() - from),
    };
    try {
      // Strict: a field that the API server does not know is a typo, and would be dropped without a word.
      const query = { fieldValidation: 'Strict' };
      const stored = await withRetry(
        () => client.request<Pod>({ method: 'POST', path, query, body: pod, signal, mayGo }),
        retry,
      );
      assumed.stored(readPod(stored), clock.now());
      return { kind: 'created' };
    } catch (error) {
      // Creates that use up the same quota at the same time conflict; the Pod was not made.
      if (isKubeError(error, 'conflict')) return this.#outdated(command);
      if (!isKubeError(error, 'alreadyExists')) throw error;
    }
    try {
      const found = await withRetry(
        () => client.request<Pod>({ method: 'GET', path: `${path}/${pod.metadata.name}`, signal }),
        retry,
      );
      const owner = pod.metadata.ownerReferences?.[0]?.uid;
      if (found.metadata.ownerReferences?.some((r) => r.controller && r.uid === owner)) {
        assumed.stored(readPod(found), clock.now());
        return { kind: 'created' };
      }
    } catch (error) {
      if (!isKubeError(error, 'notFound')) throw error;
    }
    // Somebody else's Pod has the name, or had it until now; once the watch shows that, the slot takes the next name.
    return this.#outdated(command);
  }

  async #delete(command: DeleteCommand, signal: AbortSignal): Promise<Outcome> {
    const { client, assumed, clock, mayWrite: mayGo } = this.#options;
    const { namespace, name, uid, resourceVersion } = command;
    const preconditions = { uid, ...(resourceVersion === '' ? {} : { resourceVersion }) };
    try {
      const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions };
      await withRetry(
        () => client.request({ method: 'DELETE', path, body, signal, mayGo }),
        this.#retry(signal),
      );
      assumed.removed(keyOf(command), clock.now());
      return { kind: 'deleted' };
    } catch (error) {
      if (!isKubeError(error, 'notFound', 'conflict')) throw error;
      return this.#outdated(command);
    }
  }

  #outdated(command: Command): Outcome {
    this.#undo(command);
    return { kind: 'stale' };
  }

  #retry(signal: AbortSignal) {
    const { clock, random } = this.#options;
    return { clock, random, signal };
  }
}

const keyOf = (command: Command): string =>
  command.kind === 'create'
    ? `${command.pod.metadata.namespace}/${command.pod.metadata.name}`
    : `${command.namespace}/${command.name}`;
