import { z } from 'zod';
import { condition } from './conditions.ts';
import { resourceAmounts } from './resources.ts';
import { DNS_LABEL } from './schema/names.ts';
import { atomicList, mapList, rules } from './schema/rules.ts';

/** What is kept for a role on every node that a selector matches. */
const reservation = z
  .object({
    nodeSelector: z
      .record(z.string(), z.string().max(63).describe('Value of the label.'))
      .describe('Labels of the nodes: all that bear every one of them.')
      .meta({ minProperties: 1, maxProperties: 8 }),
    resources: resourceAmounts('What is kept on each of the nodes, by resource name.'),
  })
  .describe('Resources that only the role, and the roles below it, can be offered on some nodes.');

/** Most names, labels or requirements that one list of a grant holds. */
const MOST_NAMED = 64;
const MOST_REQUIREMENTS = 16;

const labelKey = z.string().min(1).max(317);

/** One requirement of a selector, as Kubernetes knows it. */
const requirement = z
  .object({
    key: labelKey.describe('Key of the label.'),
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('How the values are compared.'),
    values: z
      .array(z.string().max(63).describe('A value of the label.'))
      .describe('Values for In and NotIn; left out with Exists and DoesNotExist.')
      .meta({ maxItems: MOST_REQUIREMENTS, ...atomicList })
      .optional(),
  })
  .describe('A requirement on one label of the namespace.')
  .meta(
    rules({
      rule:
        "self.operator in ['In', 'NotIn'] ? has(self.values) && size(self.values) > 0 : " +
        '!has(self.values) || size(self.values) == 0',
      message: 'In and NotIn need values, Exists and DoesNotExist have none: add them, or remove them',
      fieldPath: '.values',
    }),
  );

/** Which namespaces may draw on a role. */
const grantedNamespaces = z
  .object({
    names: z
      .array(z.string().min(1).max(63).describe('Name of a namespace.'))
      .describe('Namespaces by name.')
      .meta({ maxItems: MOST_NAMED, ...atomicList })
      .optional(),
    selector: z
      .object({
        matchLabels: z
          .record(z.string(), z.string().max(63).describe('Value of the label.'))
          .describe('Labels that the namespace bears, all of them.')
          .meta({ maxProperties: MOST_REQUIREMENTS })
          .optional(),
        matchExpressions: z
          .array(requirement)
          .describe('Requirements that the labels of the namespace meet, all of them.')
          .meta({ maxItems: MOST_REQUIREMENTS, ...atomicList })
          .optional(),
      })
      .describe('Namespaces by their labels. {} = every namespace.')
      .optional(),
  })
  .describe(
    'Namespaces that may draw on the role: those that names lists, and those that selector selects. Default: the one ' +
      'namespace that bears the name of the role. It is not inherited: a role says itself who may draw on it.',
  )
  .meta(
    rules({
      rule: 'has(self.names) || has(self.selector)',
      message:
        'namespaces says nobody: list names, or give a selector ({} selects every namespace), or remove namespaces',
    }),
  );

