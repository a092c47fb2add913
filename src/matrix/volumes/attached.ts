import type { ClaimFacts } from '../../snapshot/volumes/claim.ts';
import { driverOfProvisioner, driverOfSource } from '../../snapshot/volumes/in-tree.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import type { Storage } from '../../snapshot/volumes/storage.ts';
import type { VolumeFacts } from '../../snapshot/volumes/volume.ts';

/** A volume as attaching it to a node counts. */
export interface AttachedVolume {
  readonly driver: string;
  /** Tells it from others of the driver: many Pods of a node may use one volume. */
  readonly handle: string;
}

/** How a volume counts; undefined for one that nobody attaches. */
function ofVolume({ key, csi, inTree }: VolumeFacts): AttachedVolume | undefined {
  if (csi) return csi;
  const driver = inTree && driverOfSource(inTree);
  return driver ? { driver, handle: `${inTree} ${key}` } : undefined;
}

/** How the volume of a claim counts; one that is yet to be made counts as its class will make it. */
export function attachedBy(claim: ClaimFacts, { volumes, classes }: Storage): AttachedVolume | undefined {
  const volume = claim.volume === '' ? undefined : volumes.get(claim.volume);
  if (volume) return ofVolume(volume);
  const provisioner = classes.get(claim.storageClass)?.provisioner;
  return provisioner ? { driver: driverOfProvisioner(provisioner), handle: `claim ${claim.key}` } : undefined;
}

/** The volumes of a Pod, as far as they count. */
export const attachedTo = ({ namespace, claims }: PodFacts, storage: Storage): readonly AttachedVolume[] =>
  claims.flatMap(({ name }) => {
    const claim = storage.claims.get(`${namespace}/${name}`);
    return (claim && attachedBy(claim, storage)) ?? [];
  });
