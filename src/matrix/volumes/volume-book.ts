import { canonicalJson } from '../../lib/hash.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { NodeTraits } from '../../snapshot/constraints.ts';
import type { DemandClass } from '../../snapshot/framework.ts';
import { selects } from '../../snapshot/reading/selector.ts';
import type { ClaimFacts } from '../../snapshot/volumes/claim.ts';
import type { Storage } from '../../snapshot/volumes/storage.ts';
import { canProvisionFor, isDynamic } from '../../snapshot/volumes/storage-class.ts';
import { isInZone, isReached, type VolumeFacts } from '../../snapshot/volumes/volume.ts';
import { MOST_TASKS } from '../cells/capacity.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import { AttachLimits } from './attach-limits.ts';
import { attachedTo } from './attached.ts';
import { Reach } from './reach.ts';
import { rowVolumes, type DelayedClaim, type RowVolumes } from './row-volumes.ts';

/** What kube-scheduler says of nodes whose volumes keep a Pod away. */
const WORDS = {
  exclusive:
    'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
  limit: 'node(s) exceed max volume count',
  affinity: "node(s) didn't match PersistentVolume's node affinity",
  unbindable: "node(s) didn't find available persistent volumes to bind",
  storage: 'node(s) did not have enough free storage',
  gone: 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)',
  zone: 'node(s) had no available volume zone',
} as const;

/** What becomes of a claim that waited for a task of it to have a node. */
export interface ClaimChoice {
  readonly claim: ClaimFacts;
  /** Number of the agent. */
  readonly agent: number;
  /** The volume that is bound to it; undefined when one is made for the agent. */
  readonly volume: VolumeFacts | undefined;
}

/** A choice, and how many tasks count on it. */
type Counted = ClaimChoice & { tasks: number };

/** What a book never changes. */
interface Plan {
  readonly rows: readonly (RowVolumes | undefined)[];
  readonly agents: readonly NodeTraits[];
  readonly storage: Storage;
}

/**
 * The volumes of rows, and where they let tasks go: what kube-scheduler's VolumeRestrictions, NodeVolumeLimits,
 * VolumeBinding and VolumeZone say. Every task that is placed counts for the next: its claims have a node, the volumes
 * that they get are taken, and attached.
 */
export class VolumeBook {
  readonly #plan: Plan;
  readonly #limits: AttachLimits;
  /** By the key of the claim. */
  readonly #choices: Map<string, Counted>;
  /** Number of Pods that use a claim that one alone may use. */
  readonly #users: Map<string, number>;

  private constructor(
    plan: Plan,
    limits: AttachLimits,
    choices: Map<string, Counted>,
    users: Map<string, number>,
  ) {
    this.#plan = plan;
    this.#limits = limits;
    this.#choices = choices;
    this.#users = users;
  }

  /** Reads the volumes of the classes; undefined when none of them has any. */
  static of(snapshot: Snapshot, classes: readonly DemandClass[]): VolumeBook | undefined {
    if (classes.every(({ shape }) => shape.claims.length === 0)) return undefined;
    const { storage, agents, claimants } = snapshot;
    const reach = new Reach(agents);
    const byClass = Map.groupBy(storage.volumes.values(), ({ storageClass }) => storageClass);
    const rows = classes.map(({ shape: { claims, namespace } }) =>
      claims.length === 0
        ? undefined
        : rowVolumes(claims, namespace, storage, (name) => byClass.get(name) ?? [], reach),
    );
    const exclusive = new Set(rows.flatMap((row) => row?.exclusive ?? []));
    const users = new Map<string, number>();
    for (const { namespace, claims } of claimants) {
      for (const { name, owner } of claims) {
        const key = `${namespace}/${name}`;
        if (owner === undefined && exclusive.has(key)) users.set(key, (users.get(key) ?? 0) + 1);
      }
    }
    const plan = { rows, agents, storage };
    return new VolumeBook(plan, AttachLimits.of(snapshot), new Map(), users);
  }

