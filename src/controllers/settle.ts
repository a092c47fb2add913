import type { EventRecorder } from '../kube/events.ts';
import type { Log } from '../kube/types.ts';
import type { Clock } from '../lib/clock.ts';
import { isPlacing, type Command, type CreateCommand } from '../plan/command.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { FrameworkRef } from '../snapshot/framework-id.ts';
import type { Counts } from '../views/counts.ts';
import type { Outcome } from '../writes/handler.ts';
import { announce, announceRoom, podSubject, workloadSubject, type Subject } from './announce.ts';
import type { Memory } from './memory.ts';
import type { Tellers } from './record.ts';
import { workloadIn, type Stores } from './stores.ts';

/** What settling needs to know, and whom it tells. */
export interface SettleOptions {
  readonly memory: Memory;
  readonly stores: Pick<Stores, 'workloads'>;
  /** They say what a task is called. */
  readonly drivers: Tellers;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly counts: Counts;
  readonly clock: Clock;
  readonly log: Log;
  /** Asks for a cycle: now, or when the watch has had the time to bring what a write met. */
  readonly again: { readonly now: () => void; readonly later: () => void };
  /** The picture of the last cycle; undefined before the first. */
  readonly lastSnapshot: () => Snapshot | undefined;
}

/** Takes in what came of each write: remembers it, counts it, and tells people by events. */
export class Settling {
  readonly #options: SettleOptions;

  constructor(options: SettleOptions) {
    this.#options = options;
  }

  /** A write has its answer. */
  settled(command: Command, outcome: Outcome): void {
    const { memory, events, counts, clock, again, drivers } = this.#options;
    const { id } = command.framework;
    if (command.kind === 'notice')
      memory.giving.told(command.uid, outcome.kind === 'done' ? command.until : undefined);
    if (command.kind === 'evict') memory.giving.answered(command.uid, outcome.kind === 'done');
    switch (outcome.kind) {
      case 'done':
        this.#done(command);
        break;
      case 'blocked':
        this.#spared(command, outcome.message);
        counts.add('evictions', { outcome: 'blocked' });
        break;
      case 'refused':
        if (!this.#spared(command, outcome.message))
          memory.refusals.refused(id, outcome.message, clock.now());
        again.now();
        break;
      case 'mute':
        again.now();
        break;
      case 'fellBack':
      case 'stale':
        // What the API server knows better has yet to reach us: asking again at once would get the same answer. And
        // each cycle asks anew for all that is in its way, not for this one alone.
        again.later();
        break;
    }
    const subject = this.#workload(command.framework) ?? this.#pod(command);
    if (subject) announce(events, subject, command, outcome, drivers.get(command.framework.kind)!.word);
    if (command.kind !== 'evict') return;
    const by = this.#workload(command.by) ?? this.#waitingPod(command.by);
    if (by) announceRoom(events, by, command, outcome);
  }

  /** A command was carried out. */
  #done(command: Command): void {
    const { memory, counts, clock, again } = this.#options;
    if (isPlacing(command) && memory.refusals.accepted(command.framework.id, clock.now())) again.now();
    if (command.kind === 'create') this.#created(command);
    if (command.kind === 'bind') counts.add('podsBound', {});
    if (command.kind === 'delete') {
      counts.add('podsDeleted', { reason: command.reason });
      if (command.failure) memory.avoidance.failed(command.failure);
    }
    if (command.kind === 'evict') counts.add('evictions', { outcome: 'evicted' });
  }

  /** A Pod stays that was to go: another one goes, or it is asked again in a while. @returns whether it was to go */
  #spared(command: Command, message: string): boolean {
    const { memory, clock, again } = this.#options;
    if (command.kind !== 'evict' && command.kind !== 'notice') return false;
    memory.giving.blocked(command.uid, message, clock.now());
    again.now();
    return true;
  }

  /** Counts a new task, and logs one that takes the place of one that ended. */
  #created({ pod, after, framework }: CreateCommand): void {
    const { log, counts } = this.#options;
    counts.add('podsCreated', {});
    if (after === undefined) return;
    const { metadata, spec } = pod;
    log.info({ framework: framework.id, pod: metadata.name, node: spec.nodeName, after }, 'task recreated');
    counts.add('recoveries', { signal: after });
    this.#countFor(framework);
  }

  #countFor(framework: FrameworkRef): void {
    const { memory, stores } = this.#options;
    const { metadata, status } = workloadIn(stores.workloads, framework) ?? {};
    if (metadata?.uid === undefined) return;
    const before = memory.recovered.get(metadata.uid) ?? status?.recovered ?? 0;
    memory.recovered.set(metadata.uid, before + 1);
  }

  /** The first Pod of others that waited in the last cycle; undefined for pools and jobs. */
  #waitingPod({ id }: FrameworkRef): Subject | undefined {
    const framework = this.#options.lastSnapshot()?.frameworks.find((each) => each.id === id);
    const pod = framework?.classes.find(({ pending }) => pending.length > 0)?.pending.at(0)?.pod;
    return pod && framework && podSubject(pod, framework);
  }

  /** The workload that events are about; undefined when it is gone, and for Pods of others. */
  #workload(framework: FrameworkRef): Subject | undefined {
    const workload = workloadIn(this.#options.stores.workloads, framework);
    return workload && workloadSubject(workload);
  }

  /** The Pod that a write is about, when no workload speaks for it. */
  #pod(command: Command): Subject | undefined {
    const { kind, framework } = command;
    if (this.#options.stores.workloads.has(framework.kind)) return undefined;
    return kind === 'create' || kind === 'ask' || kind === 'claim' || kind === 'makeClaim'
      ? undefined
      : podSubject(command, framework);
  }
}
