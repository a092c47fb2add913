import type { Allocation } from '../allocator/allocate.ts';
import type { Launch } from '../allocator/placing/offer.ts';
import type { Steps } from '../lib/steps.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { refOf } from '../snapshot/framework-id.ts';
import type { Framework } from '../snapshot/framework.ts';
import type { Removal } from '../snapshot/slots.ts';
import { admissionKey } from '../snapshot/admitted.ts';
import { failedStart } from '../snapshot/class.ts';
import { countedAs } from '../snapshot/admission.ts';
import { askCommands } from './ask.ts';
import { claimCommands, makeClaimCommands } from './claims.ts';
import type { ChangeCommand, Command, DeleteCommand, PlacingCommand } from './command.ts';
import { giveWay } from './give-way.ts';
import { lettingGo } from './letting-go.ts';
import { podManifest, type Makers } from './pod.ts';

const remove = (framework: Framework, { pod, reason, signal }: Removal, now: number): DeleteCommand => ({
  kind: 'delete',
  framework: refOf(framework),
  namespace: pod.namespace,
  name: pod.name,
  uid: pod.uid,
  resourceVersion: pod.resourceVersion,
  reason,
  signal,
  ...(signal === 'NeverStarted' ? { failure: failedStart(pod, now)! } : {}),
});

/** Brings those tasks of a framework in place to the template of their class that are to come to it so. */
const changes = (framework: Framework): ChangeCommand[] =>
  framework.changes.map(({ namespace, name, uid, resourceVersion, task }) => {
    const { shape } = framework.classes.find(({ group }) => group === task?.group)!;
    const { template, revision, demand } = shape;
    const of = { framework: refOf(framework), namespace, name, uid, resourceVersion };
    return { kind: 'change', ...of, template: template!, revision, demand };
  });

/** Makes the Pod of a launch, or binds the one that waits. */
function placingCommand(snapshot: Snapshot, launch: Launch, makers: Makers): PlacingCommand {
  const framework = snapshot.frameworks[launch.offer.framework]!;
  const agent = snapshot.agents[launch.offer.agent]!;
  const { pod, after, ended } = launch.vacancy;
  const ref = refOf(framework);
  if (pod) {
    const { namespace, name, uid } = pod;
    return { kind: 'bind', framework: ref, namespace, name, uid, node: agent.name };
  }
  const manifest = podManifest(framework, launch, makers, agent);
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
 * their offers were accepted, then Pods to evict for others, to change in place and to delete. Creating before deleting means that a crash between the two leaves
 * a Pod too many, never a slot that has lost its count of failures.
 */
export function* makePlan(snapshot: Snapshot, allocation: Allocation, makers: Makers): Steps<Command[]> {
  const { launches } = allocation;
  const placing: PlacingCommand[] = [];
  for (const launch of launches) {
    placing.push(placingCommand(snapshot, launch, makers));
    yield;
  }
  const gone = lettingGo(snapshot, allocation);
  const deletes = snapshot.frameworks.flatMap((framework) =>
    [...framework.removals, ...(gone.get(framework.index) ?? [])]
      // A Pod that the API server has not answered for has no identity to delete by yet; the next cycle has it.
      .filter(({ pod }) => pod.uid !== '' && !pod.deleting)
      .map((removal) => remove(framework, removal, snapshot.now)),
  );
  return [
    ...askCommands(snapshot, allocation, makers),
    ...placing,
    ...makeClaimCommands(snapshot, allocation, makers),
    ...claimCommands(snapshot, allocation),
    ...giveWay(snapshot, allocation),
    ...snapshot.frameworks.flatMap(changes),
    ...deletes,
  ];
}
