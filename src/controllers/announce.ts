import type { ServerClaim } from '../allocation/server-claim.ts';
import { API_VERSION } from '../api/group.ts';
import { KIND } from '../api/kinds.ts';
import type { EventRecorder, RecordedEvent } from '../kube/events.ts';
import { keyOf, type Command, type EvictCommand } from '../plan/command.ts';
import type { Unscheduled } from '../plan/pod-scheduled.ts';
import type { News } from '../plan/telling.ts';
import { shownId, type FrameworkRef } from '../snapshot/framework-id.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { Workload } from '../snapshot/workload.ts';
import type { Outcome, Told } from '../writes/handler.ts';
import { handlerOf } from '../writes/handlers.ts';

/** Who takes events. */
type Events = Pick<EventRecorder, 'record'>;

/** What an event is about, and who answers for it. */
export type Subject = Pick<RecordedEvent, 'regarding' | 'owner'>;

/** A workload of ours. */
export const workloadSubject = ({ names, metadata }: Pick<Workload, 'names' | 'metadata'>): Subject => {
  const { name, namespace = '', uid = '' } = metadata;
  return { regarding: { apiVersion: API_VERSION, kind: names.kind, name, namespace, uid } };
};

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

/**
 * Tells people about a write that was carried out, as an event on the workload, or on a Pod that has none.
 * @param word what a task is called
 */
export function announce(
  events: Events,
  subject: Subject,
  command: Command,
  outcome: Outcome,
  word: string,
): void {
  tell(events, subject, describe(command, outcome, word));
}

/** Tells a workload of ours that the API server does not take the Service of one of its tasks. @param why in its words */
export function announceUnexposed(events: Events, workload: Workload, task: string, why: string): void {
  const note = `${task} does not get its Service: ${why}`;
  tell(events, workloadSubject(workload), {
    type: 'Warning',
    reason: 'WriteRefused',
    action: 'Expose',
    note,
  });
}

/** Tells the pool or job, or the Pod of others, that is to get the room what came of an eviction for it. */
export function announceRoom(
  events: Events,
  subject: Subject,
  command: EvictCommand,
  outcome: Outcome,
): void {
  const who = `${keyOf(command)} of ${shownId(command.framework.id)}`;
  if (outcome.kind === 'done') {
    const note = `${who} is evicted to make room`;
    tell(events, subject, { type: 'Normal', reason: 'MadeRoom', action: 'Evict', note });
  } else if (outcome.kind === 'blocked') {
    const note = `${who} stays: ${outcome.message}`;
    tell(events, subject, { type: 'Warning', reason: 'EvictionBlocked', action: 'Evict', note });
  }
}

/** Tells that the number of tasks of a workload was set. */
export function announceScaled(events: Events, workload: Workload, note: string): void {
  tell(events, workloadSubject(workload), { type: 'Normal', reason: 'Scaled', action: 'Scale', note });
}

/** Tells something of a task on the workload that it belongs to. */
export const announceOn = (events: Events, workload: Workload, event: Told): void =>
  tell(events, workloadSubject(workload), event);

/** Tells what became of a claim of a server. */
export function announceClaim(events: Events, { metadata }: ServerClaim, event: Told): void {
  const { name, namespace = '', uid = '' } = metadata;
  const regarding = { apiVersion: API_VERSION, kind: KIND.serverClaim.kind, name, namespace, uid };
  tell(events, { regarding }, event);
}

/** Tells what the status of a workload says for the first time. */
export function announceNews(events: Events, workload: Workload, news: readonly News[]): void {
  for (const each of news) tell(events, workloadSubject(workload), each);
}

/** Tells on a Pod of others why it waits: the event of kube-scheduler, which `kubectl describe` shows. */
export function announceWaiting(events: Events, { pod, message: note }: Unscheduled): void {
  const event = { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', note } as const;
  tell(events, podSubject(pod, pod.customer!.framework), event);
}

function describe(command: Command, outcome: Outcome, word: string): Told | undefined {
  const handler = handlerOf(command);
  const { action } = handler;
  if (outcome.kind === 'refused' || outcome.kind === 'fellBack')
    return { type: 'Warning', reason: 'WriteRefused', action, note: outcome.message };
  const told = outcome.kind === 'done' ? handler.told(command, word) : undefined;
  return told && { ...told, action };
}
