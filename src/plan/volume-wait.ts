import type { Awaiting } from '../allocator/placing/await-volumes.ts';
import { REASON } from '../api/conditions.ts';
import type { Explanation } from '../matrix/explain.ts';
import type { ClaimChoice } from '../matrix/volumes/volume-book.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** Most claims that are named. */
const MOST = 3;

/** Says what tasks wait for that have room, and claims without volumes. */
export function explainVolumeWait(awaiting: readonly Awaiting[], snapshot: Snapshot): Explanation {
  const open = new Map<string, ClaimChoice>();
  for (const { choices } of awaiting) for (const choice of choices) open.set(choice.claim.key, choice);
  const made = awaiting.flatMap(({ launch }) => launch.vacancy.lacks ?? []);
  const all = [
    ...made.map(({ name }) => `claim ${name} is made`),
    ...Array.from(open.values(), (choice) => inWords(choice, snapshot)),
  ];
  const words = all.slice(0, MOST);
  const more = all.length > MOST ? `, and ${all.length - MOST} more` : '';
  return { reason: REASON.volumes, message: `${words.join(', ')}${more}` };
}

function inWords({ claim, agent, volume }: ClaimChoice, { agents, storage }: Snapshot): string {
  const node = agents[agent]!.name;
  if (volume) return `claim ${claim.name} gets volume ${volume.key} on ${node}`;
  const maker = storage.classes.get(claim.storageClass)?.provisioner ?? claim.storageClass;
  return `claim ${claim.name} gets a volume that ${maker} makes for ${node}`;
}
