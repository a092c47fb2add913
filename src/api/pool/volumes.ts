import { z } from 'zod';
import { retention, slotVolumes } from '../schema/slot-volumes.ts';

/** `spec.volumeClaimTemplates` of a pool. */
export const volumeClaimTemplates = slotVolumes
  .optional()
  .describe(
    'Volumes that outlive servers: each slot has a claim NAME-POOL-SLOT, and the next server of the slot gets it back, ' +
      'where the volume is. A change counts for claims that are made after it. An update of such a pool has no surge.',
  );

/** `spec.persistentVolumeClaimRetentionPolicy` of a pool. */
export const claimRetention = z
  .object({
    whenDeleted: retention('the pool is deleted'),
    whenScaled: retention('the pool has all its servers and none in their slot'),
  })
  .optional()
  .describe('How long the claims of volumeClaimTemplates stay: as StatefulSets have it.');
