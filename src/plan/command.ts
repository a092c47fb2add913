import type { Signal } from '../recovery/signal.ts';
import type { FrameworkRef } from '../snapshot/framework.ts';
import type { Removal } from '../snapshot/slots.ts';
import type { PodManifest } from './pod.ts';

/** Create a Pod that is already bound to its node. */
export interface CreateCommand {
  readonly kind: 'create';
  readonly framework: FrameworkRef;
  readonly pod: PodManifest;
  /** Signal of the task that it comes after; undefined for a first task. */
  readonly after: Signal | undefined;
}

/**
 * Delete a Pod as it was seen: the API server refuses when it has changed since, so that a server that players just
 * got is never deleted on an old view.
 */
export interface DeleteCommand {
  readonly kind: 'delete';
  readonly framework: FrameworkRef;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly reason: Removal['reason'];
  readonly signal: Signal | undefined;
}

/** One write of a plan. */
export type Command = CreateCommand | DeleteCommand;
