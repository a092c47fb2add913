import { z } from 'zod';
import { condition } from './conditions.ts';
import { COUNTER_NAME, DNS_LABEL } from './schema/names.ts';
import { atomicList, mapList, rules } from './schema/rules.ts';

const COUNTER_MESSAGE =
  "is the name of a counter, such as players: lower-case letters, digits and '-', at most 40";
/** Most entries of a map, and most of a selector's. */
const MOST_ENTRIES = 32;
const MOST_WANTED = 16;
const DAY = 86_400;

const amount = (what: string) => z.int().min(0).max(999_999_999).describe(what).optional();

const counterKeys = rules({
  rule: `self.all(k, k.matches('${COUNTER_NAME}'))`,
  message: `each key ${COUNTER_MESSAGE}`,
});

const expression = z
  .object({
    key: z.string().min(1).max(317).describe('Name of the label.'),
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('How the values are compared.'),
    values: z
      .array(z.string().max(63).describe('A value of the label.'))
      .describe('Of In and NotIn: at least one. Exists and DoesNotExist take none.')
      .meta({ maxItems: MOST_WANTED, ...atomicList })
      .optional(),
  })
  .describe('What a label must be. NotIn and DoesNotExist hold for a label that is absent.')
  .meta(
    rules({
      rule: "(has(self.values) && size(self.values) > 0) == (self.operator in ['In', 'NotIn'])",
      message: 'In and NotIn of a claim need values, Exists and DoesNotExist have none',
      fieldPath: '.values',
    }),
  );

const selector = z
  .object({
    pool: z
      .string()
      .max(63)
      .describe('Servers of this pool; of any of the namespace when left out.')
      .meta(
        rules({ rule: `self.matches('^${DNS_LABEL}$')`, message: 'pool is the name of a GameServerPool' }),
      )
      .optional(),
    role: z.string().max(253).describe('Servers of pools that draw on this role.').optional(),
    state: z
      .enum(['Ready', 'Allocated'])
      .describe(
        'Ready: servers without a session. Allocated: those that have some and take more. Both when left out.',
      )
      .optional(),
    labels: z
      .record(z.string(), z.string().max(63).describe('Value of the label.'))
      .describe('Labels that the Pod of the server must have.')
      .meta({ maxProperties: MOST_WANTED })
      .optional(),
    matchExpressions: z
      .array(expression)
      .describe('What else must hold of those labels: all of it.')
      .meta({ maxItems: MOST_WANTED, ...atomicList })
      .optional(),
    counters: z
      .record(
        z.string(),
        z
          .object({
            minCount: amount('At least so many are there.'),
            maxCount: amount('At most so many are there.'),
            minAvailable: amount('At least so many more fit: capacity minus count.'),
          })
          .describe('What the counter must be.'),
      )
      .describe('Counters that the server must have, by name.')
      .meta({ maxProperties: MOST_WANTED, ...counterKeys })
      .optional(),
  })
  .describe('Which servers fit.');

