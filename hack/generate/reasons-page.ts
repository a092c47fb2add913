import type {
  AVAILABLE_REASON,
  ClaimReason,
  Reason,
  RoleReason,
  UpdateReason,
} from '../../src/api/conditions.ts';
import type { JobReason } from '../../src/api/job/reasons.ts';
import type { ScalingReason } from '../../src/api/pool/scaling-reasons.ts';
import type { TrainingJobStatus } from '../../src/api/trainingjob.ts';
import type { EventReason } from '../../src/writes/handler.ts';
import { RULES, type Action } from '../../src/recovery/rules.ts';
import { SIGNAL_WORDS, type Signal } from '../../src/recovery/signal.ts';
import { cell, code, generatedFrom, markdownTable } from './page.ts';

/** What a word means, and what people do about it; its meaning alone where there is nothing to do. */
type Advice = string | readonly [meaning: string, remedy: string];

const REASONS: Readonly<Record<Reason, Advice>> = {
  AsExpected: 'All is well.',
  Scheduling: 'The operator has just seen the object, and decides in the next cycle.',
  InsufficientResources: [
    'Nodes that match exist, but none has room for one more task.',
    'Add nodes, scale something down, or ask for less. The message says what is missing, and which node has most of it.',
  ],
  NoMatchingNode: [
    'No node matches the selectors, affinity, tolerations, volumes, host ports or rules about other Pods of the template.',
    'Correct the template, or label, untaint or add nodes. `proffer explain` says why for each node.',
  ],
  NodesUnhealthy: [
    'A node with room exists, but monitoring forbids it: it is not ready, or its kubelet refused the same tasks a moment ago.',
    'Repair the node that the message names. After a refusal wait for some seconds.',
  ],
  GangDoesNotFit: [
    'Some members of the gang find room, or exist, but not all. None of them starts.',
    'Make room for the member that the message names, or create the members that are missing.',
  ],
  WorkersEnding: [
    'Workers of the job are stopped and have not ended, and no two of one rank run at once.',
    'Wait for as long as their `terminationGracePeriodSeconds`. If it lasts, look at the node that the message names: when it is ' +
      'dead, delete its Node object.',
  ],
  WaitingForGroup: [
    'The group of a job waits, by its `dependsOn`, for another group to be placed, ready or done.',
    'Wait. If it lasts, look at the workers of the group that the message names.',
  ],
  RoleNotGranted: [
    'The workload names an OfferRole that is not for its namespace.',
    'Name another role, or ask who keeps the OfferRole to add the namespace to `spec.namespaces`.',
  ],
  QuotaExceeded: [
    'The limit of a role leaves no room for the task.',
    'Scale down what else draws on that role, or raise `limit` in the OfferRole that the message names.',
  ],
  KeptForGuarantees: [
    'There is free room, but it must stay free so that the guarantees of other roles can be met.',
    'Give the role a guarantee of its own, lower the guarantees that the message names, or add nodes.',
  ],
  WaitingForVolumes: [
    'The node is chosen. The volumes of its claims are being bound, or made, for that node.',
    'Wait. If it lasts, look at the provisioner: `kubectl describe pvc`.',
  ],
  RoomBeingFreed: [
    'Others are leaving, and their room is kept for the task.',
    'Wait until their notice and grace are over.',
  ],
  DisruptionBudget: [
    'Others would have to go, and a PodDisruptionBudget forbids it for now.',
    'Wait, or let the budget that the message names allow a disruption.',
  ],
  GaveWay: 'Tasks of the job were evicted for others a moment ago. The job takes no offers for 10 seconds.',
  BackOff: [
    'A task failed, and waits for its next attempt.',
    'Find out why it failed: the message says how it ended, `kubectl logs` what it wrote.',
  ],
  UnsupportedField: [
    'The template uses a field that Proffer does not honour. Nothing is placed.',
    'Remove the field that the message names ([what is honoured](../placement.md)).',
  ],
  Unreadable: [
    'The spec does not follow the schema of this version. The object is left as it is.',
    'Correct the field that the message names, or install the CRDs of this version.',
  ],
  Quarantined: [
    'Work on this object fails by a fault of Proffer. The object is left as it is, and tried again after a minute, then after longer and longer, an hour at most.',
    'Report the message. A change of the spec has it tried at once.',
  ],
  ClassNotUsable: [
    'A PriorityClass or RuntimeClass that the template names does not exist, or contradicts the template.',
    'Create the class, or correct the field that the message names.',
  ],
  PodRefused: [
    'The API server refused or did not take the Pod: a ResourceQuota, admission, or a template that is not valid.',
    'Do what the message says. Proffer tries again and again, at least once a minute.',
  ],
  Starting: ['All tasks are placed, and some are not ready yet.', 'Wait.'],
  CannotStart: [
    'A container cannot start, or its Pod cannot become ready: an image, Secret, ConfigMap or volume is missing.',
    'Create what the message names, or correct the template. What waits for it starts by itself.',
  ],
  NodeLost: [
    'Servers on a lost node are kept for their players.',
    'Repair the node. If the players are gone, take the label `proffer.dev/state` off, and the server is recreated elsewhere.',
  ],
  InMaintenance: [
    'All servers but those in maintenance are ready.',
    'Take the label `proffer.dev/intent` off when the servers are good again.',
  ],
  CrashBudgetSpent: [
    'As many servers of the template crashed as `spec.crashBudget` allows within its window. None is created until the first of them is out of it.',
    'Read the logs of the Pods that crashed. A mended template is tried at once; so is one whose `limit` is raised.',
  ],
  TooManyRestarts: [
    'Workers of the job failed more often than its `maxRestarts` allows. The job has ended.',
    'Mend the cause of the last failure, which the message tells, and create the job anew.',
  ],
};

