import { z } from 'zod';
import { container } from './container.ts';
import { COUNTER_PREFIX, GROUP } from './group.ts';
import { claimTemplate } from './schema/claim-template.ts';
import { ROLE_PATH } from './schema/names.ts';
import { atomicList, mapList, rules } from './schema/rules.ts';

/** A PodSpec field that can never work in a template, declared so that the API server can say why. */
const refusedText = (max: number, describe: string, message: string) =>
  z
    .string()
    .max(max)
    .describe(describe)
    .meta(rules({ rule: "self == ''", message, reason: 'FieldValueForbidden' }))
    .optional();

const refusedList = (describe: string, message: string) =>
  z
    .array(z.looseObject({}).describe('One item.'))
    .max(64)
    .describe(describe)
    .meta({ ...atomicList, ...rules({ rule: 'size(self) == 0', message, reason: 'FieldValueForbidden' }) })
    .optional();

const volume = z
  .looseObject({
    name: z.string().min(1).max(63).describe('Name of the volume, a DNS label; containers mount it by this.'),
    ephemeral: z
      .object({ volumeClaimTemplate: claimTemplate })
      .describe('A volume that is made for each task, before the task, and goes with it.')
      .optional(),
  })
  .describe('A volume of Kubernetes.');

const podSpec = z
  .looseObject({
    containers: z
      .array(container)
      .min(1)
      .max(32)
      .describe('Containers of the task. The first one is the main one.')
      .meta(mapList('name')),
    initContainers: z
      .array(container)
      .max(32)
      .describe('Init containers, and sidecars (restartPolicy Always). Fields as in containers.')
      .meta(mapList('name'))
      .optional(),
    volumes: z
      .array(volume)
      .max(64)
      .describe('Volumes that containers can mount.')
      .meta(mapList('name'))
      .optional(),
    hostNetwork: z
      .boolean()
      .describe('Use the network of the node. Ports of a pool are Passthrough then, or Static.')
      .optional(),
    restartPolicy: z
      .string()
      .max(16)
      .describe('Never, or left out. Proffer recreates tasks itself.')
      .meta(
        rules({
          rule: "self == 'Never'",
          message:
            'restartPolicy must be Never or left out: Proffer recreates a failed task itself, with back-off and on a ' +
            'healthy node; tune that with recovery',
        }),
      )
      .optional(),
    priorityClassName: z
      .string()
      .max(253)
      .describe(
        'PriorityClass of the Pods. Its value is the priority of the workload when the priority of that is 0; with ' +
          'preemptionPolicy Never nothing is evicted for it.',
      )
      .optional(),
    runtimeClassName: z
      .string()
      .max(253)
      .describe(
        'RuntimeClass of the Pods. What it adds to each of them (overhead, nodes, tolerations) counts.',
      )
      .optional(),
    nodeName: refusedText(
      253,
      'Not allowed: an accepted offer chooses the node.',
      'remove nodeName: an accepted offer chooses the node; to name nodes use nodeSelector or affinity',
    ),
    schedulerName: refusedText(
      253,
      'Not allowed: Proffer places the task.',
      'remove schedulerName: Proffer places every task of this object itself',
    ),
    schedulingGates: refusedList(
      'Not allowed: a task is created when it is placed.',
      'remove schedulingGates: a task is created already bound to its node; to hold tasks back lower replicas',
    ),
    ephemeralContainers: refusedList(
      'Not allowed in a template.',
      'remove ephemeralContainers: Kubernetes takes them for running Pods only (kubectl debug)',
    ),
  })
  .describe(
    'A Kubernetes PodSpec. Placement rules that Proffer does not know yet are reported in the condition ' +
      'Supported with the name of the field; they are never ignored.',
  )
  .meta(
    rules({
      rule: '!has(self.initContainers) || self.initContainers.all(i, !self.containers.exists(c, c.name == i.name))',
      message:
        'a name is used by a container and by an init container: give every container of the Pod its own name',
      fieldPath: '.initContainers',
    }),
  );

