import type { ClaimReason } from '../api/conditions.ts';
import type { KubeClient, KubeRequest } from '../kube/client.ts';
import { KubeError, type KubeErrorKind } from '../kube/errors.ts';
import type { RecordedEvent } from '../kube/events.ts';
import { withRetry, type RetryOptions } from '../kube/retry.ts';
import type { Command, REMOVAL_WORDS } from '../plan/command.ts';
import type { News } from '../plan/telling.ts';
import type { Pod } from '../snapshot/reading/objects.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { AssumedPods } from './assumed.ts';

/** How a command ended, told to the controller once for each. */
export type Outcome =
  /** It was carried out. */
  | { readonly kind: 'done' }
  /** The API server cannot say what it would make of a Pod: an admission webhook takes no dry runs. */
  | { readonly kind: 'mute' }
  /** The world had moved on: the next cycle decides anew. */
  | { readonly kind: 'stale' }
  /** A PodDisruptionBudget forbids the eviction for now; the message names it. */
  | { readonly kind: 'blocked'; readonly message: string }
  /** The API server refuses the write, and that stands on the Pod: it is done in another way. */
  | { readonly kind: 'fellBack'; readonly message: string }
  /** The API server refuses the write; asking again at once is of no use. */
  | { readonly kind: 'refused'; readonly message: string };

/** Whether a command that ended so has changed nothing. */
export const isWithoutEffect = ({ kind }: Outcome): boolean => kind !== 'done' && kind !== 'mute';

/** Reasons of the events that Proffer writes. */
export type EventReason =
  | 'Created'
  | 'Recovered'
  | 'Scheduled'
  | 'FailedScheduling'
  | 'WriteRefused'
  | 'MadeRoom'
  | 'EvictionBlocked'
  | 'GaveWay'
  | 'AskedToGo'
  | 'Changed'
  | 'MayStay'
  | 'SessionReleased'
  | 'SessionOverlong'
  | 'ClaimExpired'
  | ClaimReason
  | 'Unanswered'
  | 'AnswersAgain'
  | 'Spared'
  | News['reason']
  | 'Scaled'
  | keyof typeof REMOVAL_WORDS;

/** An event, without the object that it is about. */
export type Told = Omit<RecordedEvent, 'regarding' | 'reason'> & { readonly reason: EventReason };

/** All that is done about commands of one kind, from the decision to what people hear of it. */
export interface Handler<C extends Command> {
  /** What is done, as events name it. */
  readonly action: string;
  /** Most tries of a request. Endless for what holds room until its fate is known; the rest is decided anew in the next cycle. */
  readonly tries: number;
  /** Answers of the API server that mean: the world had moved on. */
  readonly stale: readonly KubeErrorKind[];
  /** Lets a command count from now on, before the API server has heard of it. */
  assume(command: C, assumed: AssumedPods, readPod: WriteContext['readPod']): void;
  /** A command has had no effect: it counts no more. */
  retract(command: C, assumed: AssumedPods): void;
  /**
   * Carries a command out.
   * @throws KubeError when the API server refuses, does not take it in so many tries, or knows a newer state
   */
  write(command: C, context: WriteContext): Promise<Outcome>;
  /**
   * Says that a command was carried out; undefined when nobody needs to hear of it.
   * @param word what a task of its framework is called
   */
  told(command: C, word: string): Omit<Told, 'action'> | undefined;
}

/** What handlers carry commands out with. */
export interface WriteContext {
  readonly assumed: AssumedPods;
  readonly readPod: (pod: Pod) => PodFacts;
  /** ms since the epoch */
  readonly now: () => number;
  /** Sends a request, again and again while an answer may still come of it. */
  readonly send: <T>(request: KubeRequest, isFinal?: RetryOptions['isFinal']) => Promise<T>;
  /** The API server has made this of the Pod that was sent. */
  readonly onAdmitted: (stored: Pod) => void;
}

/** What requests go out by. */
export interface CarryOptions
  extends
    Omit<WriteContext, 'now' | 'send'>,
    Required<Pick<RetryOptions, 'clock' | 'random' | 'signal' | 'onFailure'>> {
  readonly client: KubeClient;
  /** Asked right before each write goes out. */
  readonly mayWrite: () => boolean;
}

/**
 * Carries a command out by its handler.
 * @throws KubeError when the API server refuses, or does not take it in so many tries
 */
export async function carryOut<C extends Command>(
  handler: Handler<C>,
  command: C,
  { client, clock, random, signal, onFailure, mayWrite: mayGo, ...rest }: CarryOptions,
): Promise<Outcome> {
  const send = <T>(request: KubeRequest, isFinal?: RetryOptions['isFinal']): Promise<T> => {
    const gated = request.method === 'GET' ? { ...request, signal } : { ...request, signal, mayGo };
    const retry = { clock, random, signal, onFailure, attempts: handler.tries, isFinal };
    return withRetry(() => client.request<T>(gated), retry);
  };
  try {
    return await handler.write(command, { ...rest, now: () => clock.now(), send });
  } catch (error) {
    if (error instanceof KubeError && handler.stale.includes(error.kind)) return { kind: 'stale' };
    throw error;
  }
}
