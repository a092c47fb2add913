import type { ClaimTemplate } from '../../api/schema/claim-template.ts';
import type { PodTemplate } from '../../api/template.ts';
import type { Meta } from '../reading/objects.ts';
import type { ClaimUse } from './claim-use.ts';

/** A volume that each task has for itself. */
export interface OwnVolume {
  /** That of the volume in the Pod. */
  readonly name: string;
  /** Its claim goes with the task, or stays with the slot and serves the next task of it. */
  readonly staysWith: 'task' | 'slot';
  /** Its claim is the workload's from the moment it is made: nobody may delete the workload and leave it behind. */
  readonly isOwned: boolean;
  readonly template: ClaimTemplate;
}

/** The claim of such a volume, for one task. */
export interface OwnClaim extends ClaimUse {
  readonly volume: OwnVolume;
}

/** What a workload says of volumes that outlive its tasks. */
type SlotTemplates = readonly (ClaimTemplate & { readonly metadata: { readonly name: string } })[];

/** Most templates have none. */
const NONE: readonly OwnVolume[] = [];

/**
 * The volumes that each task has for itself: ephemeral ones of its template, and those of its slot.
 * @param slotsGo those of its slot go with the workload
 */
export function ownVolumesOf(
  { spec }: PodTemplate,
  ofSlots: SlotTemplates = [],
  slotsGo = false,
): readonly OwnVolume[] {
  const own = [
    ...(spec.volumes ?? []).flatMap(({ name, ephemeral }): OwnVolume[] =>
      ephemeral ? [{ name, staysWith: 'task', isOwned: true, template: ephemeral.volumeClaimTemplate }] : [],
    ),
    ...ofSlots.map((template): OwnVolume => ({
      name: template.metadata.name,
      staysWith: 'slot',
      isOwned: slotsGo,
      template,
    })),
  ];
  return own.length > 0 ? own : NONE;
}

/** Whether a slot has volumes that its tasks hand on: it takes the next one when the last is gone. */
export const keepsVolumes = ({ ownVolumes }: { readonly ownVolumes: readonly OwnVolume[] }): boolean =>
  ownVolumes.some(({ staysWith }) => staysWith === 'slot');

/**
 * The claims of one task. One that goes with the task is the workload's until there is a Pod that it can be of: so it is
 * told from one of another Pod that had the name.
 * @param workload that the task belongs to @param group the one of it; empty for the only one of a pool
 */
export const ownClaims = (
  volumes: readonly OwnVolume[],
  { name: workload, uid }: Meta,
  group: string,
  task: { readonly name: string; readonly slot: number },
): OwnClaim[] =>
  volumes.map((volume) =>
    volume.staysWith === 'task'
      ? { volume, name: `${task.name}-${volume.name}`, owner: uid }
      : {
          volume,
          name: [volume.name, workload, ...(group === '' ? [] : [group]), task.slot].join('-'),
          owner: undefined,
        },
  );