const reservedLabels = {
  rule: `self.all(k, !k.startsWith('${GROUP}/'))`,
  message: `labels under ${GROUP}/ are written by Proffer: choose another prefix`,
};
/** Counters a template may have: what a server begins with. */
const reservedAnnotations = {
  rule: `self.all(k, !k.startsWith('${GROUP}/') || k.startsWith('${COUNTER_PREFIX}'))`,
  message: `annotations under ${GROUP}/ are written by Proffer, but for ${COUNTER_PREFIX}NAME: choose another prefix`,
};

/** A Pod template: labels and annotations for the task, and its PodSpec. */
export const podTemplate = z
  .object({
    metadata: z
      .object({
        labels: z
          .record(z.string(), z.string().max(63).describe('Value of the label.'))
          .describe('Labels copied to each Pod.')
          .meta({
            maxProperties: 64,
            ...rules(
              {
                rule:
                  'self.all(k, !format.qualifiedName().validate(k).hasValue() && ' +
                  '!format.labelValue().validate(self[k]).hasValue())',
                message:
                  "labels must follow Kubernetes' syntax: letters, digits, '-', '_' and '.', at most 63 characters",
              },
              reservedLabels,
            ),
          })
          .optional(),
        annotations: z
          .record(z.string(), z.string().max(32_768).describe('Value of the annotation.'))
          .describe('Annotations copied to each Pod: at most 32,768 characters, keys and values together.')
          .meta({
            maxProperties: 64,
            ...rules(reservedAnnotations, {
              rule: 'self.map(k, size(k) + size(self[k])).sum() <= 32768',
              message:
                'annotations may have at most 32768 characters, keys and values together, since every Pod has a copy: ' +
                'put longer texts into a ConfigMap that the containers mount',
            }),
          })
          .optional(),
      })
      .describe('Labels and annotations for each Pod.')
      .optional(),
    spec: podSpec,
  })
  .describe('What to run: the Pod that an accepted offer becomes.');

/** The template as the controllers read it; the PodSpec keeps every field that the user wrote. */
export type PodTemplate = z.infer<typeof podTemplate>;

const ROLE = new RegExp(ROLE_PATH);

/** Role that a workload draws on: path components of lower-case DNS labels. */
export const roleName = z
  .string()
  .min(1)
  .max(253)
  // Of objects that no API server has looked at: a role '.' is no account.
  .refine((text) => ROLE.test(text), { error: 'must be lower-case names separated by single slashes' })
  .describe(
    'Role (account) that the workload draws on: lower-case names separated by /, such as studio or studio/arena. Its ' +
      'OfferRole must let the namespace draw on it; a role without an OfferRole lies below that of the namespace. ' +
      'Default: the name of its namespace.',
  )
  .meta(
    rules({
      rule: `self.matches('${ROLE_PATH}')`,
      message:
        "a role must be lower-case names separated by single slashes, such as 'studio' or 'studio/arena': " +
        "letters, digits and '-', at most 63 in each name, at most 16 names, no leading or trailing slash, no '.', '..' or '*'",
    }),
  );

/** Notice before an eviction for others. */
export const noticeSeconds = z
  .int()
  .min(0)
  .max(3600)
  .default(0)
  .describe(
    'How long before it is evicted for others a task is told: the annotation proffer.dev/inverse-offer of its Pod says ' +
      'when. Its terminationGracePeriodSeconds come after that. 0 = it is evicted at once.',
  );

/** Order among the workloads of one role; higher goes first. */
export const priority = z
  .int()
  .min(-1000)
  .max(1000)
  .default(0)
  .describe(
    'Order among the workloads of one role: a higher number comes first. Roles compete by share alone. When it is ' +
      '0 the value of the PriorityClass that the template names counts; of the templates of a job the lowest. It counts ' +
      'as at most maxPriority of the OfferRole; without that, as at most the value of the PriorityClass.',
  );
