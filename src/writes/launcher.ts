import { isKubeError, type KubeError } from '../kube/errors.ts';
import type { Log } from '../kube/types.ts';
import { messageOf } from '../lib/errors.ts';
import type { Steps } from '../lib/steps.ts';
import {
  isPlacing,
  keyOf,
  type AskCommand,
  type Command,
  type CreateCommand,
  type PlacingCommand,
} from '../plan/command.ts';
import { admissionOf } from '../snapshot/admission.ts';
import type { Admitted } from '../snapshot/admitted.ts';
import type { FrameworkRef } from '../snapshot/framework-id.ts';
import type { Pod } from '../snapshot/reading/objects.ts';
import { Admissions } from './admissions.ts';
import { SentClaims } from './claim.ts';
import { carryOut, isWithoutEffect, type CarryOptions, type Outcome } from './handler.ts';
import { handlerOf } from './handlers.ts';
import { Probation } from './probation.ts';
import { Scouted } from './scouted.ts';
import { Troubles } from './troubles.ts';

/** So many commands are taken off the queue at a time. */
const TAKEN_OFF = 1000;

/** What a launcher works with, and whom it tells. */
export interface LauncherOptions extends Omit<CarryOptions, 'signal' | 'onFailure' | 'onAdmitted'> {
  log: Log;
  /** Most writes in flight. */
  concurrency: number;
  onOutcome: (command: Command, outcome: Outcome) => void;
  /**
   * The API server makes something else of the Pods of a framework than was known.
   * @param changes what it changes in them, in words, when Pods were placed by what was known; else undefined
   */
  onLearned: (framework: FrameworkRef, changes: readonly string[] | undefined) => void;
  /** `troubles()` says something else than before. */
  onTrouble: () => void;
}

/**
 * Carries plans out, many writes at a time and each exactly once in effect: names are the same in every try, so a
 * create that is repeated after a broken connection meets its own Pod and is done. Room is held from submit() on.
 * Creates go out when it is known what the API server makes of their Pods, and are given up when that is not what they were
 * placed by.
 */
export class Launcher {
  readonly #options: LauncherOptions;
  #queue: Command[] = [];
  /** Where the first command of the queue is that was not taken off. */
  #first = 0;
  readonly #probation = new Probation();
  readonly #troubles = new Troubles();
  readonly #sentClaims = new SentClaims();
  readonly #admissions = new Admissions();
  readonly #scouted = new Scouted();
  #running = 0;
  #stop = new AbortController();
  #drained: () => void = () => {};

  constructor(options: LauncherOptions) {
    this.#options = options;
  }

