import type { AgentHealth } from './health.ts';

/** The parts of a task that recovery judges. */
export interface TaskState {
  readonly phase: string;
  readonly reason: string;
  readonly ready: boolean;
  readonly deleting: boolean;
  readonly node: string | undefined;
  readonly createdAt: number;
  /** Of the container that ended it, or that helped it while the main one runs on. */
  readonly exit:
    | { readonly part: 'main' | 'init' | 'helper'; readonly code: number; readonly reason?: string }
    | undefined;
  /** None of its containers started in time. */
  readonly late?: boolean;
  /** Its node was started anew since the task was made for it. */
  readonly rebooted?: boolean;
  /**
   * It is asked over the network and does not answer: beyond doubt nobody uses it (`Closed`), or it may be of use to
   * somebody all the same (`Mute`).
   */
  readonly unanswered?: 'Closed' | 'Mute' | undefined;
}

/**
 * What it means that a task does not answer. That its port is closed proves that nobody uses it, where users come by that
 * port over UDP, which knows no connection that outlives its socket; and where another of its kind answers, so that
 * it is not the way there that is closed, by a policy of the network. All else may be an error of ours.
 */
export const unansweredAs = (
  isRefused: boolean,
  { isPlayed, othersAnswer }: { readonly isPlayed: boolean; readonly othersAnswer: boolean },
): NonNullable<TaskState['unanswered']> => (isRefused && isPlayed && othersAnswer ? 'Closed' : 'Mute');

/** What monitoring saw of one task, strongest first. */
export type Signal =
  /** Somebody deletes the Pod: a person, a drain, a disruption, or Proffer itself. */
  | 'Deleting'
  /** The kubelet refused the Pod: the room was taken, or the node no longer matches. */
  | 'Rejected'
  /** The kubelet ended the Pod for the node's sake: pressure, a shutdown of the machine, a critical Pod. */
  | 'Evicted'
  /** The main container ended with exit code 0. */
  | 'Exited'
  /** Its node was started anew and took the task with it. */
  | 'Rebooted'
  /** The main container ended with another exit code (a crash, a signal, out of memory), or an init container did. */
  | 'Crashed'
  /** Another container failed for good: the main one may run on, and its Pod is not ready any more. */
  | 'HelperCrashed'
  /** The Node object is gone. */
  | 'NodeGone'
  /** The Node object is being deleted; until its finalizers are done the machine runs on. */
  | 'NodeLeaving'
  /** The node has been silent or not ready for longer than the workload allows. */
  | 'NodeLost'
  /** Asked over the network it refuses, and nobody can be using it. */
  | 'Closed'
  /** Asked over the network it says nothing, or refuses and may be of use to somebody all the same. */
  | 'Mute'
  /** It was placed, and its containers did not start in time. */
  | 'NeverStarted'
  | 'Ready'
  | 'Starting';

/** Signals in words, of what is named before them. */
export const SIGNAL_WORDS: Readonly<Record<Signal, string>> = {
  Deleting: 'was deleted',
  Rejected: 'was rejected by its node',
  Evicted: 'was evicted by its node',
  Exited: 'ended',
  Rebooted: 'ended with a reboot of its node',
  Crashed: 'crashed',
  HelperCrashed: 'lost a helper container',
  NodeGone: 'lost its node: the Node object is gone',
  NodeLeaving: 'lost its node: the node is being deleted',
  NodeLost: 'lost its node: no sign of life',
  Closed: 'closed its port',
  Mute: 'did not answer any more',
  NeverStarted: 'did not start in time',
  Ready: 'was ready',
  Starting: 'was starting',
};

/**
 * Reasons with which a kubelet refuses a Pod at admission (pkg/kubelet/lifecycle, pkg/kubelet/nodeshutdown). What
 * follows OutOf is the name of a resource, such as ephemeral-storage or nvidia.com/gpu.
 */
const REJECTIONS =
  /^(OutOf\S+|NodeAffinity|NodePorts|NodeName|NodeShutdown|UnexpectedAdmissionError|PodOS\w+|Taint\w*|TopologyAffinityError)$/;

/** Reasons with which a kubelet ends a running Pod (pkg/kubelet/eviction, preemption and nodeshutdown). */
const EVICTIONS: ReadonlySet<string> = new Set(['Evicted', 'Preempting', 'Terminated']);

/**
 * Whether the container runtime found the container gone when it came up, and knows no more: after a reboot of the
 * machine, or after a restart of the runtime that its containers did not outlive (containerd, internal/cri/server/restart.go).
 */
export const isLost = (exit: TaskState['exit']): boolean => exit?.code === 255 && exit.reason === 'Unknown';

/**
 * Reads the signal of one task.
 * @param health of the task's node; undefined when the Node object does not exist
 * @param nodeLossMs how long the node may be silent
 */
export function signalOf(task: TaskState, health: AgentHealth | undefined, nodeLossMs: number): Signal {
  if (task.deleting) return 'Deleting';
  if (task.phase === 'Failed' && task.exit === undefined && REJECTIONS.test(task.reason)) return 'Rejected';
  if (task.phase === 'Failed' && EVICTIONS.has(task.reason)) return 'Evicted';
  if (task.rebooted && isLost(task.exit)) return 'Rebooted';
  const { exit } = task;
  if (exit && exit.part !== 'helper') return exit.code === 0 ? 'Exited' : 'Crashed';
  if (task.phase === 'Succeeded') return 'Exited';
  if (task.phase === 'Failed') return 'Crashed';
  if (task.node !== undefined) {
    if (health === undefined) return 'NodeGone';
    if (health.deleting) return 'NodeLeaving';
    if (health.unfitMs >= nodeLossMs) return 'NodeLost';
  }
  if (exit) return 'HelperCrashed';
  if (task.unanswered) return task.unanswered;
  if (task.late) return 'NeverStarted';
  return task.ready ? 'Ready' : 'Starting';
}
