import { API_VERSION } from '../api/group.ts';
import type { TrainingJobStatus } from '../api/trainingjob.ts';
import type { EventRecorder, RecordedEvent } from '../kube/events.ts';
import type { Outcome } from '../kube/outcome.ts';
import { keyOf } from '../kube/commands.ts';
import type { Command, CreateCommand, DeleteCommand, EvictCommand, NoticeCommand } from '../plan/command.ts';
import type { WorkloadKind } from '../recovery/rules.ts';
import { shownId } from '../snapshot/framework-id.ts';
import type { FrameworkKind } from '../snapshot/framework.ts';
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

/** Complete "server NAME is deleted: ...". */
export const REMOVAL_WORDS: Readonly<Record<Exclude<DeleteCommand['reason'], 'Replaced'>, string>> = {
  ScaledDown: 'there are more tasks than the spec asks for',
  GangIncomplete: 'the other workers cannot be placed, so that its room is given back',
  JobEnded: 'the job has ended',
};

/** What a task of ours is called. */
const taskWord = (kind: FrameworkKind): string => (kind === 'GameServerPool' ? 'server' : 'worker');

/** What an event is about. */
type Subject = RecordedEvent['regarding'];

/** A pool or job. */
export const workloadSubject = (kind: WorkloadKind, { name, namespace = '', uid = '' }: Meta): Subject => ({
  apiVersion: API_VERSION,
  kind,
  name,
  namespace,
  uid,
});

/** A Pod. */
export const podSubject = ({
  name,
  namespace,
  uid,
}: Pick<PodFacts, 'name' | 'namespace' | 'uid'>): Subject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  name,
  namespace,
  uid,
});

/** Tells people about a write that was carried out, as an event on the pool or job, or on a Pod that has neither. */
export function announce(
  events: EventRecorder,
  regarding: Subject,
  command: Command,
  outcome: Outcome,
): void {
  const event = describe(command, outcome);
  if (event) events.record({ regarding, ...event });
}

/** Tells the pool or job, or the Pod of others, that is to get the room what came of an eviction for it. */
export function announceRoom(
  events: EventRecorder,
  regarding: Subject,
  command: EvictCommand,
  outcome: Outcome,
): void {
  const who = `${keyOf(command)} of ${shownId(command.framework.id)}`;
  if (outcome.kind === 'evicted') {
    const note = `${who} is evicted to make room`;
    events.record({ regarding, type: 'Normal', reason: 'MadeRoom', action: 'Evict', note });
  } else if (outcome.kind === 'blocked') {
    const note = `${who} stays: ${outcome.message}`;
    events.record({ regarding, type: 'Warning', reason: 'EvictionBlocked', action: 'Evict', note });
  }
}

/** Tells that a job is over, with the sentence of its status. */
export function announceEnd(
  events: EventRecorder,
  { metadata }: JobFacts,
  { phase, message = '' }: TrainingJobStatus,
): void {
  const type = phase === 'Failed' ? 'Warning' : 'Normal';
  const regarding = workloadSubject('TrainingJob', metadata);
  events.record({ regarding, type, reason: phase ?? '', action: 'End', note: message });
}

/** What came of an eviction, or of a notice of one, for those who are to go. */
function describeGivingWay(
  command: EvictCommand | NoticeCommand,
  outcome: Outcome,
): Omit<RecordedEvent, 'regarding'> | undefined {
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

function describe(command: Command, outcome: Outcome): Omit<RecordedEvent, 'regarding'> | undefined {
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

function describeCreation({ after, ended, pod, framework }: CreateCommand): Omit<RecordedEvent, 'regarding'> {
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