/** Spec of a GameServerClaim, for its definition; what is read goes through `claimedWish` of the allocation API. */
export const gameServerClaimSpec = z
  .object({
    selectors: z
      .array(selector)
      .describe(
        'In order: a server that fits the second is taken only when none fits the first. Default: any server of the namespace.',
      )
      .meta({ minItems: 1, maxItems: 16, ...atomicList })
      .optional(),
    order: z
      .object({
        counter: z
          .string()
          .max(40)
          .describe('Name of the counter.')
          .meta(rules({ rule: `self.matches('${COUNTER_NAME}')`, message: `counter ${COUNTER_MESSAGE}` })),
        by: z.enum(['Count', 'Available']).default('Available').describe('What is compared of the counter.'),
        direction: z
          .enum(['Ascending', 'Descending'])
          .default('Ascending')
          .describe('Ascending takes the server with the least.'),
      })
      .describe('Takes the server with the least, or the most, of a counter, rather than by its node.')
      .optional(),
    annotations: z
      .record(z.string(), z.string().max(4096).describe('Value of the annotation.'))
      .describe('Written on the Pod of the server, and taken off when it is released.')
      .meta({
        maxProperties: MOST_ENTRIES,
        ...rules({
          rule:
            'self.all(k, !format.qualifiedName().validate(k).hasValue() && ' +
            "!k.matches('(^|[.])(kubernetes[.]io|k8s[.]io|proffer[.]dev)/'))",
          message:
            'each key is the name of an annotation such as example.com/map, and not of kubernetes.io, k8s.io or proffer.dev',
        }),
      })
      .optional(),
    counters: z
      .record(
        z.string(),
        z
          .object({
            add: z.int().min(-999_999).max(999_999).describe('By how much; negative takes away.'),
          })
          .describe('A change of the counter.'),
      )
      .describe('Changes of counters of the server, clipped to 0 and to their capacity.')
      .meta({ maxProperties: MOST_WANTED, ...counterKeys })
      .optional(),
    beginSeconds: z
      .int()
      .min(1)
      .max(DAY)
      .describe('How long the server is kept when no player joins; then it is released.')
      .optional(),
    sessionSeconds: z
      .int()
      .min(1)
      .max(30 * DAY)
      .describe('Longest time that the session may last; then its server is asked to go.')
      .optional(),
    waitSeconds: z
      .int()
      .min(0)
      .max(DAY)
      .describe(
        'How long the claim waits for a server, counted from its creation; 0 = it takes one now or fails. Default: as long ' +
          'as the claim exists.',
      )
      .optional(),
    priority: z
      .int()
      .min(-1_000_000)
      .max(1_000_000)
      .default(0)
      .describe(
        'Of all who wait for a server the higher is served first, callers of the API among them; of equal ones who came first.',
      ),
    next: z
      .enum(['Ready', 'Drain'])
      .default('Ready')
      .describe(
        'What becomes of the server when the claim is deleted. Ready: it takes the next session. Drain: the pool replaces it.',
      ),
    ttlSecondsAfterFinished: z
      .int()
      .min(0)
      .max(30 * DAY)
      .describe('The claim is deleted so long after it was Lost or has Failed. Default: never.')
      .optional(),
  })
  .describe('Which server is wanted, and for how long.')
  .meta(
    rules({
      rule: 'self == oldSelf',
      message: 'a claim says once what it wants: delete it and create another one',
    }),
  );

const protocol = z.string().describe('UDP, TCP or SCTP.');

/** Status of a GameServerClaim, as the operator writes it. */
export const gameServerClaimStatus = z
  .object({
    state: z
      .enum(['Pending', 'Bound', 'Lost', 'Failed'])
      .describe(
        'Pending: it waits. Bound: it has its server. Lost: it had one. Failed: it gets none. The last two are for good.',
      )
      .optional(),
    message: z.string().describe('One sentence: is it well, and if not why.').optional(),
    session: z.string().describe('Id of the session, as the label of the server has it.').optional(),
    server: z.string().describe('Name of the Pod.').optional(),
    uid: z.string().describe('UID of the Pod: another server can have its name later.').optional(),
    pool: z.string().describe('Pool of the server.').optional(),
    node: z.string().describe('Node of the server.').optional(),
    address: z
      .string()
      .describe('Where players connect to: the first external address of the node, else the first.')
      .optional(),
    addresses: z
      .array(
        z
          .object({
            type: z.string().describe('ExternalIP, InternalIP and the like.'),
            address: z.string().describe('The address.'),
          })
          .describe('An address of the node.'),
      )
      .describe('All addresses of the node.')
      .meta(atomicList)
      .optional(),
    ports: z
      .array(
        z
          .object({
            name: z.string().describe('Name of the port in the pool.'),
            port: z.int().describe('Host port.'),
            protocol,
          })
          .describe('A host port of the server.'),
      )
      .describe('Host ports, at the address.')
      .meta(atomicList)
      .optional(),
    services: z
      .array(
        z
          .object({
            name: z.string().describe('Name of the port in the pool.'),
            address: z.string().describe('Where the Service is reached.'),
            port: z.int().describe('Its port.'),
            protocol,
          })
          .describe('A port of the Service of the server.'),
      )
      .describe('Where the Service of the server is reached, when its pool gives each server one.')
      .meta(atomicList)
      .optional(),
    boundAt: z
      .string()
      .describe('Since when the claim has its server.')
      .meta({ format: 'date-time' })
      .optional(),
    finishedAt: z
      .string()
      .describe('Since when the claim is Lost or has Failed.')
      .meta({ format: 'date-time' })
      .optional(),
    conditions: z.array(condition).describe('Bound.').meta(mapList('type')).optional(),
  })
  .describe('The server of the claim, as the operator last saw it.');

/** A GameServerClaim as the API serves it, without its metadata. */
export const gameServerClaim = z
  .object({ spec: gameServerClaimSpec, status: gameServerClaimStatus.optional() })
  .describe(
    'Asks for a game server, and holds it while it exists: what POST /v1/allocate does, for people and pipelines with kubectl alone. ' +
      'Delete it, and the server is released.',
  );

/** Observed state of a claim. */
export type GameServerClaimStatus = z.infer<typeof gameServerClaimStatus>;
