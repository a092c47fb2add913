import { messageOf } from '../lib/errors.ts';
import type { Command, PlacingCommand } from '../plan/command.ts';
import { bindClaim } from './bind-claim.ts';
import { bindPod } from './bind-pod.ts';
import { isPlacing, keyOf } from './commands.ts';
import { createPod } from './create-pod.ts';
import { deletePod } from './delete-pod.ts';
import { assume, retract } from './effect.ts';
import { evictPod } from './evict-pod.ts';
import { isKubeError, type KubeError } from './errors.ts';
import { notifyPod } from './notify-pod.ts';
import { isWithoutEffect, type Outcome } from './outcome.ts';
import { Probation } from './probation.ts';
import { SentClaims } from './sent-claims.ts';
import { Troubles } from './troubles.ts';
import type { Log } from './types.ts';
import type { WriteContext } from './write.ts';

export interface LauncherOptions extends Omit<WriteContext, 'signal' | 'onFailure'> {
  log: Log;
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
      assume(command, assumed, readPod);
      this.#queue.push(command);
    }
    this.#pump();
  }

  /** Frameworks whose creates or bindings fail again and again and are tried on, with what the API server says of it, by id. */
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
      if (isPlacing(command) && !this.#probation.admit(command)) continue;
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
      outcome = await this.#write(command, signal);
    } catch (error) {
      if (signal.aborted) return;
      outcome = isKubeError(error, 'fenced')
        ? { kind: 'stale' }
        : { kind: 'refused', message: messageOf(error) };
      const { id } = command.framework;
      log.warn({ framework: id, pod: keyOf(command), error: messageOf(error) }, 'write failed');
    }
    if (signal.aborted) return;
    if (isWithoutEffect(outcome)) retract(command, this.#options.assumed);
    if (command.kind === 'claim' && outcome.kind !== 'claimed') this.#sentClaims.failed(command);
    if (isPlacing(command)) {
      this.#judge(command, outcome);
      if (this.#troubles.over(command)) this.#options.onTrouble();
    }
    onOutcome(command, outcome);
  }

  #write(command: Command, signal: AbortSignal): Promise<Outcome> {
    const { clock } = this.#options;
    const from = clock.monotonic();
    const onFailure = (error: KubeError, tries: number): void => {
      if (isPlacing(command)) this.#struggle(command, error, tries, clock.monotonic() - from);
    };
    const context = { ...this.#options, signal, onFailure };
    switch (command.kind) {
      case 'create':
        return createPod(command, context);
      case 'bind':
        return bindPod(command, context);
      case 'delete':
        return deletePod(command, context);
      case 'evict':
        return evictPod(command, context);
      case 'notice':
        return notifyPod(command, context);
      case 'claim':
        return bindClaim(command, context);
    }
  }

  /** A create or a binding has failed and will be tried again. */
  #struggle(command: PlacingCommand, { message }: KubeError, tries: number, sinceMs: number): void {
    const { log, onTrouble } = this.#options;
    if (!this.#troubles.failed(command, message, tries, sinceMs)) return;
    log.warn(
      { framework: command.framework.id, pod: keyOf(command), error: message },
      `${command.kind} fails, is tried on`,
    );
    this.#probation.suspect(command);
    this.#pump();
    onTrouble();
  }

  /** What one answer means for the others of its framework that place a Pod. */
  #judge(command: PlacingCommand, outcome: Outcome): void {
    if (outcome.kind !== 'refused') {
      const waiting = this.#probation.passed(command);
      if (waiting.length > 0) this.#queue = [...waiting, ...this.#queue];
      return;
    }
    const { assumed } = this.#options;
    const { id } = command.framework;
    const alike = (other: Command) => isPlacing(other) && other.framework.id === id;
    for (const other of [...this.#probation.refused(command), ...this.#queue.filter(alike)])
      retract(other, assumed);
    this.#queue = this.#queue.filter((other) => !alike(other));
  }
}