/** Spec of an OfferRole: an account that workloads draw on. Its name is the role's name. */
export const offerRoleSpec = z
  .object({
    parent: z
      .string()
      .max(63)
      .describe(
        'Name of the OfferRole that this one is a part of. It competes with the others of that parent for what ' +
          'the parent is due. Default: none, a top-level role.',
      )
      .meta(
        rules({
          rule: `self.matches('^${DNS_LABEL}$')`,
          message: 'parent is the name of an OfferRole, not a path: write arena, not studio/arena',
        }),
      )
      .optional(),
    weight: z
      .int()
      .min(1)
      .max(10_000)
      .default(1)
      .describe(
        'The dominant share of the role is divided by this: weight 2 is due twice what weight 1 is due.',
      ),
    namespaces: grantedNamespaces.optional(),
    maxPriority: z
      .int()
      .min(-1000)
      .max(1000)
      .describe(
        'Highest spec.priority of the workloads that draw on the role; a higher one counts as this. Default: the value ' +
          'of the PriorityClass that the template of a workload names.',
      )
      .optional(),
    guarantee: resourceAmounts(
      'What the role and those below it can have at any time, by resource name. As much is kept free for it.',
    ).optional(),
    limit: resourceAmounts(
      'Most that the role and those below it can hold, by resource name; 0 = nothing of it. A resource that is not ' +
        'named is unlimited.',
    ).optional(),
    reservations: z
      .array(reservation)
      .describe('What is kept for the role on certain nodes.')
      .meta({ maxItems: 16, ...atomicList })
      .optional(),
  })
  .describe('What the role is due.')
  .meta(
    rules(
      {
        rule: '!has(self.parent) || !has(self.guarantee)',
        message:
          'only a top-level role can have a guarantee: give it to the parent, or remove parent; a limit is fine here',
        fieldPath: '.guarantee',
      },
      {
        rule:
          '!has(self.guarantee) || !has(self.limit) || self.guarantee.all(k, !(k in self.limit) || ' +
          '!isQuantity(string(self.guarantee[k])) || !isQuantity(string(self.limit[k])) || ' +
          '!quantity(string(self.guarantee[k])).isGreaterThan(quantity(string(self.limit[k]))))',
        message: 'the limit of a resource is under its guarantee: raise the limit or lower the guarantee',
        fieldPath: '.limit',
      },
    ),
  );

const amounts = (what: string) =>
  z.record(z.string(), z.string().describe('Amount of the resource.')).describe(what).optional();

/** Status of an OfferRole, as the operator writes it. */
export const offerRoleStatus = z
  .object({
    observedGeneration: z.int().describe('Generation of the spec that this status speaks of.').optional(),
    path: z
      .string()
      .describe('The role with all above it, such as studio/arena. Workloads can name it so too.')
      .optional(),
    dominantShare: z
      .string()
      .describe('Largest part of any cluster resource that the role and those below it hold, in percent.')
      .optional(),
    dominantResource: z.string().describe('The resource that the dominant share is measured in.').optional(),
    weightedShare: z
      .string()
      .describe('The dominant share by the weight: of its siblings, the role with the least comes first.')
      .optional(),
    allocated: amounts('What the tasks of the role and of those below it hold, by resource.'),
    offered: amounts('The part of it that tasks hold which took an offer and have not started yet.'),
    reserved: amounts('What is reserved for the role, in use or not.'),
    unused: amounts('The part of it that no task uses.'),
    frameworks: z.int().describe('Workloads that draw on the role itself.').optional(),
    pending: z.int().describe('Tasks of the role and of those below it that wait for an offer.').optional(),
    message: z.string().describe('One sentence: is it well, and if not why.').optional(),
    conditions: z
      .array(condition)
      .describe('Valid, GuaranteeMet (with a guarantee), Satisfied.')
      .meta(mapList('type'))
      .optional(),
  })
  .describe('What the role holds, as the operator last saw it.');

/** An OfferRole as the API serves it, without its metadata. */
export const offerRole = z
  .object({ spec: offerRoleSpec, status: offerRoleStatus.optional() })
  .describe(
    'An account that workloads draw on. Roles compete for the cluster by weighted dominant share. A workload without a ' +
      'role draws on the role that bears the name of its namespace. A role without an OfferRole has weight 1 and lies ' +
      'below that of the namespace that names it.',
  )
  .meta(
    rules(
      {
        rule: `self.metadata.name.matches('^${DNS_LABEL}$')`,
        message:
          "metadata.name is the name of the role and must be a DNS label: lower-case letters, digits and '-', at most 63 characters",
      },
      {
        rule: '!has(self.spec) || !has(self.spec.parent) || self.spec.parent != self.metadata.name',
        message: 'a role cannot be its own parent: name another OfferRole, or remove parent',
        fieldPath: '.spec.parent',
      },
    ),
  );

/** Desired state of a role, with defaults filled in. */
export type OfferRoleSpec = z.infer<typeof offerRoleSpec>;
/** Observed state of a role. */
export type OfferRoleStatus = z.infer<typeof offerRoleStatus>;