  /** A copy that can be changed without changing this one. @param keepsIdle volumes count that are attached for nobody */
  fork(keepsIdle = true): VolumeBook {
    const choices = [...this.#choices].map(([key, choice]): [string, Counted] => [key, { ...choice }]);
    return new VolumeBook(this.#plan, this.#limits.fork(keepsIdle), new Map(choices), new Map(this.#users));
  }

  /** Agents that had volumes attached for nobody at first. */
  get detaching(): readonly number[] {
    return this.#limits.detaching;
  }

  /** Why no agent at all will do for a row, in kube-scheduler's words; undefined when some may. */
  refusal(row: number): string | undefined {
    return this.#plan.rows[row]?.refused;
  }

  /** What could not be looked at for a row, since nobody listed it. */
  unknown(row: number): readonly string[] {
    return this.#plan.rows[row]?.unknown ?? [];
  }

  /**
   * What the volumes of a row and of all others have in common that no agent tells apart before anything is placed; undefined
   * where it is more than a short text says. Slots of a pool ask for volumes that differ in their names alone.
   */
  likeness(row: number): string | undefined {
    const volumes = this.#plan.rows[row];
    if (!volumes) return '';
    // One that is refused everywhere has nothing of all that.
    const { exclusive, attached, bound, zoned, delayed } = volumes;
    const isOwn =
      exclusive.length > 0 ||
      delayed.some(
        ({ claim, candidates }) => candidates.kept !== undefined || claim.selector !== undefined,
      ) ||
      attached.some((each) => this.#limits.wasUsed(each));
    if (isOwn) return undefined;
    return canonicalJson({
      drivers: attached.map(({ driver }) => driver),
      bound: bound.map((volume) => volume && { affinity: volume.affinity }),
      zones: zoned.map(({ zones }) => zones),
      delayed: delayed.map(({ claim }) => [
        claim.storageClass,
        claim.request,
        claim.accessModes,
        claim.volumeMode,
        claim.attributesClass,
        claim.selectedNode,
      ]),
    });
  }

  /** How many tasks of a row may come to an agent before it has to be asked again, resources aside. */
  room(row: number, agent: number): number {
    const volumes = this.#plan.rows[row];
    if (!volumes) return MOST_TASKS;
    if (this.blocker(row, agent) !== undefined) return 0;
    return volumes.exclusive.length > 0 ? 1 : MOST_TASKS;
  }

  /** Whether a task of the row may come to an agent, whoever else uses volumes there. */
  reaches(row: number, agent: number): boolean {
    return this.blockers(row, agent).every((words) => words === WORDS.exclusive || words === WORDS.limit);
  }

  /** The first thing about its volumes that keeps a task of the row off an agent, in kube-scheduler's words. */
  blocker(row: number, agent: number): string | undefined {
    for (const words of this.#blockers(row, agent)) return words;
    return undefined;
  }

  /** All of them, in the order in which kube-scheduler asks. */
  blockers(row: number, agent: number): string[] {
    return [...this.#blockers(row, agent)];
  }

  /** Counts tasks of a row that come to an agent, or go again when negative. */
  place(row: number, agent: number, tasks: number): void {
    const volumes = this.#plan.rows[row];
    if (!volumes) return;
    if (tasks > 0) {
      const chosen = this.#choose(volumes, agent);
      if (typeof chosen === 'object')
        for (const [claim, volume] of chosen)
          this.#choices.set(claim.key, { claim, agent, volume, tasks: 0 });
    }
    for (const { claim } of volumes.delayed) {
      const choice = this.#choices.get(claim.key);
      if (!choice) continue;
      choice.tasks += tasks;
      if (choice.tasks <= 0) this.#choices.delete(claim.key);
    }
    for (const key of volumes.exclusive) this.#users.set(key, (this.#users.get(key) ?? 0) + tasks);
    this.#limits.place(agent, volumes.attached, tasks);
  }

  /** Counts a bound Pod of the snapshot no more (-1), or again (1). */
  move(pod: PodFacts, agent: number, sign: 1 | -1): void {
    for (const { name, owner } of pod.claims) {
      const key = `${pod.namespace}/${name}`;
      const users = owner === undefined ? this.#users.get(key) : undefined;
      if (users !== undefined) this.#users.set(key, users + sign);
    }
    this.#limits.place(agent, attachedTo(pod, this.#plan.storage), sign);
  }

  /** What becomes of the claims of a row that have no volume yet, once a task of it is placed; empty when all have. */
  choices(row: number): readonly ClaimChoice[] {
    const delayed = this.#plan.rows[row]?.delayed ?? [];
    return delayed.map(({ claim }) => this.#choices.get(claim.key)).filter((choice) => choice !== undefined);
  }

  *#blockers(row: number, agent: number): Generator<string, void, undefined> {
    const volumes = this.#plan.rows[row];
    if (!volumes) return;
    if (volumes.refused !== undefined) {
      yield volumes.refused;
      return;
    }
    const { name, labels } = this.#plan.agents[agent]!;
    if (volumes.exclusive.some((key) => (this.#users.get(key) ?? 0) > 0)) yield WORDS.exclusive;
    const served = this.#plan.storage.csiNodes.get(name)?.drivers;
    const unserved = volumes.needed.find((driver) => !served?.includes(driver));
    if (unserved !== undefined) yield `${unserved} CSI driver is not installed on the node`;
    else if (this.#limits.exceeds(agent, volumes.attached)) yield WORDS.limit;
    const unreached = volumes.bound.find((volume) => !volume || !isReached(volume, labels));
    const chosen = this.#choose(volumes, agent);
    if (unreached) yield WORDS.affinity;
    if (typeof chosen === 'string') yield WORDS[chosen];
    if (!unreached && volumes.bound.includes(undefined)) yield WORDS.gone;
    if (volumes.zoned.some((volume) => !isInZone(volume, labels))) yield WORDS.zone;
  }

  /** The volumes that claims without a choice would get on an agent; undefined for one that is made. */
  #choose(
    { delayed }: RowVolumes,
    agent: number,
  ): (readonly [ClaimFacts, VolumeFacts | undefined])[] | 'unbindable' | 'storage' {
    if (delayed.length === 0) return [];
    const { name } = this.#plan.agents[agent]!;
    const open: DelayedClaim[] = [];
    for (const each of delayed) {
      const choice = this.#choices.get(each.claim.key);
      if (choice ? choice.agent !== agent : (each.claim.selectedNode ?? name) !== name) return 'unbindable';
      if (!choice) open.push(each);
    }
    const taken = new Set<string>();
    if (open.length > 0) for (const { volume } of this.#choices.values()) if (volume) taken.add(volume.key);
    const chosen: [ClaimFacts, VolumeFacts | undefined][] = [];
    for (const each of open) {
      const volume = each.claim.selectedNode === undefined ? each.candidates.find(agent, taken) : undefined;
      if (volume) taken.add(volume.key);
      else {
        const fault = this.#unprovisionable(each, agent);
        if (fault) return fault;
      }
      chosen.push([each.claim, volume]);
    }
    return chosen;
  }

  /** Why no volume can be made for a claim and an agent; undefined when one can. */
  #unprovisionable(
    { claim, storageClass, capacities }: DelayedClaim,
    agent: number,
  ): 'unbindable' | 'storage' | undefined {
    const { labels } = this.#plan.agents[agent]!;
    if (!isDynamic(storageClass) || !canProvisionFor(storageClass, labels)) return 'unbindable';
    const enough = capacities?.some(
      ({ largest, nodes }) => largest >= claim.request && selects(nodes, labels),
    );
    return enough === false ? 'storage' : undefined;
  }
}
