import type { Claims } from '../frameworks/common/upkeep.ts';
import { isKubeError } from '../kube/errors.ts';
import type { Store } from '../kube/store.ts';
import { messageOf } from '../lib/errors.ts';
import { claimUpkeep, type ClaimUpkeep } from '../plan/claim-upkeep.ts';
import { workloadId } from '../snapshot/framework-id.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { ClaimFacts } from '../snapshot/volumes/claim.ts';
import type { Workload } from '../snapshot/workload.ts';
import { lookEvery, type Loop, type LoopMeans } from './loop.ts';
import { ownerOf } from './owner-reference.ts';

/** Time between two looks, ms. */
const INTERVAL_MS = 1000;

/** What this loop needs. */
export interface TaskClaimsOptions extends LoopMeans {
  readonly kept: Claims;
  /** Those of the kind. */
  readonly workloads: Store<Workload>;
  readonly claims: Store<ClaimFacts>;
  readonly pods: Store<PodFacts>;
  /** Of the last cycle; undefined before the first. */
  readonly lastSnapshot: () => Snapshot | undefined;
}

/**
 * Keeps the claims that tasks of a kind have for themselves: hands those over to their Pods which go with them, lets the others
 * go with their workload or stay, and deletes those that nobody needs. Each is written as it was seen.
 */
export class TaskClaims implements Loop {
  readonly #options: TaskClaimsOptions;
  /** Keys of claims, by the key of their workload. */
  readonly #known = new Map<string, Set<string>>();

  constructor(options: TaskClaimsOptions) {
    this.#options = options;
    options.claims.subscribe(({ type, object, old }) => {
      if (old) this.#forget(old);
      if (type === 'deleted') this.#forget(object);
      else this.#remember(object);
    });
  }

  /** Looks again and again until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return lookEvery(INTERVAL_MS, this.#options, 'claims of tasks', signal, () => this.look());
  }

  /** Looks once. What fails is tried at the next look. */
  async look(): Promise<void> {
    const { workloads, claims, log } = this.#options;
    for (const [key, its] of this.#known) {
      const workload = workloads.get(key);
      // With one that is deleted they go or stay as they are.
      if (!workload || workload.metadata.deletionTimestamp !== undefined || workload.faults.length > 0)
        continue;
      for (const each of its) {
        const claim = claims.get(each);
        if (!claim) continue;
        try {
          await this.#keep(claim, workload);
        } catch (error) {
          log.warn({ workload: key, claim: each, error: messageOf(error) }, 'claim not kept');
        }
      }
    }
  }

  async #keep(claim: ClaimFacts, workload: Workload): Promise<void> {
    const { kept, pods } = this.#options;
    const pod = claim.own?.pod === undefined ? undefined : pods.get(`${claim.namespace}/${claim.own.pod}`);
    const upkeep = claimUpkeep({
      claim,
      workload: ownerOf(workload),
      retention: kept.retention(workload),
      pod: pod?.task?.owner === workload.metadata.uid ? pod : undefined,
      isSpare: () => this.#isSpare(claim, workload),
    });
    if (upkeep) await this.#write(claim, upkeep);
  }

  /**
   * Whether no task has a claim or gets it, now that the workload has all its tasks. All of that is read from one picture: in
   * two, a slot could seem to be nobody's while one server goes and the next one is yet to come.
   */
  #isSpare({ own }: ClaimFacts, workload: Workload): boolean {
    const { uid } = workload.metadata;
    const snapshot = this.#options.lastSnapshot();
    const framework = snapshot?.frameworks.find(({ id }) => id === workloadId(workload));
    if (!own || !snapshot || !framework || framework.hold || framework.metadata.uid !== uid) return false;
    const { classes, live, completed } = framework;
    if (live.length + completed < classes.reduce((sum, { size }) => sum + size, 0)) return false;
    const isOf = ({ name, slot }: { readonly name: string; readonly slot: number }): boolean =>
      own.pod === undefined ? String(slot) === own.slot : name === own.pod;
    return !(
      snapshot.pods.some(({ name, task }) => task && task.owner === uid && isOf({ name, slot: task.slot })) ||
      classes.some(({ pending }) => [...pending].some(isOf))
    );
  }

  async #write({ namespace, name, uid, resourceVersion }: ClaimFacts, upkeep: ClaimUpkeep): Promise<void> {
    const { client, mayWrite: mayGo } = this.#options;
    const path = `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}`;
    const preconditions = { uid, resourceVersion };
    try {
      if (upkeep.kind === 'delete')
        await client.request({
          method: 'DELETE',
          path,
          body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions },
          mayGo,
        });
      else
        await client.request({
          method: 'PATCH',
          path,
          body: { metadata: { ...preconditions, ownerReferences: upkeep.owners } },
          mayGo,
        });
    } catch (error) {
      if (!isKubeError(error, 'conflict', 'notFound', 'fenced')) throw error;
    }
  }

  #workloadOf({ namespace, own }: ClaimFacts): string | undefined {
    const name = own?.labels[this.#options.kept.label];
    return name === undefined ? undefined : `${namespace}/${name}`;
  }

  #remember(claim: ClaimFacts): void {
    const workload = this.#workloadOf(claim);
    if (workload === undefined) return;
    const its = this.#known.get(workload);
    if (its) its.add(claim.key);
    else this.#known.set(workload, new Set([claim.key]));
  }

  #forget(claim: ClaimFacts): void {
    const workload = this.#workloadOf(claim) ?? '';
    const its = this.#known.get(workload);
    its?.delete(claim.key);
    if (its?.size === 0) this.#known.delete(workload);
  }
}