const ROLE_REASONS: Readonly<Record<RoleReason, Advice>> = {
  UnknownParent: [
    'No OfferRole has the name in `parent`. Nothing of the spec but `namespaces` is in effect, and the role stands at the top.',
    'Create the parent, or correct `parent`.',
  ],
  ParentCycle: [
    'The role is above itself. Nothing of the spec but `namespaces` is in effect, and the role stands at the top.',
    'Correct `parent` in one of the roles that the message names.',
  ],
  Unreadable: [
    'The spec does not follow the schema of this version. Nothing of it is in effect, and the role is for the namespace of its name alone.',
    'Correct the field that the message names, or install the CRDs of this version.',
  ],
  TooDeep: [
    'The role lies on a level under the 16th. Nothing of the spec but `namespaces` is in effect, and the role stands at the top.',
    'Name a parent that lies higher.',
  ],
  ReservationDoesNotFit: [
    'A reservation is not in effect on the nodes that the message names, where roles that come first by path have reserved the room; or no node bears its labels. All others are in effect.',
    'Lower it, correct the labels, or add nodes with them. The message names both.',
  ],
  GuaranteesExceedCluster: [
    'All guarantees together are more than the cluster has. Each is met as far as there is room, in the order of shares.',
    'Lower some, or add nodes.',
  ],
  OverLimit: [
    'The role holds more than its limit. It is given nothing more, and nothing is taken from it.',
    'Wait, scale down, or raise the limit.',
  ],
  NotNeeded: 'The role has less than its guarantee, and no task waits for the rest.',
};

const CLAIM_REASONS: Readonly<Record<ClaimReason, Advice>> = {
  ServerBound: 'The claim has its server.',
  NoneFree: [
    'No server that fits is free. The claim stands in line, by its priority, then by who came first.',
    'Wait, give the pool more servers, or ask for less. `spec.waitSeconds` says how long it waits.',
  ],
  NoSuchPool: [
    'No pool has a name that the selectors of the claim have.',
    'Create the pool, or delete the claim and create one that names another.',
  ],
  WaitedTooLong: [
    'No server came free within `spec.waitSeconds`. The claim has failed for good.',
    'Delete it, and create another one.',
  ],
  Refused: [
    'The allocation does not take such a spec. The claim has failed for good.',
    'Create another one, with the field that the message names corrected.',
  ],
  ServerEnded: [
    'The server of the claim crashed, was deleted, or lost its node. The session is over, and the claim gets no other server.',
    'Delete it, and create another one.',
  ],
  Released: [
    'Somebody, or a rule of the claim such as `sessionSeconds`, took its server back. The claim gets no other server.',
    'Delete it.',
  ],
};

