import type { Counted } from '../snapshot/admission.ts';
import type { Failure } from '../recovery/avoidance.ts';
import type { Signal } from '../recovery/signal.ts';
import type { FrameworkRef } from '../snapshot/framework-id.ts';
import type { Amounts } from '../snapshot/resources.ts';
import type { Removal } from '../snapshot/slots.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { ClaimManifest } from './own-claim.ts';
import type { PodManifest } from './pod.ts';
import type { PodTemplate } from '../api/template.ts';

/** Create a Pod that is already bound to its node. */
export interface CreateCommand {
  readonly kind: 'create';
  readonly framework: FrameworkRef;
  readonly pod: PodManifest;
  /** Signal of the task that it comes after; undefined for a first task. */
  readonly after: Signal | undefined;
  /** How that one ended, in words. */
  readonly ended?: string;
  /** Names the class of the Pod: what the API server makes of one of them it makes of all. */
  readonly admissionKey: string;
  /** What the Pod counts as until it is answered for, where that is not what its manifest says. */
  readonly counted: Counted | undefined;
}

/** Ask the API server what it would make of a Pod: a create that stores nothing. */
export interface AskCommand {
  readonly kind: 'ask';
  readonly framework: FrameworkRef;
  readonly admissionKey: string;
  readonly pod: PodManifest;
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
  /** What is to be remembered of its node, when that never started it. */
  readonly failure?: Failure;
}

/** Why Pods are deleted; each completes "server NAME is deleted: ...". */
export const REMOVAL_WORDS: Readonly<Record<Exclude<DeleteCommand['reason'], 'Replaced'>, string>> = {
  NodeDrained: 'its node is to be empty, and the time that the pool gives its players is over',
  Moved: 'its node is to be empty, and nobody holds it',
  ScaledDown: 'there are more tasks than the spec asks for',
  Outdated: 'it has an older template than its pool',
  Drained: 'its label proffer.dev/intent says Drain, and nobody holds it',
  Killed: 'its label proffer.dev/intent says Kill',
  GangIncomplete: 'the other workers cannot be placed, so that its room is given back',
  GangRestart: 'all workers of the job start again together',
  JobEnded: 'the job has ended',
  Suspended: 'the job is suspended, so that its room is given back',
  Counted: 'it is done and counted in the status of its job, and later ones are kept',
};

/** Bind a Pod that exists, and that somebody else made, to a node. */
export interface BindCommand {
  readonly kind: 'bind';
  readonly framework: FrameworkRef;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly node: string;
}

/** Which Pod a write is about. */
interface OfPod {
  /** That of the Pod. */
  readonly framework: FrameworkRef;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /**
   * Of a server of a pool, as it was seen: the API server refuses when it has changed since, for instance by the label
   * that gives it to players. Undefined for others: who changes their Pods all the time could never be evicted.
   */
  readonly resourceVersion: string | undefined;
}

/** Evict a Pod for another framework, as far as its PodDisruptionBudget allows. */
export interface EvictCommand extends OfPod {
  readonly kind: 'evict';
  /** Who gets the room. */
  readonly by: FrameworkRef;
  /** All Pods that are to go with it or not at all, itself among them; one list for all of them. Undefined when it is alone. */
  readonly gang?: readonly PodFacts[] | undefined;
  /**
   * All Pods that are to go for the same framework, itself among them, in the order in which they are to go; one list for
   * all of them. None goes when budgets keep one. Undefined when it is alone.
   */
  readonly company?: readonly PodFacts[] | undefined;
}

/** Ask a Pod to go by an inverse offer, or tell it that it may stay. */
export interface NoticeCommand extends OfPod {
  readonly kind: 'notice';
  /** When it is evicted, ms since the epoch; undefined = it may stay. */
  readonly until: number | undefined;
  /** Who is to get the room; undefined when it may stay, or goes for nobody's sake. */
  readonly by: FrameworkRef | undefined;
  /** Why it goes for nobody's sake: the end of a sentence. */
  readonly why?: string;
}

/** Bring a Pod to another template in place, as it was seen. */
export interface ChangeCommand extends OfPod {
  readonly kind: 'change';
  readonly resourceVersion: string;
  readonly template: PodTemplate;
  readonly revision: string;
  /** What it asks for then, in column units. */
  readonly demand: Amounts;
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

/** Make a claim that a task has for itself, before the task. */
export interface MakeClaimCommand {
  readonly kind: 'makeClaim';
  /** That of the task. */
  readonly framework: FrameworkRef;
  readonly claim: ClaimManifest;
}

/** Writes that put a Pod on a node. */
export type PlacingCommand = CreateCommand | BindCommand;

/** One write of a plan. */
export type Command =
  | PlacingCommand
  | AskCommand
  | DeleteCommand
  | EvictCommand
  | NoticeCommand
  | ChangeCommand
  | ClaimCommand
  | MakeClaimCommand;

/** A command of one kind. */
export type CommandOf<K extends Command['kind']> = Extract<Command, { readonly kind: K }>;

/** Whether a command puts a Pod on a node. */
export const isPlacing = (command: Command): command is PlacingCommand =>
  command.kind === 'create' || command.kind === 'bind';

/** namespace/name of the Pod, or claim, that a command is about. */
export function keyOf(command: Command): string {
  const { namespace, name } =
    'pod' in command ? command.pod.metadata : command.kind === 'makeClaim' ? command.claim.metadata : command;
  return `${namespace}/${name}`;
}
