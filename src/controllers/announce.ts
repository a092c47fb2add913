import { API_VERSION } from '../api/group.ts';
import type { TrainingJobStatus } from '../api/trainingjob.ts';
import type { EventRecorder, RecordedEvent } from '../kube/events.ts';
import type { Outcome } from '../kube/outcome.ts';
import { keyOf } from '../kube/commands.ts';
import type { Command, CreateCommand, DeleteCommand, EvictCommand, NoticeCommand } from '../plan/command.ts';
import type { Unscheduled } from '../plan/pod-scheduled.ts';
import type { WorkloadKind } from '../recovery/rules.ts';
import { shownId } from '../snapshot/framework-id.ts';
import type { FrameworkKind, FrameworkRef } from '../snapshot/framework.ts';
import type { Meta } from '../snapshot/objects.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { JobFacts } from '../snapshot/workload.ts';

/** What is done, as events name it. */
const ACTIONS: Readonly<Record<Command['kind'], string>> = {
  create: 'Create',
  ask: 'Create',
  bind: 'Binding',
  delete: 'Delete',
  evict: 'Evict',
  notice: 'Ask',
  claim: 'Claim',
};

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
  | 'MayStay'
  | 'Succeeded'
  | 'Failed'
  | keyof typeof REMOVAL_WORDS;

/** An event, without the object that it is about. */
type Told = Omit<RecordedEvent, 'regarding' | 'owner' | 'reason'> & { readonly reason: EventReason };

/** Complete "server NAME is deleted: ...". */
export const REMOVAL_WORDS: Readonly<Record<Exclude<DeleteCommand['reason'], 'Replaced'>, string>> = {
  ScaledDown: 'there are more tasks than the spec asks for',
  GangIncomplete: 'the other workers cannot be placed, so that its room is given back',
  JobEnded: 'the job has ended',
};

/** What a task of ours is called. */
const taskWord = (kind: FrameworkKind): string => (kind === 'GameServerPool' ? 'server' : 'worker');

/** Who takes events. */
type Events = Pick<EventRecorder, 'record'>;

/** What an event is about, and who answers for it. */
export type Subject = Pick<RecordedEvent, 'regarding' | 'owner'>;

/** A pool or job. */
export const workloadSubject = (kind: WorkloadKind, { name, namespace = '', uid = '' }: Meta): Subject => ({
  regarding: { apiVersion: API_VERSION, kind, name, namespace, uid },
});

/** A Pod of others. Its owner answers for it, and where it has none its namespace. */
export const podSubject = (
  { name, namespace, uid }: Pick<PodFacts, 'name' | 'namespace' | 'uid'>,
  { owner }: Pick<FrameworkRef, 'owner'>,
): Subject => ({
  regarding: { apiVersion: 'v1', kind: 'Pod', name, namespace, uid },
  owner: { ...(owner ?? { apiVersion: 'v1', kind: 'Namespace', name: namespace, uid: '' }), namespace },
});

function tell(events: Events, subject: Subject, event: Told | undefined): void {
  if (event) events.record({ ...subject, ...event });
}

/** Tells people about a write that was carried out, as an event on the pool or job, or on a Pod that has neither. */
export function announce(events: Events, subject: Subject, command: Command, outcome: Outcome): void {
  tell(events, subject, describe(command, outcome));
}

/** Tells the pool or job, or the Pod of others, that is to get the room what came of an eviction for it. */
export function announceRoom(
  events: Events,
  subject: Subject,
  command: EvictCommand,
  outcome: Outcome,
): void {
  const who = `${keyOf(command)} of ${shownId(command.framework.id)}`;
  if (outcome.kind === 'evicted') {
    const note = `${who} is evicted to make room`;
    tell(events, subject, { type: 'Normal', reason: 'MadeRoom', action: 'Evict', note });
  } else if (outcome.kind === 'blocked') {
    const note = `${who} stays: ${outcome.message}`;
    tell(events, subject, { type: 'Warning', reason: 'EvictionBlocked', action: 'Evict', note });
  }
}

/** Tells that a job is over, with the sentence of its status. */
export function announceEnd(
  events: Events,
  { metadata }: JobFacts,
  { phase, message = '' }: TrainingJobStatus,
): void {
  const subject = workloadSubject('TrainingJob', metadata);
  const [type, reason] =
    phase === 'Failed' ? (['Warning', 'Failed'] as const) : (['Normal', 'Succeeded'] as const);
  tell(events, subject, { type, reason, action: 'End', note: message });
}

/** Tells on a Pod of others why it waits: the event of kube-scheduler, which `kubectl describe` shows. */
export function announceWaiting(events: Events, { pod, message: note }: Unscheduled): void {
  const event = { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', note } as const;
  tell(events, podSubject(pod, pod.customer!.framework), event);
}

/** What came of an eviction, or of a notice of one, for those who are to go. */
function describeGivingWay(command: EvictCommand | NoticeCommand, outcome: Outcome): Told | undefined {
  const to = shownId(command.by?.id ?? '');
  const { name } = command;
  if (outcome.kind === 'evicted')
    return { type: 'Normal', reason: 'GaveWay', action: 'Evict', note: `${name} gives way to ${to}` };
  if (outcome.kind === 'asked')
    return {
      type: 'Normal',
      reason: 'AskedToGo',
      action: 'Ask',
      note: `${name} is asked to give way to ${to}`,
    };
  if (outcome.kind === 'rescinded')
    return { type: 'Normal', reason: 'MayStay', action: 'Ask', note: `${name} was asked to go and may stay` };
  return undefined;
}

function describe(command: Command, outcome: Outcome): Told | undefined {
  if (outcome.kind === 'refused') {
    return {
      type: 'Warning',
      reason: 'WriteRefused',
      action: ACTIONS[command.kind],
      note: outcome.message,
    };
  }
  if (outcome.kind === 'stale') return undefined;
  switch (command.kind) {
    case 'create':
      return describeCreation(command);
    case 'bind': {
      // The words of kube-scheduler, which people and their tools look for.
      const note = `Successfully assigned ${keyOf(command)} to ${command.node}`;
      return { type: 'Normal', reason: 'Scheduled', action: ACTIONS.bind, note };
    }
    case 'delete': {
      if (command.reason === 'Replaced') return undefined;
      const note = `${taskWord(command.framework.kind)} ${command.name} is deleted: ${REMOVAL_WORDS[command.reason]}`;
      return { type: 'Normal', reason: command.reason, action: ACTIONS.delete, note };
    }
    case 'evict':
    case 'notice':
      return describeGivingWay(command, outcome);
    case 'ask':
    case 'claim':
      // That its task waits for a volume is said in the status.
      return undefined;
  }
}

function describeCreation({ after, ended, pod, framework }: CreateCommand): Told {
  const action = ACTIONS.create;
  if (after === undefined) {
    // Without its name, so that those of a large pool are one event with a count.
    const note = `a ${taskWord(framework.kind)} is created`;
    return { type: 'Normal', reason: 'Created', action, note };
  }
  const { metadata, spec } = pod;
  const note = `${ended}; ${metadata.name} on ${spec.nodeName} replaces it`;
  const planned = after === 'Exited' || after === 'Deleting';
  return { type: planned ? 'Normal' : 'Warning', reason: 'Recovered', action, note };
}
