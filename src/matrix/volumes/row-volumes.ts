import type { ClaimFacts } from '../../snapshot/volumes/claim.ts';
import type { ClaimUse } from '../../snapshot/volumes/claim-use.ts';
import type { CsiCapacityFacts } from '../../snapshot/volumes/csi.ts';
import { STORAGE, type Storage, type StorageKind } from '../../snapshot/volumes/storage.ts';
import { isDynamic, type StorageClassFacts } from '../../snapshot/volumes/storage-class.ts';
import type { VolumeFacts } from '../../snapshot/volumes/volume.ts';
import { attachedBy, type AttachedVolume } from './attached.ts';
import { Candidates } from './candidates.ts';
import type { Reach } from './reach.ts';

/** A claim whose volume is bound, or made, when a task that uses it has a node. */
export interface DelayedClaim {
  readonly claim: ClaimFacts;
  readonly candidates: Candidates;
  readonly storageClass: StorageClassFacts;
  /** Where there is room for a new volume; undefined when the driver does not say. */
  readonly capacities: readonly CsiCapacityFacts[] | undefined;
}

/** What the volumes of a row's tasks mean for where these may go. */
export interface RowVolumes {
  /** Why no agent at all will do, in kube-scheduler's words; undefined when some may. */
  readonly refused: string | undefined;
  /** Keys of claims that one Pod alone may use. */
  readonly exclusive: readonly string[];
  readonly attached: readonly AttachedVolume[];
  /** Drivers that must serve an agent. */
  readonly needed: readonly string[];
  /** Volumes that are there, in the order of the claims; undefined for one that is gone. */
  readonly bound: readonly (VolumeFacts | undefined)[];
  /** Those of them whose zone counts. */
  readonly zoned: readonly VolumeFacts[];
  /** Smallest request first. */
  readonly delayed: readonly DelayedClaim[];
  /** What could not be looked at, since nobody listed it. */
  readonly unknown: readonly string[];
}

/** Says of what is not found that it may well be there, where nobody listed its kind. */
const unlisted = ({ unread }: Storage, kind: StorageKind): string =>
  unread.has(kind) ? ` (what was read holds no ${STORAGE[kind].short}: list them too, if there are any)` : '';

const refusal = (refused: string): RowVolumes => ({
  refused,
  exclusive: [],
  attached: [],
  needed: [],
  bound: [],
  zoned: [],
  delayed: [],
  unknown: [],
});

/** Why a claim cannot be used; undefined when it can. */
function faultOf(use: ClaimUse, claim: ClaimFacts | undefined, storage: Storage): string | undefined {
  const { name, owner } = use;
  if (!claim) {
    const missing =
      owner === undefined
        ? `persistentvolumeclaim "${name}" not found`
        : `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`;
    return `${missing}${unlisted(storage, 'claims')}`;
  }
  if (claim.lost)
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.volume}"`;
  if (claim.deleting) return `persistentvolumeclaim "${name}" is being deleted`;
  if (owner !== undefined && claim.controller !== owner)
    return `PVC ${claim.key} was not created for the pod (pod is not owner)`;
  return undefined;
}

/** The class that a claim waits with: nobody binds it before a node is chosen. */
const delayedClass = ({ volume, storageClass }: ClaimFacts, { classes }: Storage) => {
  const found = volume === '' ? classes.get(storageClass) : undefined;
  return found?.waits ? found : undefined;
};

/** A claim as a Pod uses it, and what is there of it. */
interface FoundClaim {
  readonly use: ClaimUse;
  readonly claim: ClaimFacts | undefined;
}

/** The same when nothing is wrong with it. */
interface UsableClaim extends FoundClaim {
  readonly claim: ClaimFacts;
  /** The volume that it is bound to; undefined when it is not, or the volume is gone. */
  readonly volume: VolumeFacts | undefined;
}

const isNamed = ({ use }: FoundClaim): boolean => use.owner === undefined;

