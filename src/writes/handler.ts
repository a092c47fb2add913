import type { Clock } from '../lib/clock.ts';
import type { Pod } from '../snapshot/objects.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { AssumedPods } from './assumed.ts';
import type { KubeClient } from './client.ts';
import type { KubeError } from './errors.ts';
import { withRetry, type RetryOptions } from './retry.ts';

/** What a write of a Pod needs to be carried out. */
export interface WriteContext {
  readonly client: KubeClient;
  readonly assumed: AssumedPods;
  readonly readPod: (pod: Pod) => PodFacts;
  /** Says which of the Pods of a namespace its PodDisruptionBudgets keep from going together, by UID, with the budget. */
  readonly budgetsAgainst: (
    budgets: readonly object[],
    pods: readonly PodFacts[],
  ) => ReadonlyMap<string, string>;
  readonly clock: Clock;
  /** Yields [0, 1). */
  readonly random: () => number;
  /** Asked right before each write goes out. */
  readonly mayWrite: () => boolean;
  /** Ends tries; leadership is lost or the process ends. */
  readonly signal: AbortSignal;
  /** A try failed and another follows. */
  readonly onFailure: (error: KubeError, tries: number) => void;
  /** The API server has made this of the Pod that was sent. */
  readonly onAdmitted: (stored: Pod) => void;
}

/** Repeats a request while an answer may still come of it. @param attempts most tries; without end when left out */
export const repeat = <T>(
  { clock, random, signal, onFailure }: WriteContext,
  request: () => Promise<T>,
  attempts: RetryOptions['attempts'] = Number.POSITIVE_INFINITY,
): Promise<T> => withRetry(request, { clock, random, signal, attempts, onFailure });

/** Path of a Pod in the API. */
export const podPath = (namespace: string, name: string): string =>
  `/api/v1/namespaces/${namespace}/pods/${name}`;
