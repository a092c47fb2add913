import { z } from 'zod';
import { COUNTER_NAME, DNS_LABEL } from './schema/names.ts';

const objectName = (what: string) =>
  z
    .string()
    .max(63)
    .regex(
      new RegExp(`^${DNS_LABEL}$`),
      `must be the name of a ${what}: lower-case letters, digits and '-', at most 63`,
    );

const namespace = objectName('namespace').describe('Namespace of the pools.');

/** Names a session; it is a label of the server, so it can hold what a label can. */
export const sessionId = z
  .string()
  .max(63)
  .regex(
    /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/,
    "must be 1 to 63 letters, digits, '-', '_' or '.', and begin and end with a letter or digit: a UUID is fine",
  )
  .describe('Id of the session, unique in the namespace. The same id gets the same server while that lives.');

/** Begins the ids of sessions that claims have. */
export const CLAIM_SESSION = 'claim.';

const counterName = z
  .string()
  .regex(
    new RegExp(COUNTER_NAME),
    "must be the name of a counter, such as players: lower-case letters, digits and '-', at most 40",
  );

/** Name of a label or of an annotation. */
const qualifiedName = (what: string) =>
  z
    .string()
    .max(317)
    .regex(
      /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
      `must be the name of ${what}, such as example.com/map`,
    );

/** Annotations that steer Kubernetes, its controllers or Proffer are nobody's to set through this API. */
const annotationKey = qualifiedName('an annotation').refine(
  (key) => !/(^|\.)(kubernetes\.io|k8s\.io|proffer\.dev)\//.test(key),
  'must not be of kubernetes.io, k8s.io or proffer.dev: take a prefix of your own',
);

const amount = z.int().min(0).max(999_999_999);

const counterWish = z
  .strictObject({
    minCount: amount.optional().describe('At least so many are there.'),
    maxCount: amount.optional().describe('At most so many are there.'),
    minAvailable: amount.optional().describe('At least so many more fit: capacity minus count.'),
  })
  .describe('What a counter of the server must be. A server without the counter does not fit.');

const expression = z
  .strictObject({
    key: qualifiedName('a label').describe('Name of the label.'),
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
    values: z
      .array(z.string().max(63))
      .max(64)
      .exactOptional()
      .describe('Of In and NotIn: at least one. Exists and DoesNotExist take none.'),
  })
  .refine(({ operator, values = [] }) => values.length > 0 === (operator === 'In' || operator === 'NotIn'), {
    path: ['values'],
    message: 'must have at least one with In and NotIn, and none with Exists and DoesNotExist',
  })
  .describe(
    'What a label must be, in the words of Kubernetes. NotIn and DoesNotExist hold for a label that is absent.',
  );

const selector = z
  .strictObject({
    pool: objectName('pool').optional().describe('Servers of this pool; of any when left out.'),
    role: z.string().max(253).optional().describe('Servers of pools that draw on this role.'),
    state: z
      .enum(['Ready', 'Allocated'])
      .optional()
      .describe(
        'Ready: servers without a session. Allocated: those that have some and take more (spec.sessions of the pool). Both when ' +
          'left out.',
      ),
    labels: z
      .record(z.string().max(317), z.string().max(63))
      .optional()
      .describe('Labels that the Pod of the server must have.'),
    matchExpressions: z
      .array(expression)
      .max(16)
      .optional()
      .describe('What else must hold of those labels: all of it.'),
    counters: z.record(counterName, counterWish).optional().describe('Counters that it must have, by name.'),
  })
  .describe('Which servers fit.');

const seconds = (most: number) => z.int().min(1).max(most);
const DAY = 86_400;

const wish = z.strictObject({
  namespace,
  session: sessionId.refine(
    (id) => !id.startsWith(CLAIM_SESSION),
    `must not begin with ${CLAIM_SESSION}: such sessions are those of GameServerClaims`,
  ),
  selectors: z
    .array(selector)
    .min(1)
    .max(16)
    .default([{}])
    .describe('In order: a server that fits the second is taken only when none fits the first.'),
  order: z
    .strictObject({
      counter: counterName,
      by: z.enum(['Count', 'Available']).default('Available'),
      direction: z.enum(['Ascending', 'Descending']).default('Ascending'),
    })
    .optional()
    .describe('Takes the server with the least, or the most, of a counter, rather than by its node.'),
  annotations: z
    .record(annotationKey, z.string().max(4096))
    .default({})
    .refine((map) => Object.keys(map).length <= 32, 'must be at most 32')
    .describe('Written on the Pod of the server, and taken off when it is released.'),
  counters: z
    .record(counterName, z.strictObject({ add: z.int().min(-999_999).max(999_999) }))
    .default({})
    .describe('Changes of counters, clipped to 0 and to their capacity.'),
  sessionSeconds: seconds(30 * DAY)
    .optional()
    .describe('Longest time that the session may last; then its server is asked to go.'),
  waitSeconds: z.int().min(0).max(60).default(0).describe('How long to wait for a server when none is free.'),
  priority: z
    .int()
    .min(-1_000_000)
    .max(1_000_000)
    .default(0)
    .describe('Of those who wait the higher is served first; of equal ones who came first.'),
});

