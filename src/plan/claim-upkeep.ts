import type { OwnerReference } from '../snapshot/reading/objects.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { ClaimFacts } from '../snapshot/volumes/claim.ts';

/** How long the claims of slots stay that a workload has. */
export interface Retention {
  readonly whenDeleted: 'Retain' | 'Delete';
  readonly whenScaled: 'Retain' | 'Delete';
  /** They are not needed any more. Kubernetes keeps a claim as long as there is a Pod that has it. */
  readonly isDone?: boolean;
}

/** A claim that a task of ours has for itself, with what there is around it. */
export interface ClaimScene {
  readonly claim: ClaimFacts;
  /** Its workload as the owner of an object. */
  readonly workload: OwnerReference;
  /** Of a claim that stays with its slot. */
  readonly retention: Retention;
  /** The Pod that it was made for, if that is there; undefined for one that stays with its slot. */
  readonly pod: PodFacts | undefined;
  /** Nobody has its slot, or the name of its Pod, and the workload has all its tasks. */
  readonly isSpare: () => boolean;
}

/** What is to be done about a claim; undefined when it is as it should be. */
export type ClaimUpkeep =
  { readonly kind: 'delete' } | { readonly kind: 'own'; readonly owners: readonly OwnerReference[] };

/** Says who a claim goes with, and when it goes by itself. */
export function claimUpkeep(scene: ClaimScene): ClaimUpkeep | undefined {
  const { claim, workload, retention, pod, isSpare } = scene;
  const { controller, own, deleting } = claim;
  const isOfWorkload = controller === workload.uid;
  // That of another Pod, or of a pool that had the name before, goes with it.
  if (deleting || own === undefined || (controller !== undefined && !isOfWorkload)) return undefined;
  if (own.pod !== undefined) {
    if (pod) return { kind: 'own', owners: [podOwner(pod)] };
    return isSpare() ? { kind: 'delete' } : undefined;
  }
  if (retention.isDone || (retention.whenScaled === 'Delete' && isSpare())) return { kind: 'delete' };
  const goes = retention.whenDeleted === 'Delete';
  if (goes === isOfWorkload) return undefined;
  return { kind: 'own', owners: goes ? [workload] : [] };
}

const podOwner = ({ name, uid }: PodFacts): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'Pod',
  name,
  uid,
  controller: true,
});
