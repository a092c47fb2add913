import { REASON } from '../api/conditions.ts';
import type { Allocation } from '../allocator/allocate.ts';
import type { Launch } from '../allocator/placing/offer.ts';
import type { Steps } from '../lib/steps.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { refOf } from '../snapshot/framework-id.ts';
import type { Framework } from '../snapshot/framework.ts';
import type { Removal } from '../snapshot/slots.ts';
import { admissionKey } from '../snapshot/admitted.ts';
import { countedAs } from '../snapshot/admission.ts';
import { askCommands } from './ask.ts';
import { claimCommands } from './claims.ts';
import type { Command, DeleteCommand, PlacingCommand } from './command.ts';
import { giveWay } from './give-way.ts';
import { podManifest, type Makers } from './pod.ts';

const remove = (framework: Framework, { pod, reason, signal }: Removal): DeleteCommand => ({
  kind: 'delete',
  framework: refOf(framework),
  namespace: pod.namespace,
  name: pod.name,
  uid: pod.uid,
  resourceVersion: pod.resourceVersion,
  reason,
  signal,
});

/**
 * A gang that was never whole and cannot be completed now is released: half a gang holds room and trains nothing.
 * It comes to be only when the API server refused some of its Pods, or the operator died between its creates.
 */
function incompleteGang(framework: Framework, declined: boolean): Removal[] {
  const { api, class: ofClass } = REASON;
  const stuck = declined || framework.hold?.reason === api || framework.hold?.reason === ofClass;
  if (!framework.gang || !stuck || framework.wasWhole) return [];
  if (framework.classes.every((c) => c.pending.length === 0)) return [];
  return framework.live.map((pod): Removal => ({ pod, reason: 'GangIncomplete', signal: undefined }));
}

/** Makes the Pod of a launch, or binds the one that waits. */
function placingCommand(snapshot: Snapshot, launch: Launch, makers: Makers): PlacingCommand {
  const framework = snapshot.frameworks[launch.offer.framework]!;
  const { name: node, bootId } = snapshot.agents[launch.offer.agent]!;
  const { pod, after, ended } = launch.vacancy;
  const ref = refOf(framework);
  if (pod) {
    const { namespace, name, uid } = pod;
    return { kind: 'bind', framework: ref, namespace, name, uid, node };
  }
  const manifest = podManifest(framework, launch, makers, node, bootId);
  const { group, shape } = launch.offer.demandClass;
  const key = admissionKey(framework.metadata, group, shape);
  const admission = snapshot.admitted?.get(key)?.admission;
  return {
    kind: 'create',
    framework: ref,
    pod: manifest,
    after,
    ...(ended === undefined ? {} : { ended }),
    admissionKey: key,
    counted: countedAs(manifest, admission),
  };
}

/**
 * Turns decisions into ordered writes, in steps, a launch each: Pods to create or bind first, in the order in which
 * their offers were accepted, then Pods to evict for others, then Pods to delete. Creating before deleting means that a crash between the two leaves
 * a Pod too many, never a slot that has lost its count of failures.
 */
export function* makePlan(snapshot: Snapshot, allocation: Allocation, makers: Makers): Steps<Command[]> {
  const { launches, declined } = allocation;
  const placing: PlacingCommand[] = [];
  for (const launch of launches) {
    placing.push(placingCommand(snapshot, launch, makers));
    yield;
  }
  const deletes = snapshot.frameworks.flatMap((framework) =>
    [...framework.removals, ...incompleteGang(framework, declined.has(framework.index))]
      // A Pod that the API server has not answered for has no identity to delete by yet; the next cycle has it.
      .filter(({ pod }) => pod.uid !== '' && !pod.deleting)
      .map((removal) => remove(framework, removal)),
  );
  return [
    ...askCommands(snapshot, allocation, makers),
    ...placing,
    ...claimCommands(snapshot, allocation),
    ...giveWay(snapshot, allocation),
    ...deletes,
  ];
}
