import type { Recovery } from '../api/gameserverpool.ts';
import { restartDelayMs } from '../recovery/backoff.ts';
import type { AgentHealth } from '../recovery/health.ts';
import { actionFor, type Action, type WorkloadKind } from '../recovery/rules.ts';
import { isLost, signalOf, unansweredAs, type Signal } from '../recovery/signal.ts';
import { boundedTime } from '../lib/time.ts';
import { endWords } from './ending.ts';
import type { PortRanges } from './port-ranges.ts';
import type { PodFacts, TaskFacts } from './task.ts';
import type { OwnClaim } from './volumes/own-volumes.ts';

/** A Pod that Proffer made, with the facts that say so. */
export type TaskPod = PodFacts & { readonly task: TaskFacts };

/** A slot that has no task and should have one. */
export interface Vacancy {
  readonly slot: number;
  /** Name for the new Pod: the same in every run on the same objects, so that two creates cannot make two Pods. */
  readonly name: string;
  /** Failures in a row that the new Pod starts with. */
  readonly failures: number;
  /** What ended the task before it, if there was one. */
  readonly after: Signal | undefined;
  /** How that one ended, in words. */
  readonly ended?: string;
  /** Claims that it has for itself; undefined when it has none. */
  readonly claims?: readonly OwnClaim[];
  /** Those of them that are yet to be made: it is not launched before. */
  readonly lacks?: readonly OwnClaim[];
  /** The Pod that waits there, when it exists already; it is bound, not made. */
  readonly pod?: PodFacts;
}

/** A Pod that is to be deleted, and why. */
export interface Removal {
  readonly pod: PodFacts;
  readonly reason:
    | 'Replaced'
    | 'ScaledDown'
    | 'Outdated'
    | 'Drained'
    | 'NodeDrained'
    | 'Moved'
    | 'Killed'
    | 'GangIncomplete'
    | 'GangRestart'
    | 'JobEnded'
    | 'Suspended'
    | 'Counted';
  /** What ended it, when it is a recovery. */
  readonly signal: Signal | undefined;
}

/** A task under judgement: what was seen of it and what the rules say. */
export interface Judged {
  readonly pod: TaskPod;
  readonly signal: Signal;
  readonly action: Action;
  /** Failures in a row that a replacement starts with. */
  readonly failures: number;
  /** When a replacement is due, ms since the epoch. */
  readonly due: number;
  /** How it ended, in words; empty for one that is kept. */
  readonly ended: string;
}

/** By which rules the tasks of a kind are judged. */
export interface TaskRules {
  /** Row of the rule table. */
  readonly row: WorkloadKind;
  /** Failures in a row after one more. @param ranMs how long the task ran @param wasReady whether it was ready meanwhile */
  readonly failuresAfter: (before: number, ranMs: number, wasReady: boolean) => number;
  /** Some task of the workload answers when it is asked. */
  readonly othersAnswer?: boolean;
  /** How long the containers of a task may take to start, ms; for ever when left out. */
  readonly startMs?: number | undefined;
  /** How a task ended stands when somebody deletes its Pod afterwards. */
  readonly endsStand?: boolean;
}

/** What judging needs to know beside the tasks. */
export interface Watch {
  readonly now: number;
  /** Health of a node; undefined when the Node object does not exist. */
  readonly healthOf: (node: string) => AgentHealth | undefined;
  /** Boot ID of a node; undefined when it does not say. */
  readonly bootOf: (node: string) => string | undefined;
  /** Whether a node is to be empty, since somebody said so. */
  readonly isDrained: (node: string) => boolean;
  /** The ranges that host ports come from. */
  readonly hostPorts: PortRanges;
}

/** What a task recovers from that takes the place of another; nothing when that was sent away by ourselves. */
export const recoveredFrom = ({ pod, signal }: Judged): Signal | undefined =>
  pod.dismissed ? undefined : signal;

/** How long a server outlives a helper that failed, ms: its main container may be ending as well, and that says more. */
const HELPER_GRACE_MS = 2000;

/** A kubelet that refuses a slot's Pods is asked at most this often, ms: it is nobody's failure, but no hot loop either. */
const REJECTED_PAUSE_MS = 1000;

