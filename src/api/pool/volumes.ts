import { z } from 'zod';
import { claimMarks, claimSpec } from '../schema/claim-template.ts';
import { DNS_LABEL } from '../schema/names.ts';
import { atomicList, rules, type Rule } from '../schema/rules.ts';

/** `spec.volumeClaimTemplates` of a pool. */
export const volumeClaimTemplates = z
  .array(
    z
      .object({
        metadata: z
          .object({
            name: z
              .string()
              .min(1)
              .max(63)
              .describe('Name of the volume in each server, and the beginning of the names of the claims.')
              .meta(
                rules({
                  rule: `self.matches('^${DNS_LABEL}$')`,
                  message:
                    "the name of a volume must be a DNS label: lower-case letters, digits and '-', such as world",
                }),
              ),
            ...claimMarks,
          })
          .describe('Name of the volume; labels and annotations of each claim.'),
        spec: claimSpec,
      })
      .describe('A volume that each slot of the pool has for itself.'),
  )
  .max(8)
  .optional()
  .describe(
    'Volumes that outlive servers: each slot has a claim NAME-POOL-SLOT, and the next server of the slot gets it back, ' +
      'where the volume is. A change counts for claims that are made after it. An update of such a pool has no surge.',
  )
  .meta(atomicList);

const retention = (when: string) =>
  z.enum(['Retain', 'Delete']).default('Retain').describe(`What becomes of claims when ${when}.`);

/** `spec.persistentVolumeClaimRetentionPolicy` of a pool. */
export const claimRetention = z
  .object({
    whenDeleted: retention('the pool is deleted'),
    whenScaled: retention('the pool has all its servers and none in their slot'),
  })
  .optional()
  .describe('How long the claims of volumeClaimTemplates stay: as StatefulSets have it.');

/** What volumes and other fields of a pool must agree on. */
export const VOLUME_RULES: readonly Rule[] = [
  {
    rule:
      '!has(self.volumeClaimTemplates) || self.volumeClaimTemplates.all(t, ' +
      'self.volumeClaimTemplates.exists_one(o, o.metadata.name == t.metadata.name))',
    message: 'two volumes have the same name: give each of volumeClaimTemplates its own',
    fieldPath: '.volumeClaimTemplates',
  },
  {
    rule:
      '!has(self.volumeClaimTemplates) || !has(self.template.spec.volumes) || self.volumeClaimTemplates.all(t, ' +
      '!self.template.spec.volumes.exists(v, v.name == t.metadata.name))',
    message: 'a volume of the template has the name of one of volumeClaimTemplates: rename or remove it',
    fieldPath: '.volumeClaimTemplates',
  },
];