type AvailableReason = (typeof AVAILABLE_REASON)[keyof typeof AVAILABLE_REASON];

const UPDATE_REASONS: Readonly<Record<UpdateReason | AvailableReason, Advice>> = {
  RevisionAvailable: 'Every server that players do not hold has the template of the pool.',
  Updating: ['Servers come to the template of the pool, step by step.', 'Wait.'],
  UpdatePaused: [
    '`spec.update.paused` is true: servers of older templates stay.',
    '`kubectl proffer rollout resume` when you want them to go.',
  ],
  ProgressDeadlineExceeded: [
    'An update has made no progress for `spec.update.progressDeadlineSeconds`. Servers of the older template go on.',
    'The column MESSAGE says what holds new servers. Correct the template, or `kubectl proffer rollout undo`.',
  ],
  MinimumReady: 'As many servers are ready for new players as an update must leave.',
  BelowMinimum: [
    'Fewer servers are ready for new players than an update must leave.',
    'The column MESSAGE says why.',
  ],
};

const SCALING_REASONS: Readonly<Record<ScalingReason, Advice>> = {
  NoPolicyApplies: [
    'No schedule is in effect, no webhook answers, and no other policy follows. The pool stays as it is, within its bounds.',
    'End the chain with a policy that always applies, such as `buffer`.',
  ],
  WebhookFailed: [
    'The webhook does not answer, or not as it must. Its last answer stays in force for `giveUpSeconds`, then the next policy of the chain counts.',
    'Mend what the message says.',
  ],
  InvalidSchedule: ['`startCron` or `timeZone` cannot be read.', 'Correct what the message names.'],
  CounterUnknown: [
    'No server says how much of the counter it has room for, so nobody knows what one more server is good for.',
    'Write `COUNT/CAPACITY` into the annotation of the servers, or `0/CAPACITY` into that of the template.',
  ],
  Contested: [
    'Somebody else sets `spec.replicas` again and again. The autoscaler sets it at most twice a minute then.',
    'Remove the HorizontalPodAutoscaler or ScaledObject of the pool, or leave `spec.replicas` out of what you apply.',
  ],
  ScaleRefused: ['The API server refuses the new number of servers.', 'Do what the message says.'],
  TooManyReplicas: ['The policy wants more servers than `maxReplicas`.', 'Raise `maxReplicas`, or leave it.'],
  TooFewReplicas: 'The policy wants fewer servers than `minReplicas`.',
};

const JOB_REASONS: Readonly<Record<JobReason, Advice>> = {
  GangRestart: [
    'All workers of the job start again together. The message says which restart it is, and how the worker ended that it is for.',
    'Wait; `Placed` says what for. If it comes again and again, read the log of the worker that the message names.',
  ],
  FailurePolicy: [
    'A worker ended in a way of which a rule of `spec.failurePolicy` says that the job has failed.',
    'The message says how. Mend it, or the rule, and create the job anew.',
  ],
  JobSuspended: [
    '`spec.suspend` is true: the job has given its room back.',
    'Set it to false when the job is to go on.',
  ],
  JobResumed: 'The job was suspended, and is not any more.',
  SuccessPolicy: 'The job has succeeded by its `successPolicy`. The message says which groups ended well.',
  DeadlineExceeded: [
    'The job was not done `activeDeadlineSeconds` after `status.startTime`.',
    'Create it anew with more time, or with more workers.',
  ],
  FailedIndexes: [
    'Tasks failed more often than `maxRestartsPerIndex` allows. All others are done.',
    '`status.groups[].failedIndexes` has their numbers: read their logs.',
  ],
  MaxFailedIndexesExceeded: [
    'More tasks failed for good than `maxFailedIndexes` allows, so that the others were not waited for.',
    '`status.groups[].failedIndexes` has their numbers: read their logs.',
  ],
};

