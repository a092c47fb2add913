import type { EventRecorder } from '../kube/events.ts';
import type { Outcome } from '../kube/outcome.ts';
import type { Log } from '../kube/types.ts';
import type { Clock } from '../lib/clock.ts';
import type { Command } from '../plan/command.ts';
import type { Snapshot } from '../snapshot/build.ts';
import type { FrameworkRef } from '../snapshot/framework.ts';
import { announce, announceRoom, podSubject, workloadSubject, type Subject } from './announce.ts';
import type { Counts } from './counts.ts';
import type { Memory } from './memory.ts';
import type { Stores } from './stores.ts';

/** What settling needs to know, and whom it tells. */
export interface SettleOptions {
  readonly memory: Memory;
  readonly stores: Pick<Stores, 'pools' | 'jobs'>;
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
    const { memory, events, counts, clock, again } = this.#options;
    const { id } = command.framework;
    if (command.kind === 'notice')
      memory.giving.told(command.uid, outcome.kind === 'asked' ? command.until : undefined);
    if (command.kind === 'evict') memory.giving.answered(command.uid, outcome.kind === 'evicted');
    switch (outcome.kind) {
      case 'created':
      case 'bound':
        if (memory.refusals.accepted(id, clock.now())) again.now();
        if (command.kind === 'create') counts.podCreated();
        else counts.podBound();
        this.#recovered(command);
        break;
      case 'deleted':
        if (command.kind === 'delete') counts.podDeleted(command.reason);
        break;
      case 'evicted':
        counts.eviction('evicted');
        break;
      case 'told':
      case 'asked':
      case 'rescinded':
        break;
      case 'blocked':
        this.#spared(command, outcome.message);
        counts.eviction('blocked');
        break;
      case 'refused':
        if (!this.#spared(command, outcome.message))
          memory.refusals.refused(id, outcome.message, clock.now());
        again.now();
        break;
      case 'mute':
        again.now();
        break;
      case 'claimed':
        // The watch tells when the claim has its volume.
        break;
      case 'stale':
        // What the API server knows better has yet to reach us: asking again at once would get the same answer. And
        // each cycle asks anew for all that is in its way, not for this one alone.
        again.later();
        break;
    }
    const subject = this.#workload(command.framework) ?? podOf(command);
    if (subject) announce(events, subject, command, outcome);
    if (command.kind !== 'evict') return;
    const by = this.#workload(command.by) ?? this.#waitingPod(command.by);
    if (by) announceRoom(events, by, command, outcome);
  }

  /** A Pod stays that was to go: another one goes, or it is asked again in a while. @returns whether it was to go */
  #spared(command: Command, message: string): boolean {
    const { memory, clock, again } = this.#options;
    if (command.kind !== 'evict' && command.kind !== 'notice') return false;
    memory.giving.blocked(command.uid, message, clock.now());
    again.now();
    return true;
  }

  /** Logs and counts a task that takes the place of one that ended. */
  #recovered(command: Command): void {
    const { log, counts } = this.#options;
    if (command.kind !== 'create' || command.after === undefined) return;
    const { pod, after, framework } = command;
    const { metadata, spec } = pod;
    log.info({ framework: framework.id, pod: metadata.name, node: spec.nodeName, after }, 'task recreated');
    counts.recovered(after);
    this.#countFor(framework);
  }

  #countFor({ kind, key }: FrameworkRef): void {
    const { memory, stores } = this.#options;
    const pool = kind === 'GameServerPool' ? stores.pools.get(key) : undefined;
    if (pool?.metadata.uid === undefined) return;
    const before = memory.recovered.get(pool.metadata.uid) ?? pool.status.recovered ?? 0;
    memory.recovered.set(pool.metadata.uid, before + 1);
  }

  /** The first Pod of others that waited in the last cycle; undefined for pools and jobs. */
  #waitingPod({ id }: FrameworkRef): Subject | undefined {
    const framework = this.#options.lastSnapshot()?.frameworks.find((each) => each.id === id);
    const pod = framework?.classes.find(({ pending }) => pending.length > 0)?.pending.at(0)?.pod;
    return pod && framework && podSubject(pod, framework);
  }

  /** The pool or job that events are about; undefined when it is gone, and for Pods of others. */
  #workload({ kind, key }: FrameworkRef): Subject | undefined {
    const { pools, jobs } = this.#options.stores;
    if (kind === 'Pods') return undefined;
    const workload = kind === 'GameServerPool' ? pools.get(key) : jobs.get(key);
    return workload && workloadSubject(kind, workload.metadata);
  }
}

/** The Pod that a write is about, when nobody else speaks for it. */
function podOf(command: Command): Subject | undefined {
  const { kind, framework } = command;
  if (framework.kind !== 'Pods' || kind === 'create' || kind === 'ask' || kind === 'claim') return undefined;
  return podSubject(command, framework);
}