/** When an ended task is due to be recreated, ms since the epoch. */
function dueAt(
  endedAt: number | undefined,
  signal: Signal,
  action: Action,
  failures: number,
  recovery: Recovery,
  now: number,
): number {
  if (action === 'retry') {
    const delayMs = restartDelayMs(failures, recovery.maxBackoffSeconds * 1000);
    return (endedAt ?? now) + (signal === 'HelperCrashed' ? Math.max(HELPER_GRACE_MS, delayMs) : delayMs);
  }
  return signal === 'Rejected' ? (endedAt ?? now) + REJECTED_PAUSE_MS : now;
}

/** How long nothing is said of a container that its runtime lost, ms: the news of a reboot may come after that of its end. */
const REBOOT_MS = 5000;

/** Applies the recovery rules to one task. */
export function judge(pod: TaskPod, rules: TaskRules, recovery: Recovery, watch: Watch): Judged {
  const health = pod.node === undefined ? undefined : watch.healthOf(pod.node);
  const { task } = pod;
  const lost = isLost(task.exit) && task.boot !== undefined && pod.node !== undefined;
  const boot = lost ? watch.bootOf(pod.node) : undefined;
  const rebooted = boot !== undefined && boot !== task.boot;
  // One that ended and held its room is cleared away by ourselves: until it is gone it carries its failure.
  const found = task.exit ? undefined : task.asked?.verdict;
  const unanswered =
    found?.unanswered &&
    unansweredAs(found.unanswered === 'Refused', {
      isPlayed: task.asked!.isPlayed,
      othersAnswer: rules.othersAnswer ?? false,
    });
  const isCleared = pod.dismissed === false && (task.exit !== undefined || unanswered !== undefined);
  const { phase, reason, ready, node, createdAt } = pod;
  const hasEnded = rules.endsStand && task.exit !== undefined && task.exit.part !== 'helper';
  const deleting = pod.deleting && !isCleared && !hasEnded;
  const startBy = (task.waitsSince ?? Infinity) + (rules.startMs ?? Infinity);
  const late = startBy <= watch.now;
  const state = {
    phase,
    reason,
    ready,
    deleting,
    node,
    createdAt,
    exit: task.exit,
    rebooted,
    unanswered,
    late,
  };
  const signal = signalOf(state, health, recovery.nodeLossSeconds * 1000);
  const { endedAt = watch.now } = pod;
  if (lost && signal === 'Crashed' && watch.now < endedAt + REBOOT_MS) {
    const due = endedAt + REBOOT_MS;
    return { pod, signal: 'Starting', action: 'keep', failures: task.failures, due, ended: '' };
  }
  const mutedAt = unanswered && boundedTime(found!.since, createdAt, watch.now);
  const ranMs = mutedAt === undefined ? (task.exit?.ranMs ?? 0) : mutedAt - createdAt;
  const byRule = actionFor(rules.row, signal, task.session, ranMs);
  // Its image was to be changed, and the kubelet could not start the new one: a new Pod tells why.
  const action = byRule === 'retry' && task.exit?.byChange ? 'replace' : byRule;
  const wasReady = task.exit?.wasReady ?? false;
  const failures = action === 'retry' ? rules.failuresAfter(task.failures, ranMs, wasReady) : task.failures;
  const isStarting = signal === 'Starting' && startBy < Infinity;
  const due = isStarting
    ? startBy
    : dueAt(mutedAt ?? pod.endedAt, signal, action, failures, recovery, watch.now);
  const isKept = action === 'keep' || action === 'complete';
  return { pod, signal, action, failures, due, ended: isKept ? '' : endWords(pod, signal, watch.isDrained) };
}

/**
 * Order of the ended tasks of one slot: the last first, since it carries the slot's count of failures. Creation times
 * are whole seconds, so that of two in one second the one that counts more came later.
 */
export const lastFirst = (a: Judged, b: Judged): number =>
  b.pod.createdAt - a.pod.createdAt || b.failures - a.failures || (a.pod.name < b.pod.name ? -1 : 1);