type Phase = NonNullable<TrainingJobStatus['phase']>;

const PHASES: Readonly<Record<Phase, Advice>> = {
  Pending: [
    'The job waits for room. It returns to this phase when it gave way, or lost all its nodes.',
    'Look at the reason of the condition `Placed`.',
  ],
  Running: 'The workers are placed, or some of them are.',
  Suspended: [
    '`spec.suspend` is true: the job has given its room back.',
    'Set it to false when the job is to go on.',
  ],
  Succeeded: 'All workers ended with exit code 0, or those that `successPolicy` names.',
  Failed: ['The job has given up.', 'Look at the reason of the condition `Failed`.'],
};

const SIGNALS: Readonly<Record<Signal, Advice>> = {
  Deleting: 'Somebody deletes the Pod: a person, a drain, an eviction, or Proffer itself.',
  Rejected: [
    'The kubelet refused the Pod: the room was taken, or the node does not match any more.',
    'Nothing. If a node does it again and again, look for what takes its room behind the back of Kubernetes.',
  ],
  Evicted: [
    'The kubelet ended the Pod for the sake of the node: pressure, a shutdown, a critical Pod.',
    'If it was pressure, raise the requests of the task that uses more than it asked for.',
  ],
  Exited: 'The main container ended with exit code 0.',
  Rebooted: 'The node was started anew, and took the task with it.',
  Crashed: [
    'The main container ended with another exit code, or an init container did.',
    'Read the end of its log. With `OOMKilled`, raise its memory limit.',
  ],
  HelperCrashed: [
    'Another container failed for good, and the main one runs on.',
    'Read the log of that container. If it should be started again, make it a sidecar.',
  ],
  NodeGone: 'The Node object does not exist any more.',
  NodeLeaving: 'The Node object is being deleted.',
  NodeLost: [
    'The node has been silent, or not ready, for longer than `recovery.nodeLossSeconds`.',
    'Repair the node, or delete its Node object.',
  ],
  Closed: [
    'The port that the server is [asked by](../health.md) is closed, while another server of the pool answers: nobody can be playing on it.',
    'Read its log: the server has closed its port, and its process runs on.',
  ],
  Mute: [
    'The server does not answer what it is [asked](../health.md): it hangs, or nothing reaches it.',
    'Read its log. A server that is held stays; if its players are gone, take the label `proffer.dev/state` off.',
  ],
  NeverStarted: [
    'The containers of the worker did not start within `startTimeoutSeconds`.',
    'The event says why, if the kubelet tells: mend the image, the Secret, the ConfigMap or the volume.',
  ],
  Ready: 'The task is ready.',
  Starting: 'The task is not ready yet.',
};

const ACTIONS: Readonly<Record<Action, string>> = {
  keep: 'left alone',
  refill: 'recreated at once',
  replace: 'recreated at once',
  retry: 'a failure: recreated after its back-off',
  complete: 'its work is done',
};

