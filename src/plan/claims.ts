import type { Allocation } from '../allocator/allocate.ts';
import type { ClaimChoice } from '../matrix/volumes/volume-book.ts';
import { refOf } from '../snapshot/framework-id.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { ClaimCommand, MakeClaimCommand } from './command.ts';
import { claimManifest } from './own-claim.ts';
import type { Makers } from './pod.ts';

/** Whether what was chosen for a claim is said already, so that all there is to do is to wait. */
const isSaid = ({ claim, volume }: ClaimChoice, node: string): boolean =>
  volume ? volume.claim?.uid === claim.uid : claim.selectedNode === node;

/** Writes that make the claims which tasks have for themselves, now that there is room for the tasks. */
export const makeClaimCommands = (
  { frameworks, agents }: Snapshot,
  { awaiting }: Allocation,
  makers: Makers,
): MakeClaimCommand[] =>
  awaiting.flatMap(({ launch }) => {
    const { offer, vacancy } = launch;
    const framework = frameworks[offer.framework]!;
    const agent = agents[offer.agent]!;
    return (vacancy.lacks ?? []).map((lack): MakeClaimCommand => {
      const claim = claimManifest(framework, launch, agent, lack, makers);
      return { kind: 'makeClaim', framework: refOf(framework), claim };
    });
  });

/** Writes that let claims have their volumes, now that the tasks that use them have nodes. */
export function claimCommands({ frameworks, agents }: Snapshot, { awaiting }: Allocation): ClaimCommand[] {
  const commands = new Map<string, ClaimCommand>();
  for (const { launch, choices } of awaiting) {
    const framework = refOf(frameworks[launch.offer.framework]!);
    for (const choice of choices) {
      const { claim, agent, volume } = choice;
      const node = agents[agent]!.name;
      if (commands.has(claim.key) || isSaid(choice, node)) continue;
      const { namespace, name, uid, resourceVersion } = claim;
      commands.set(claim.key, {
        kind: 'claim',
        framework,
        namespace,
        name,
        uid,
        resourceVersion,
        node,
        volume: volume && {
          name: volume.key,
          resourceVersion: volume.resourceVersion,
          kept: volume.claim !== undefined,
        },
      });
    }
  }
  return [...commands.values()];
}