/** Body of POST /v1/allocate. */
export const allocateRequest = wish.extend({
  beginSeconds: seconds(DAY)
    .optional()
    .describe(
      'How long the server is kept for a session that does not begin: nobody says so, and no player joins.',
    ),
});

/** What becomes of a server when its session is over. */
export const afterSession = z.enum(['Ready', 'Drain']).default('Ready');

/** Spec of a GameServerClaim: what is asked for, but for how long it waits, and what comes after it. */
export const claimedWish = allocateRequest.omit({ namespace: true, session: true }).extend({
  waitSeconds: z.int().min(0).max(DAY).optional(),
  next: afterSession,
  ttlSecondsAfterFinished: z
    .int()
    .min(0)
    .max(30 * DAY)
    .optional(),
});

/** Body of POST /v1/reserve. */
export const reserveRequest = wish.extend({
  seconds: seconds(DAY).describe('How long the server is reserved. Allocate with the same session takes it.'),
});

/** Body of POST /v1/release. */
export const releaseRequest = z.strictObject({
  namespace,
  session: sessionId,
  next: afterSession.describe('Ready: the server takes the next session. Drain: the pool replaces it.'),
});

/** Body of POST /v1/begin. */
export const beginRequest = z.strictObject({ namespace, session: sessionId });

/** Query of GET /v1/sessions/{session}. */
export const sessionQuery = z.object({ namespace });

/** Path of GET /v1/sessions/{session}. */
export const sessionPath = z.object({ session: sessionId });

/** Path of PUT /v1/self/counters/{name}. */
export const counterPath = z.object({ name: counterName });

/** Body and answer of PUT /v1/self/counters/{name}. */
export const counterBody = z
  .strictObject({
    count: amount.describe('How much the server has, such as players.'),
    capacity: amount.optional().describe('How much it may have; nobody knows when left out.'),
  })
  .describe('A counter of the server that calls.');

/** A session and its server, as every call answers. */
export const sessionAnswer = z
  .object({
    namespace: z.string(),
    session: z.string(),
    state: z.enum(['Allocated', 'Reserved']),
    isNew: z.boolean().describe('False when the session had its server before this call.'),
    server: z.string().describe('Name of the Pod.'),
    pool: z.string(),
    node: z.string(),
    address: z
      .string()
      .describe('Where players connect to: the first external address of the node, else the first.'),
    addresses: z.array(z.object({ type: z.string(), address: z.string() })).describe('All of the node.'),
    ports: z
      .array(z.object({ name: z.string(), port: z.int(), protocol: z.string() }))
      .describe('Host ports, at the address.'),
    services: z
      .array(z.object({ name: z.string(), address: z.string(), port: z.int(), protocol: z.string() }))
      .describe('Where the Service of the server is reached, when its pool gives each server one.'),
    counters: z.record(z.string(), z.object({ count: z.int(), capacity: z.int().optional() })),
    clipped: z.array(z.string()).describe('Counters of which not the whole change fitted.'),
    annotations: z.record(z.string(), z.string()).describe('What this session wrote on the Pod.'),
    heldSince: z.string().optional(),
    heldUntil: z.string().optional(),
    sessionUntil: z.string().optional(),
  })
  .describe('A session and its server.');

/** Answer of POST /v1/release. */
export const releaseAnswer = z.object({
  released: z.boolean().describe('False when there was no such session.'),
});

/** What any call answers that is not served: RFC 9457. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().describe('One of docs/reference/errors.md.'),
    field: z.string().optional().describe('The field of the request that is wrong.'),
  })
  .describe('Why a call is not served.');

/** Which servers fit. */
export type ServerSelector = z.infer<typeof selector>;
/** What somebody asks for, with defaults filled in; a reservation and an allocation have this in common. */
export type ServerWish = z.infer<typeof wish>;
export type AllocateRequest = z.infer<typeof allocateRequest>;
/** Spec of a GameServerClaim, with defaults filled in. */
export type ClaimedWish = z.infer<typeof claimedWish>;
export type ReserveRequest = z.infer<typeof reserveRequest>;
export type ReleaseRequest = z.infer<typeof releaseRequest>;
export type BeginRequest = z.infer<typeof beginRequest>;
export type CounterBody = z.infer<typeof counterBody>;
export type SessionAnswer = z.infer<typeof sessionAnswer>;
export type ReleaseAnswer = z.infer<typeof releaseAnswer>;
export type Problem = z.infer<typeof problem>;