/** Those of claims are told above. */
const EVENTS: Readonly<Record<Exclude<EventReason, ClaimReason>, Advice>> = {
  Unanswered: [
    'A server of the pool has not answered for so long that it is held to be dead or hung. It is replaced, unless it is held.',
    'The message says how it was asked. Read its log; when none of a new pool answers, compare protocol and port in `health.query`. See [health](../health.md).',
  ],
  AnswersAgain: 'A server that did not answer does so again.',
  Spared: [
    'Most servers of a node, of a pool or of all ceased to answer at once. None of them is given up: it is more likely the way to them.',
    'Look at network policies, the network of the node and the operator. Delete the Pods if the servers do hang.',
  ],
  Created: 'A server or worker was created. Those of one pool fold into one event with a count.',
  Recovered: [
    'A new task replaces one that ended. The event says how that one ended.',
    'If it crashed, read its log. See [the signals](#signals).',
  ],
  Scheduled: 'Proffer bound the Pod to a node. The words are those of kube-scheduler.',
  FailedScheduling: [
    'The Pod waits. The event says why, as its condition `PodScheduled` does.',
    'Look that reason up [above](#conditions).',
  ],
  WriteRefused: [
    'The API server refused a write of the operator, such as a create or a binding.',
    'Do what the message says: it names the quota, the policy or the right.',
  ],
  MadeRoom: 'A Pod was evicted so that this one finds room.',
  EvictionBlocked: [
    'A Pod would have to go, and a PodDisruptionBudget forbids it for now.',
    'Wait, or let the budget allow a disruption.',
  ],
  GaveWay: [
    'The Pod was evicted for another workload, which the event names.',
    'See [who gives way](../preemption.md).',
  ],
  AskedToGo: [
    'The Pod is asked to leave by the time in its annotation `proffer.dev/inverse-offer`.',
    'Let the program save its work and end before that time.',
  ],
  Changed:
    'A server was changed in place to the template of its pool. See [updates](../updates.md#in-place).',
  MayStay: 'The Pod was asked to leave, and need not any more.',
  SessionReleased:
    'A session lost its server: its reservation is over, nobody came within `beginSeconds`, or its claim was deleted. The event says which.',
  SessionOverlong: [
    'A session lasted longer than its `sessionSeconds`, and did not end when its server was asked to go. The server is replaced.',
    'Let the server end its session by the time in its annotation `proffer.dev/inverse-offer`.',
  ],
  ClaimExpired:
    'A claim of a server was deleted: its `ttlSecondsAfterFinished` are over since it was Lost or had Failed.',
  Succeeded: 'All workers of the job ended with exit code 0.',
  Failed: ['The job gave up. The event says why.', 'Look at the reason of the condition `Failed`.'],
  Scaled: [
    'A pool that scales itself got another number of servers.',
    'See [autoscaling](../autoscaling.md).',
  ],
  ScaledDown: 'A task was deleted, since there are more than the spec asks for.',
  Outdated: 'A server was deleted, since a newer template of its pool takes its place.',
  NodeDrained: [
    'A server that players held was deleted: its node is to be empty, and the time that the pool gives them is over.',
    'Nothing; `spec.eviction.drainSeconds` of the pool is that time.',
  ],
  Moved:
    'A server that nobody held was deleted, since its node is to be empty: `spec.eviction.replaceFirst` of its pool.',
  Drained: 'A server was deleted, since its label `proffer.dev/intent` says `Drain` and nobody holds it.',
  Killed: 'A server was deleted, whoever held it, since its label `proffer.dev/intent` says `Kill`.',
  Unhealthy: [
    'More servers than before are kept although they are not well. The event names them and says what is wrong.',
    'See `bin/proffer servers`. When nobody plays there any more, take the label `proffer.dev/state` off, and they are replaced.',
  ],
  CrashBudgetSpent: [
    'The pool creates nothing for now. The event says until when.',
    'See [above](#conditions).',
  ],
  GangRestart: 'A worker was stopped, since all workers of its job start again together.',
  Restarting: [
    'All workers of a job start again together. The event says how the worker ended that it is for.',
    'Read the log of that worker.',
  ],
  GangIncomplete: [
    'A worker was deleted, since the others of its job cannot be placed. Its room is given back.',
    'Look at the reason of the condition `Placed` of the job.',
  ],
  JobEnded: 'A worker was deleted, since its job has ended.',
  Suspended: 'A worker was deleted, since its job is suspended.',
  Counted:
    'A finished task was deleted: its end is counted in the status of its job, which keeps the last ones alone.',
};

const parts = (advice: Advice): readonly [meaning: string, remedy: string] =>
  typeof advice === 'string' ? [advice, 'Nothing.'] : advice;

const rowsOf = (table: Readonly<Record<string, Advice>>): string[][] =>
  Object.entries(table).map(([word, advice]) => [code(word), ...parts(advice).map(cell)]);

