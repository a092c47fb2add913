import { z } from 'zod';
import { claimMarks, claimSpec } from './claim-template.ts';
import { DNS_LABEL } from './names.ts';
import { atomicList, rules, type Rule } from './rules.ts';

/** Volumes that each slot has for itself, and that outlive its tasks. */
export const slotVolumes = z
  .array(
    z
      .object({
        metadata: z
          .object({
            name: z
              .string()
              .min(1)
              .max(63)
              .describe('Name of the volume in each Pod, and the beginning of the names of the claims.')
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
      .describe('A volume that each slot has for itself.'),
  )
  .max(8)
  .meta(atomicList);

/** Whether claims of slots stay or go. @param when the end of a sentence: in which case */
export const retention = (when: string) =>
  z.enum(['Retain', 'Delete']).default('Retain').describe(`What becomes of claims when ${when}.`);

/** What volumes of slots and a template beside them must agree on. */
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