  /** Takes a plan over, in steps, a command each: its effects are in the overlay when all are done. */
  *submit(commands: readonly Command[]): Steps<void> {
    const { assumed, readPod, clock } = this.#options;
    const now = clock.now();
    const creates = commands.filter((command) => command.kind === 'create');
    const scouted = new Set<Command>();
    for (const own of Map.groupBy(creates, ({ framework }) => framework.id).values())
      if (this.#scout(own)) for (const command of own) scouted.add(command);
    for (const command of commands) {
      if ((command.kind === 'claim' || command.kind === 'makeClaim') && !this.#sentClaims.send(command))
        continue;
      if (command.kind === 'ask' && !this.#admissions.ask(command.admissionKey, now)) continue;
      handlerOf(command).assume(command, assumed, readPod);
      if (!scouted.has(command) && !this.#scouted.follows(command)) this.#queue.push(command);
      yield;
    }
    this.#pump();
  }

  /** What the API server makes of Pods, by class, as far as is known. */
  admitted(): ReadonlyMap<string, Admitted> {
    return this.#admissions.known;
  }

  /** Forgets what it makes of classes that are gone. @param keys of those that are there */
  keepAdmitted(keys: ReadonlySet<string>): void {
    this.#admissions.keep(keys);
  }

  /** Frameworks whose creates or bindings fail again and again and are tried on, with what the API server says of it, by id. */
  troubles(): ReadonlyMap<string, string> {
    return this.#troubles.byFramework();
  }

  /** Drops what is queued and stops repeating what is in flight; leadership is lost or the process ends. */
  abort(): void {
    this.#queueIs([]);
    this.#probation.clear();
    this.#troubles.clear();
    this.#sentClaims.clear();
    this.#scouted.clear();
    this.#admissions.clear();
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#options.assumed.clear();
  }

  /** Drops what is queued and waits, at most `ms`, for the answers to what is in flight. */
  async drain(ms: number): Promise<void> {
    this.#queueIs([]);
    this.#probation.clear();
    this.#scouted.clear();
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
      const command = this.#next();
      if (!command) return;
      if (isPlacing(command) && !this.#probation.admit(command)) continue;
      this.#running++;
      void this.#run(command, this.#stop.signal)
        .catch((error: unknown) => this.#failed(command, error))
        .finally(() => {
          this.#running--;
          if (this.#running === 0) this.#drained();
          this.#pump();
        });
    }
  }

  /** Takes the first command off the queue. To take each off its array would move all others of a long one. */
  #next(): Command | undefined {
    const command = this.#queue[this.#first++];
    if (!command || this.#first === TAKEN_OFF) this.#queueIs(this.#queued());
    return command;
  }

  #queued(): Command[] {
    return this.#queue.slice(this.#first);
  }

  #queueIs(commands: Command[]): void {
    this.#queue = commands;
    this.#first = 0;
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
    if (isWithoutEffect(outcome)) handlerOf(command).retract(command, this.#options.assumed);
    if (command.kind === 'makeClaim' || (command.kind === 'claim' && outcome.kind !== 'done'))
      this.#sentClaims.forget(command);
    if (isPlacing(command)) this.#judge(command, outcome);
    if (command.kind === 'ask') this.#answered(command, outcome);
    if (this.#troubles.over(command)) this.#options.onTrouble();
    onOutcome(command, outcome);
  }

  /** A fault of ours in what follows an answer: the others go on, and a rejection that nobody takes would end the process. */
  #failed({ framework }: Command, error: unknown): void {
    this.#options.log.error(
      { framework: framework.id, error: messageOf(error), stack: error instanceof Error ? error.stack : '' },
      'an answer could not be taken in',
    );
  }

  #write(command: Command, signal: AbortSignal): Promise<Outcome> {
    const { clock } = this.#options;
    const handler = handlerOf(command);
    const from = clock.monotonic();
    const onFailure = (error: KubeError, tries: number): void => {
      if (handler.tries === Number.POSITIVE_INFINITY)
        this.#struggle(command, error, tries, clock.monotonic() - from);
    };
    const onAdmitted = (stored: Pod): void => {
      if (command.kind === 'ask') this.#learn(command, stored);
      if (command.kind !== 'create') return;
      try {
        this.#learn(command, stored);
      } catch (error) {
        // The Pod is made all the same: its room must not be given to others.
        this.#failed(command, error);
      }
    };
    return carryOut(handler, command, { ...this.#options, signal, onFailure, onAdmitted });
  }

  /**
   * Keeps creates of one framework until the API server has said what it makes of their Pods, if that was not known a
   * moment ago. Where it cannot be asked, one create goes first.
   * @returns whether they are kept
   */
  #scout(creates: readonly CreateCommand[]): boolean {
    const { framework } = creates[0]!;
    const now = this.#options.clock.now();
    const samples = new Map(creates.map((command) => [command.admissionKey, command]));
    const stale = [...samples.values()].filter((each) => !this.#admissions.isFresh(each.admissionKey, now));
    const asked = stale.filter(({ admissionKey }) => this.#admissions.canAsk(admissionKey));
    if (asked.length < stale.length) this.#probation.doubt(framework.id);
    if (asked.length === 0) return false;
    this.#scouted.keep(
      creates,
      asked.map(({ admissionKey }) => admissionKey),
    );
    for (const { admissionKey, pod } of asked)
      if (this.#admissions.ask(admissionKey, now))
        this.#queue.push({ kind: 'ask', framework, admissionKey, pod });
    return true;
  }

  /** The API server has said what it makes of a Pod. What was placed by something else is placed anew. */
  #learn({ kind, admissionKey, pod, framework }: CreateCommand | AskCommand, stored: Pod): void {
    const { onLearned, clock } = this.#options;
    const admission = admissionOf(pod, stored, this.#admissions.known.get(admissionKey)?.admission);
    const learned = this.#admissions.learn(admissionKey, admission, kind === 'ask', clock.now());
    if (learned === 'same') return;
    const differs = learned === 'changed' || admission.changes.length > 0;
    const givenUp = differs ? this.#giveUp(framework.id) : 0;
    const isPlacedAnew = learned === 'changed' && (kind === 'create' || givenUp > 0);
    onLearned(framework, isPlacedAnew ? admission.changes : undefined);
  }

  /** What the answer about a class means for the creates that waited for it. */
  #answered({ framework, admissionKey }: AskCommand, outcome: Outcome): void {
    if (isWithoutEffect(outcome)) {
      this.#admissions.unanswered(admissionKey);
      this.#giveUp(framework.id);
      return;
    }
    if (outcome.kind === 'mute') {
      this.#admissions.mute(admissionKey);
      this.#probation.doubt(framework.id);
    }
    this.#queueIs([...this.#scouted.answered(framework.id, admissionKey), ...this.#queued()]);
  }

  /** A write has failed and will be tried again. */
  #struggle(command: Command, { message }: KubeError, tries: number, sinceMs: number): void {
    const { log, onTrouble } = this.#options;
    if (!this.#troubles.failed(command, message, tries, sinceMs)) return;
    log.warn(
      { framework: command.framework.id, pod: keyOf(command), error: message },
      `${command.kind} fails, is tried on`,
    );
    if (isPlacing(command)) this.#probation.suspect(command);
    this.#pump();
    onTrouble();
  }

  /** What one answer means for the others of its framework that place a Pod. */
  #judge(command: PlacingCommand, outcome: Outcome): void {
    // A class that cannot be asked about and of which nothing was made: the others go when one of it was.
    const tells = outcome.kind !== 'stale' || command.kind === 'bind' || this.#isKnown(command);
    if (outcome.kind !== 'refused' && tells) {
      const waiting = this.#probation.passed(command);
      if (waiting.length > 0) this.#queueIs([...waiting, ...this.#queued()]);
      return;
    }
    this.#giveUp(command.framework.id);
  }

  #isKnown({ admissionKey }: CreateCommand): boolean {
    return this.#admissions.known.get(admissionKey)?.admission !== undefined;
  }

  /** Gives up what a framework has that was not sent; of its next plan one create goes first. @returns how many */
  #giveUp(id: string): number {
    const { assumed } = this.#options;
    const alike = (other: Command) => isPlacing(other) && other.framework.id === id;
    const waiting = [...this.#probation.refused(id), ...this.#scouted.giveUp(id)];
    const queued = this.#queued();
    const all = [...waiting, ...queued.filter(alike)];
    for (const other of all) handlerOf(other).retract(other, assumed);
    this.#queueIs(queued.filter((other) => !alike(other)));
    return all.length;
  }
}