function signalRows(): string[][] {
  const rows = Object.entries(SIGNALS) as [Signal, Advice][];
  return rows.map(([signal, advice]) => {
    const [meaning, remedy] = parts(advice);
    return [
      code(signal),
      cell(`${meaning} (${SIGNAL_WORDS[signal]})`),
      ACTIONS[RULES.GameServerPool[signal]],
      ACTIONS[RULES.TrainingJob[signal]],
      cell(remedy),
    ];
  });
}

const TITLES = ['reason', 'meaning', 'what to do'];

/** The reference of reasons, phases, signals and events: docs/reference/reasons.md. */
export function reasonsPage(): string {
  return [
    generatedFrom('hack/generate/reasons-page.ts'),
    '# Reasons',
    '',
    'Proffer says in one word why something is as it is, and in a sentence beside it what that means here. This page has ' +
      'every such word. Words are stable; sentences are for people and may change.',
    '',
    '## Conditions',
    '',
    'Reasons of the conditions of GameServerPools and TrainingJobs, of `Satisfied` and `GuaranteeMet` of OfferRoles, and of `PodScheduled` of Pods ' +
      'with `schedulerName: proffer` that wait. The column STATE of `kubectl get or`, and of `kubectl get gsp -o wide`, shows them. A Pod says `Unschedulable` instead where other or more nodes ' +
      'would help: node autoscalers look for that word.',
    '',
    ...markdownTable(TITLES, rowsOf(REASONS)),
    '',
    '## Updates of a GameServerPool',
    '',
    'Reasons of its conditions `Progressing` and `Available`. `Reconciling` and `Stalled` have those of `Progressing`, and are there ' +
      'while they are True alone. [More](../updates.md).',
    '',
    ...markdownTable(TITLES, rowsOf(UPDATE_REASONS)),
    '',
    '## Scaling of a GameServerPool',
    '',
    'Reasons of the conditions `ScalingActive` and `ScalingLimited` of pools with `spec.autoscale`, beside `AsExpected`.',
    '',
    ...markdownTable(TITLES, rowsOf(SCALING_REASONS)),
    '',
    '## The life of a TrainingJob',
    '',
    'Reasons of its conditions `Suspended`, `Complete` and `Failed`, beside those above.',
    '',
    ...markdownTable(TITLES, rowsOf(JOB_REASONS)),
    '',
    '## Phases of a TrainingJob',
    '',
    'The column PHASE of `kubectl get tj`, and the reason of the condition `Complete` until it is True.',
    '',
    ...markdownTable(['phase', 'meaning', 'what to do'], rowsOf(PHASES)),
    '',
    '## Settings of an OfferRole',
    '',
    'Reasons of its condition `Valid`; `NotNeeded` is one of `GuaranteeMet`.',
    '',
    ...markdownTable(TITLES, rowsOf(ROLE_REASONS)),
    '',
    '## Servers of a GameServerClaim',
    '',
    'Reasons of its condition `Bound`, and of events on it. [More](../allocation.md#with-kubectl-alone).',
    '',
    ...markdownTable(TITLES, rowsOf(CLAIM_REASONS)),
    '',
    '## Signals',
    '',
    'What monitoring sees of a task, the strongest first, and in parentheses the words of events and messages. The label `signal` of ' +
      '`proffer_recoveries_total` has these values. A server with players is kept when its node is lost or leaving, or when a helper crashed. A server that ' +
      'exits with 0 within 5 s of its start has failed.',
    '',
    ...markdownTable(['signal', 'meaning', 'a game server', 'a worker', 'what to do'], signalRows()),
    '',
    '## Events',
    '',
    'Reasons of events on pools, jobs and claims of servers, and on Pods of others: `kubectl describe`, or `kubectl get events --field-selector reason=Recovered`. ' +
      'Where more come at once than can be written, those of one reason are one event with a count: on the pool or job, the ' +
      'controlling owner of the Pods, or, where they have none, their namespace.',
    '',
    ...markdownTable(TITLES, rowsOf(EVENTS)),
    '',
  ].join('\n');
}