/** Finds claims that can be used, or says why one cannot, in the order in which kube-scheduler notices. */
function usableClaims(found: readonly FoundClaim[], storage: Storage): readonly UsableClaim[] | string {
  // That a named claim is missing is noticed first.
  const missing = found.find((each) => isNamed(each) && !each.claim);
  for (const { use, claim } of missing ? [missing] : found) {
    const fault = faultOf(use, claim, storage);
    if (fault !== undefined) return fault;
  }
  const claims = found.map(({ use, claim }): UsableClaim => {
    const volume = claim!.bound ? storage.volumes.get(claim!.volume) : undefined;
    return { use, claim: claim!, volume };
  });
  const immediate = claims.find(({ claim }) => !claim.bound && !delayedClass(claim, storage));
  if (immediate) {
    const unknown = immediate.claim.volume === '' && !storage.classes.has(immediate.claim.storageClass);
    const hint = unknown ? unlisted(storage, 'classes') : '';
    return `pod has unbound immediate PersistentVolumeClaims${hint}`;
  }
  for (const each of claims) {
    const { claim, volume } = each;
    // Of an ephemeral volume each node says that it is gone, unless nobody looked for it.
    if (claim.bound && !volume && (isNamed(each) || storage.unread.has('volumes')))
      return `persistentvolume "${claim.volume}" not found${unlisted(storage, 'volumes')}`;
    if (volume?.inTree !== undefined) return unsupported(volume);
  }
  return claims;
}

/**
 * Reads what the claims of a row ask of agents, as VolumeRestrictions, VolumeBinding and VolumeZone of kube-scheduler
 * do before they look at nodes.
 * @param volumesOf the volumes of a StorageClass
 */
export function rowVolumes(
  uses: readonly ClaimUse[],
  namespace: string,
  storage: Storage,
  volumesOf: (storageClass: string) => readonly VolumeFacts[],
  reach: Reach,
): RowVolumes {
  const found = uses.map((use) => ({ use, claim: storage.claims.get(`${namespace}/${use.name}`) }));
  const claims = usableClaims(found, storage);
  if (typeof claims === 'string') return refusal(claims);
  const delayed = claims.flatMap(({ claim }): DelayedClaim[] => {
    const storageClass = claim.bound ? undefined : delayedClass(claim, storage);
    if (!storageClass) return [];
    const candidates = new Candidates(claim, volumesOf(claim.storageClass), reach);
    return [{ claim, candidates, storageClass, capacities: capacitiesOf(storageClass, storage) }];
  });
  const strange = delayed.find(({ candidates }) => candidates.kept?.inTree !== undefined);
  if (strange) return refusal(unsupported(strange.candidates.kept!));
  const attached = claims.map(({ claim }) => attachedBy(claim, storage)).filter((each) => each !== undefined);
  const drivers = new Set(attached.map(({ driver }) => driver));
  const named = claims.filter(isNamed);
  return {
    refused: undefined,
    exclusive: named
      .filter(({ claim }) => claim.accessModes.includes('ReadWriteOncePod'))
      .map(({ claim }) => claim.key),
    attached,
    needed: [...drivers].filter((driver) => storage.csiDrivers.get(driver)?.mustServe),
    bound: claims.filter(({ claim }) => claim.bound).map(({ volume }) => volume),
    zoned: named.map(({ volume }) => volume).filter((volume) => volume !== undefined),
    delayed: delayed.sort((a, b) => a.claim.request - b.claim.request),
    unknown: unknownOf(attached, delayed, storage),
  };
}

/** What nobody listed that has a say in where these volumes may be. */
function unknownOf(
  attached: readonly AttachedVolume[],
  delayed: readonly DelayedClaim[],
  storage: Storage,
): readonly string[] {
  const said = (kind: StorageKind, words: string) =>
    storage.unread.has(kind) ? [`${words}${unlisted(storage, kind)}`] : [];
  const made = delayed.some(({ storageClass }) => isDynamic(storageClass));
  const limits = said('csiNodes', 'how many volumes nodes can attach');
  const idle = said('attachments', 'volumes that nodes have and nobody uses');
  return [
    ...(attached.length === 0 ? [] : limits.length > 0 ? limits : idle),
    ...(made ? said('csiDrivers', 'whether there is room for new volumes') : []),
  ];
}

const unsupported = ({ key, inTree }: VolumeFacts): string =>
  `persistentvolume "${key}" is of a kind that is not supported: ${inTree}`;

/** Where a class has room for new volumes; undefined when its driver does not say. */
function capacitiesOf(
  storageClass: StorageClassFacts,
  { csiDrivers, csiCapacities }: Storage,
): readonly CsiCapacityFacts[] | undefined {
  if (!isDynamic(storageClass) || !csiDrivers.get(storageClass.provisioner)?.tellsCapacity) return undefined;
  return [...csiCapacities.values()].filter((each) => each.storageClass === storageClass.key);
}
