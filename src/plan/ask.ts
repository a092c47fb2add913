import { REASON } from '../api/conditions.ts';
import type { Allocation } from '../allocator/allocate.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { admissionKey, isAsking, isBarredByAdmission, isToBeAsked } from '../snapshot/admitted.ts';
import { refOf } from '../snapshot/framework-id.ts';
import { NodePorts } from '../snapshot/ports.ts';
import type { DemandClass, Framework } from '../snapshot/framework.ts';
import type { AskCommand } from './command.ts';
import { podManifest, type Makers } from './pod.ts';

/** Whether a framework waits in a way that what its Pods become has a say in. */
function waitsForAnswer(
  { hold }: Framework,
  { shape }: DemandClass,
  key: string,
  snapshot: Snapshot,
): boolean {
  if (hold === undefined || isAsking(hold)) return true;
  return hold.reason === REASON.unsupported && isBarredByAdmission(shape, snapshot.admitted?.get(key));
}

/**
 * Asks what the API server makes of Pods that wait: those of which nobody knows, and now and then those that it changed,
 * since a LimitRange or a webhook may be gone. The Pods are named and bound as if the first of them was placed on the
 * first agent.
 */
export function askCommands(snapshot: Snapshot, allocation: Allocation, makers: Makers): AskCommand[] {
  const { admitted, agents, now, ports } = snapshot;
  if (admitted === undefined || agents.length === 0) return [];
  const launched = new Set(allocation.launches.map(({ offer }) => offer.framework));
  const asked = new Set<string>();
  return snapshot.classes.flatMap((demandClass): AskCommand[] => {
    const { pending, shape, group } = demandClass;
    const framework = snapshot.frameworks[demandClass.framework]!;
    if (pending.length === 0 || shape.template === undefined || launched.has(framework.index)) return [];
    const key = admissionKey(framework.metadata, group, shape);
    // Tasks that only their claims tell apart become the same.
    if (asked.has(key) || !isToBeAsked(admitted.get(key), now)) return [];
    if (!waitsForAnswer(framework, demandClass, key, snapshot)) return [];
    asked.add(key);
    const drawn = new NodePorts(ports[0]!.ranges).draw(shape.dynamicPorts, 1) ?? [];
    const hostPorts = drawn.map(({ port }) => port);
    const { rolePath: role, index } = framework;
    const offer = { id: '', framework: index, role, agent: 0, demandClass, tasks: 1, ports: hostPorts };
    const launch = { offer, vacancy: pending.at(0)!, ports: hostPorts };
    const pod = podManifest(framework, launch, makers, agents[0]!);
    return [{ kind: 'ask', framework: refOf(framework), admissionKey: key, pod }];
  });
}
