import { z } from 'zod';
import { quantity } from './quantity.ts';
import { marks } from './marks.ts';
import { atomicList, rules } from './rules.ts';

const MODES = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'] as const;

/** What a claim asks for; fields beside these are Kubernetes' own and go with it as they are. */
export const claimSpec = z
  .looseObject({
    accessModes: z
      .array(z.enum(MODES).describe('A mode.'))
      .min(1)
      .max(4)
      .describe('How nodes and Pods may use the volume. ReadWriteOnce is that of most disks.')
      .meta(atomicList),
    storageClassName: z
      .string()
      .max(253)
      .optional()
      .describe("StorageClass that makes the volume; the cluster's default when left out."),
    resources: z
      .looseObject({
        requests: z
          .looseObject({ storage: quantity.describe('Size of the volume: 10Gi.') })
          .describe('What the volume must have at least.'),
      })
      .describe('Size of the volume.'),
    volumeMode: z
      .enum(['Filesystem', 'Block'])
      .optional()
      .describe('Filesystem, when left out, or the bare device.'),
    volumeName: z
      .string()
      .max(253)
      .optional()
      .describe('Not allowed: each task has a volume of its own.')
      .meta(
        rules({
          rule: "self == ''",
          message: 'remove volumeName: one volume cannot serve each task; leave it to the StorageClass',
          reason: 'FieldValueForbidden',
        }),
      ),
  })
  .describe('Spec of each claim, a PersistentVolumeClaimSpec of Kubernetes.');

/** Labels and annotations of each claim. */
export const claimMarks = {
  labels: marks('Labels').optional(),
  annotations: marks('Annotations').optional(),
};

/** What the claims of a volume are made from that each task has for itself. */
export const claimTemplate = z
  .object({
    metadata: z.object(claimMarks).describe('Labels and annotations of each claim.').optional(),
    spec: claimSpec,
  })
  .describe('What the claim of each task is made from.');

/** What claims are made from, with their names left out. */
export type ClaimTemplate = z.infer<typeof claimTemplate>;
