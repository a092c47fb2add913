import { z } from 'zod';
import { boundedText } from '../lib/bounded-text.ts';

/** A standard Kubernetes condition. */
export const condition = z
  .object({
    type: z.string().describe('Type of the condition.'),
    status: z.enum(['True', 'False', 'Unknown']).describe('True, False or Unknown.'),
    observedGeneration: z.int().describe('Generation of the spec that the condition speaks of.').optional(),
    lastTransitionTime: z.string().describe('When the status last changed.').meta({ format: 'date-time' }),
    reason: z.string().describe('One word for programs.'),
    message: z.string().describe('One sentence for people.'),
  })
  .describe('One aspect of the state of the object, with its reason.');

/** A condition as read from or written to a status. */
export type Condition = z.infer<typeof condition>;

/** Condition types that Proffer writes. */
export const CONDITION = {
  /** Every task that should run holds an accepted offer. */
  placed: 'Placed',
  /** Every server of a pool is ready for players. */
  ready: 'Ready',
  /** Every field of the template is honoured; False names the field that is not. */
  supported: 'Supported',
  /** All workers of a job ended with exit code 0. */
  complete: 'Complete',
  /** A job gave up. */
  failed: 'Failed',
  /** No task of a role waits. */
  satisfied: 'Satisfied',
  /** All settings of a role are in effect and can be met; False says which are not. */
  valid: 'Valid',
  /** A role holds its guarantee, or needs no more. */
  guaranteeMet: 'GuaranteeMet',
  /** A pool comes to its template, or has come to it; as of Deployments. */
  progressing: 'Progressing',
  /** As many servers of a pool are ready as its update must leave. */
  available: 'Available',
  /** A pool is being updated; and, an update stands still. There while so alone, for tools that know no pools. */
  reconciling: 'Reconciling',
  stalled: 'Stalled',
  /** A claim has its server. */
  bound: 'Bound',
} as const;

/** The layer that holds a waiting task, as condition reasons; each has one cause and one cure. */
export const REASON = {
  ok: 'AsExpected',
  /** The object was just seen; the next cycle decides. */
  scheduling: 'Scheduling',
  /** Nodes that match exist, but none has the room. */
  resources: 'InsufficientResources',
  /** No node matches the template's selectors, affinity, tolerations or ports. */
  constraints: 'NoMatchingNode',
  /** Nodes with room exist, but monitoring holds them unfit. */
  faults: 'NodesUnhealthy',
  /** Some members of a gang fit, not all. */
  gang: 'GangDoesNotFit',
  /** The group of a job waits for another group: `dependsOn`. */
  dependsOn: 'WaitingForGroup',
  /** The OfferRole that the task would draw on does not let its namespace do so. */
  role: 'RoleNotGranted',
  /** The limit of a role leaves no room for the task. */
  quota: 'QuotaExceeded',
  /** What is free must stay free so that the guarantees of other roles can be met. */
  kept: 'KeptForGuarantees',
  /** Nodes are chosen; the volumes of claims are being bound or made for them. */
  volumes: 'WaitingForVolumes',
  /** Others are leaving, so that there will be room. */
  freeing: 'RoomBeingFreed',
  /** Others would have to go, and a PodDisruptionBudget forbids it for now. */
  budget: 'DisruptionBudget',
  /** Its tasks were evicted for others a moment ago: it takes no offers for some seconds. */
  gaveWay: 'GaveWay',
  /** Workers of a job are still ending: no two of one rank run at once. */
  ending: 'WorkersEnding',
  /** The task failed and its back-off has not run out. */
  backoff: 'BackOff',
  /** The template uses a field that Proffer does not honour. */
  unsupported: 'UnsupportedField',
  /** The spec is not one of this version's schema. */
  unreadable: 'Unreadable',
  /** Working on the object fails by a fault of Proffer; all others go on. */
  quarantined: 'Quarantined',
  /** A PriorityClass or RuntimeClass that the template names does not exist, or contradicts it. */
  class: 'ClassNotUsable',
  /** The API server refused the Pod. */
  api: 'PodRefused',
  /** Tasks are placed and not ready yet. */
  starting: 'Starting',
  /** A container cannot start (its image, Secret, ConfigMap or volume is missing), or its Pod cannot become ready. */
  stuck: 'CannotStart',
  /** Servers are kept on a lost node for their players. */
  nodeLost: 'NodeLost',
  /** Servers are kept for somebody who looks after them. */
  maintenance: 'InMaintenance',
  /** So many servers crashed in a short time that no more are created for now. */
  crashes: 'CrashBudgetSpent',
  /** Workers of a job failed more often than its `maxRestarts` allows. */
  tooManyRestarts: 'TooManyRestarts',
} as const;

