import { z } from 'zod';
import { condition } from './conditions.ts';
import { DNS_LABEL, mapList, rules } from './validation.ts';

/** Spec of an OfferRole: an account that workloads draw on. Its name is the role's name. */
export const offerRoleSpec = z
  .object({
    weight: z
      .int()
      .min(1)
      .max(10_000)
      .default(1)
      .describe(
        'The dominant share of the role is divided by this: weight 2 is due twice what weight 1 is due.',
      ),
  })
  .describe('What the role is due.');

const amounts = (what: string) =>
  z.record(z.string(), z.string().describe('Amount of the resource.')).describe(what).optional();

/** Status of an OfferRole, as the operator writes it. */
export const offerRoleStatus = z
  .object({
    observedGeneration: z.int().describe('Generation of the spec that this status speaks of.').optional(),
    dominantShare: z
      .string()
      .describe('Largest part of any cluster resource that the role holds, in percent.')
      .optional(),
    dominantResource: z.string().describe('The resource that the dominant share is measured in.').optional(),
    allocated: amounts('What the tasks of the role hold, by resource.'),
    frameworks: z.int().describe('Workloads that draw on the role.').optional(),
    pending: z.int().describe('Tasks of the role that wait for an offer.').optional(),
    message: z.string().describe('One sentence: is it well, and if not why.').optional(),
    conditions: z.array(condition).describe('Satisfied.').meta(mapList('type')).optional(),
  })
  .describe('What the role holds, as the operator last saw it.');

/** An OfferRole as the API serves it, without its metadata. */
export const offerRole = z
  .object({ spec: offerRoleSpec, status: offerRoleStatus.optional() })
  .describe(
    'An account that workloads draw on. Roles compete for the cluster by weighted dominant share. A workload without a ' +
      'role draws on the role that bears the name of its namespace; a role without an OfferRole has weight 1.',
  )
  .meta(
    rules({
      rule: `self.metadata.name.matches('^${DNS_LABEL}$')`,
      message:
        "metadata.name is the name of the role and must be a DNS label: lower-case letters, digits and '-', at most 63 characters",
    }),
  );

/** Desired state of a role, with defaults filled in. */
export type OfferRoleSpec = z.infer<typeof offerRoleSpec>;
/** Observed state of a role. */
export type OfferRoleStatus = z.infer<typeof offerRoleStatus>;
