import type { Reason, RoleReason } from '../../src/api/conditions.ts';
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

type Phase = NonNullable<TrainingJobStatus['phase']>;

const PHASES: Readonly<Record<Phase, Advice>> = {
  Pending: [
    'The job waits for room. It returns to this phase when it gave way, or lost all its nodes.',
    'Look at the reason of the condition `Placed`.',
  ],
  Running: 'The workers are placed, or some of them are.',
  Succeeded: 'All workers ended with exit code 0.',
  Failed: ['Workers failed more often than `maxRestarts` allows.', 'See `TooManyRestarts`.'],
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

const EVENTS: Readonly<Record<EventReason, Advice>> = {
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
  MayStay: 'The Pod was asked to leave, and need not any more.',
  Succeeded: 'All workers of the job ended with exit code 0.',
  Failed: ['The job gave up. The event says how the last worker failed.', 'See `TooManyRestarts`.'],
  ScaledDown: 'A task was deleted, since there are more than the spec asks for.',
  GangIncomplete: [
    'A worker was deleted, since the others of its job cannot be placed. Its room is given back.',
    'Look at the reason of the condition `Placed` of the job.',
  ],
  JobEnded: 'A worker was deleted, since its job has ended.',
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
      'with `schedulerName: proffer` that wait. The column STATE of `kubectl get gsp,or` shows them. A Pod says `Unschedulable` instead where other or more nodes ' +
      'would help: node autoscalers look for that word.',
    '',
    ...markdownTable(TITLES, rowsOf(REASONS)),
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
    'Reasons of events on pools and jobs, and on Pods of others: `kubectl describe`, or `kubectl get events --field-selector reason=Recovered`. ' +
      'Where more come at once than can be written, those of one reason are one event with a count: on the pool or job, the ' +
      'controlling owner of the Pods, or, where they have none, their namespace.',
    '',
    ...markdownTable(TITLES, rowsOf(EVENTS)),
    '',
  ].join('\n');
}