/** One of the reasons above. */
export type Reason = (typeof REASON)[keyof typeof REASON];

/** How far a pool is on the way to its template, by the condition `Progressing`. */
export const UPDATE_REASON = {
  /** Every server that nobody holds has the template. */
  done: 'RevisionAvailable',
  updating: 'Updating',
  paused: 'UpdatePaused',
  /** Nothing has changed for longer than `progressDeadlineSeconds`. */
  late: 'ProgressDeadlineExceeded',
} as const;

/** One of the reasons of an update. */
export type UpdateReason = (typeof UPDATE_REASON)[keyof typeof UPDATE_REASON];

/** Whether enough servers of a pool are ready, by the condition `Available`. */
export const AVAILABLE_REASON = {
  enough: 'MinimumReady',
  few: 'BelowMinimum',
} as const;

/** Why settings of a role are not in effect, or cannot be met; each has one cause and one cure. */
export const ROLE_REASON = {
  /** `parent` names no OfferRole. */
  unknownParent: 'UnknownParent',
  /** The role is above itself. */
  parentCycle: 'ParentCycle',
  /** The spec is not one of this version's schema. */
  unreadable: 'Unreadable',
  /** More roles stand above it than a tree may have levels. */
  tooDeep: 'TooDeep',
  /** A reservation is not in effect on some of its nodes, or matches none. */
  reservation: 'ReservationDoesNotFit',
  /** All guarantees together are more than the cluster has. */
  guarantees: 'GuaranteesExceedCluster',
  /** The role holds more than its limit: a limit takes nothing away. */
  overLimit: 'OverLimit',
  /** The role has less than its guarantee, and nothing of it waits for more. */
  unneeded: 'NotNeeded',
} as const;

/** One of the reasons of a role. */
export type RoleReason = (typeof ROLE_REASON)[keyof typeof ROLE_REASON];

/** Whether a GameServerClaim has its server, by the condition `Bound`. */
export const CLAIM_REASON = {
  bound: 'ServerBound',
  /** No server that fits is free: the claim waits. */
  noneFree: 'NoneFree',
  /** No pool has a name that the claim asks for: it waits. */
  noPool: 'NoSuchPool',
  /** It waited for as long as it says. */
  late: 'WaitedTooLong',
  /** The allocation does not take such a spec. */
  refused: 'Refused',
  /** Its server crashed, was deleted, or lost its node. */
  ended: 'ServerEnded',
  /** Somebody, or a rule of the claim, released its server. */
  released: 'Released',
} as const;

/** One of the reasons of a claim. */
export type ClaimReason = (typeof CLAIM_REASON)[keyof typeof CLAIM_REASON];

/**
 * Merges one condition into a list. The transition time moves only when the status does, so that an unchanged
 * condition compares equal and is not written again. A message that is too long for a status is cut.
 * @param now ISO 8601 time used when the status changes.
 */
export function setCondition(
  conditions: readonly Condition[],
  next: Omit<Condition, 'lastTransitionTime'>,
  now: string,
): Condition[] {
  const old = conditions.find((c) => c.type === next.type);
  const lastTransitionTime = old && old.status === next.status ? old.lastTransitionTime : now;
  const message = boundedText(next.message);
  return [...conditions.filter((c) => c.type !== next.type), { ...next, message, lastTransitionTime }];
}
