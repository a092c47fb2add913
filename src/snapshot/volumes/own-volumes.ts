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
  readonly template: ClaimTemplate;
}

/** The claim of such a volume, for one task. */
export interface OwnClaim extends ClaimUse {
  readonly volume: OwnVolume;
}

/** What a pool says of volumes that outlive its servers. */
type SlotTemplates = readonly (ClaimTemplate & { readonly metadata: { readonly name: string } })[];

/** Most templates have none. */
const NONE: readonly OwnVolume[] = [];

/** The volumes that each task has for itself: ephemeral ones of its template, and those of its slot. */
export function ownVolumesOf({ spec }: PodTemplate, ofSlots: SlotTemplates = []): readonly OwnVolume[] {
  const own = [
    ...(spec.volumes ?? []).flatMap(({ name, ephemeral }): OwnVolume[] =>
      ephemeral ? [{ name, staysWith: 'task', template: ephemeral.volumeClaimTemplate }] : [],
    ),
    ...ofSlots.map((template): OwnVolume => ({ name: template.metadata.name, staysWith: 'slot', template })),
  ];
  return own.length > 0 ? own : NONE;
}

/**
 * The claims of one task. One that goes with the task is the workload's until there is a Pod that it can be of: so it is
 * told from one of another Pod that had the name.
 * @param workload that the task belongs to
 */
export const ownClaims = (
  volumes: readonly OwnVolume[],
  { name: workload, uid }: Meta,
  task: { readonly name: string; readonly slot: number },
): OwnClaim[] =>
  volumes.map((volume) =>
    volume.staysWith === 'task'
      ? { volume, name: `${task.name}-${volume.name}`, owner: uid }
      : { volume, name: `${volume.name}-${workload}-${task.slot}`, owner: undefined },
  );
