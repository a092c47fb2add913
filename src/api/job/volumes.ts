import { z } from 'zod';
import { retention, slotVolumes } from '../schema/slot-volumes.ts';

/** `volumeClaimTemplates` of a group. */
export const workerVolumes = slotVolumes
  .optional()
  .describe(
    'Volumes that outlive workers: each has a claim NAME-JOB-GROUP-INDEX, and whoever comes in its place gets it back, where the ' +
      'volume is. A worker of such a group comes when the Pod before it is gone.',
  );

/** `spec.persistentVolumeClaimRetentionPolicy` of a job. */
export const jobClaimRetention = z
  .object({
    whenDeleted: retention('the job is deleted'),
    whenComplete: retention(
      'the job has Succeeded. Kubernetes keeps a claim as long as there is a Pod that has it, so cleanPodPolicy: All belongs to it',
    ),
  })
  .optional()
  .describe('How long the claims of volumeClaimTemplates stay.');
