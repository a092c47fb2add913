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

/**
 * Let a claim have its volume for the node that was chosen for a task. What is said of each object holds for the state
 * that was seen alone: the API server refuses when it has changed since.
 */
export interface ClaimCommand {
  readonly kind: 'claim';
  /** That of the task. */
  readonly framework: FrameworkRef;
  /** Of the claim. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly node: string;
  /** The volume that is kept for the claim; undefined when a provisioner makes one for the node. */
  readonly volume:
    | {
        readonly name: string;
        readonly resourceVersion: string;
        /** People have kept it for the claim before. */
        readonly kept: boolean;
      }
    | undefined;
}

/** One write of a plan. */
export type Command = CreateCommand | DeleteCommand | ClaimCommand;
