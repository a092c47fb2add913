import { API_VERSION } from '../api/group.ts';
import type { EventRecorder, RecordedEvent } from '../kube/events.ts';
import type { Outcome } from '../kube/launch.ts';
import type { Command, DeleteCommand } from '../plan/command.ts';
import type { Signal } from '../recovery/signal.ts';
import type { Meta } from '../snapshot/objects.ts';

/** Signals in words that complete "... takes over after the task before it ...". */
export const SIGNAL_WORDS: Readonly<Record<Signal, string>> = {
  Deleting: 'was deleted',
  Rejected: 'was rejected by its node',
  Evicted: 'was evicted',
  Exited: 'ended',
  Crashed: 'crashed',
  NodeGone: 'lost its node: the Node object is gone',
  NodeLeaving: 'lost its node: the node is being deleted',
  NodeLost: 'lost its node: no sign of life',
  Ready: 'was ready',
  Starting: 'was starting',
};

/** Complete "a server is deleted: ...". The same for every Pod, so that many removals fold into one event. */
export const REMOVAL_WORDS: Readonly<Record<Exclude<DeleteCommand['reason'], 'Replaced'>, string>> = {
  ScaledDown: 'there are more tasks than the spec asks for',
  GangIncomplete: 'the other workers cannot be placed, so that its room is given back',
  JobEnded: 'the job has ended',
};

/** Tells people about a write that was carried out, as an event on the pool or job. */
export function announce(events: EventRecorder, workload: Meta, command: Command, outcome: Outcome): void {
  const event = describe(command, outcome);
  if (!event) return;
  const { name, namespace, uid = '' } = workload;
  const regarding = {
    apiVersion: API_VERSION,
    kind: command.framework.kind,
    name,
    uid,
    ...(namespace === undefined ? {} : { namespace }),
  };
  events.record({ regarding, ...event });
}

function describe(command: Command, outcome: Outcome): Omit<RecordedEvent, 'regarding'> | undefined {
  if (outcome.kind === 'refused') {
    return {
      type: 'Warning',
      reason: 'WriteRefused',
      action: command.kind === 'create' ? 'Create' : 'Delete',
      note: outcome.message,
    };
  }
  if (outcome.kind === 'stale') return undefined;
  // That its task waits for a volume is said in the status.
  if (command.kind === 'claim') return undefined;
  if (command.kind === 'create') {
    if (command.after === undefined) return undefined;
    const { metadata, spec } = command.pod;
    const note = `${metadata.name} on ${spec.nodeName} takes over after the task before it ${SIGNAL_WORDS[command.after]}`;
    const planned = command.after === 'Exited' || command.after === 'Deleting';
    return { type: planned ? 'Normal' : 'Warning', reason: 'Recovered', action: 'Recreate', note };
  }
  if (command.reason === 'Replaced') return undefined;
  const task = command.framework.kind === 'GameServerPool' ? 'server' : 'worker';
  const note = `a ${task} is deleted: ${REMOVAL_WORDS[command.reason]}`;
  return { type: 'Normal', reason: command.reason, action: 'Delete', note };
}
