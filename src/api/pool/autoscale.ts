import { z } from 'zod';
import { COUNTER_NAME } from '../schema/names.ts';
import { mapList, rules, type Rule } from '../schema/rules.ts';

/** Most servers that a pool can have. */
export const MOST_SERVERS = 100_000;

/** One of some fields, and no other one of them. */
const exactlyOne = (...fields: readonly string[]): Rule => ({
  rule: `[${fields.map((field) => `has(self.${field})`).join(', ')}].filter(x, x).size() == 1`,
  message: `say one of ${fields.join(', ')}: write one that is missing, or remove all but one`,
});

const percentOf = (what: string) =>
  z.int().min(1).max(99).describe(`The same as a part of ${what}, in percent; at least one.`).optional();

const buffer = z
  .object({
    servers: z
      .int()
      .min(1)
      .max(MOST_SERVERS)
      .describe('How many servers are to be free: neither Allocated nor Reserved.')
      .optional(),
    percent: percentOf('all servers, held ones included'),
  })
  .describe('Keeps servers free for players to come. Of two numbers the greater one counts.')
  .meta(
    rules({
      rule: 'has(self.servers) || has(self.percent)',
      message: 'say how many servers are to be free: servers, percent, or both',
    }),
  );

const counter = z
  .object({
    name: z
      .string()
      .min(1)
      .max(40)
      .describe('Which counter: NAME of the annotation proffer.dev/counter.NAME, such as players.')
      .meta(
        rules({
          rule: `self.matches('${COUNTER_NAME}')`,
          message:
            "name must be the name of a counter, such as players: lower-case letters, digits and '-', at most 40",
        }),
      ),
    free: z
      .int()
      .min(1)
      .max(1_000_000_000)
      .describe('How much is to be free, over all servers: of players, how many more can join.')
      .optional(),
    percent: percentOf('the capacity of all servers'),
  })
  .describe(
    'Keeps capacity of a counter free, such as places for players. Of two numbers the greater one counts. A server that has not ' +
      "said its capacity is taken for one of the template's, or for one like the smallest of the others.",
  )
  .meta(
    rules({
      rule: 'has(self.free) || has(self.percent)',
      message: 'say how much is to be free: free, percent, or both',
    }),
  );

const webhook = z
  .object({
    service: z
      .object({
        name: z
          .string()
          .min(1)
          .max(63)
          .describe('Name of the Service. It has an address of its own (clusterIP).'),
        port: z.int().min(1).max(65535).default(8000).describe('Port of the Service.'),
        path: z
          .string()
          .max(256)
          .default('/')
          .describe('Path of the requests.')
          .meta(
            rules({ rule: "self.startsWith('/')", message: "a path must begin with '/', such as /scale" }),
          ),
      })
      .describe("A Service in the pool's own namespace.")
      .optional(),
    url: z
      .string()
      .max(512)
      .describe(
        'An address anywhere else. The operator calls those alone whose beginning it was allowed (chart value ' +
          'config.webhookOrigins).',
      )
      .meta(
        rules({
          rule: "self.matches('^https?://[^/?#@]+(/[^#]*)?$')",
          message: 'url must be an address without a user, such as https://scaler.example.com/arena',
        }),
      )
      .optional(),
    caBundle: z
      .string()
      .max(65_536)
      .describe(
        'Certificates in PEM, as base64, that the answering certificate is checked by. With it a Service is called by https, ' +
          'and without it by http.',
      )
      .meta({ format: 'byte' })
      .optional(),
    timeoutSeconds: z.int().min(1).max(30).default(5).describe('Longest wait for an answer, seconds.'),
    intervalSeconds: z.int().min(1).max(3600).default(30).describe('Time between two requests, seconds.'),
    giveUpSeconds: z
      .int()
      .min(0)
      .max(86_400)
      .default(300)
      .describe(
        'How long the last answer stays in force while requests fail, seconds. After that the next policy of the chain applies; ' +
          'where there is none, the pool stays as it is.',
      ),
  })
  .describe(
    'Asks a web server how many servers there are to be, in the words of an Agones FleetAutoscaleReview.',
  )
  .meta(rules(exactlyOne('service', 'url')));

/** What says how many servers there are to be. */
const simple = { buffer: buffer.optional(), counter: counter.optional(), webhook: webhook.optional() };

const bounds = {
  minReplicas: z.int().min(0).max(MOST_SERVERS).describe('Fewest servers while this applies.').optional(),
  maxReplicas: z.int().min(0).max(MOST_SERVERS).describe('Most servers while this applies.').optional(),
};

const boundsInOrder: Rule = {
  rule: '!has(self.minReplicas) || !has(self.maxReplicas) || self.minReplicas <= self.maxReplicas',
  message: 'minReplicas exceeds maxReplicas: lower the one or raise the other',
  fieldPath: '.minReplicas',
};

const instant = (what: string) => z.string().max(40).describe(what).meta({ format: 'date-time' }).optional();

const schedule = z
  .object({
    timeZone: z
      .string()
      .max(64)
      .default('UTC')
      .describe('Time zone of startCron: a name such as Europe/Berlin.')
      .meta(
        rules({
          rule: "self.matches('^[A-Za-z][A-Za-z0-9_+/-]*$')",
          message: 'timeZone must be a name such as Europe/Berlin or UTC',
        }),
      ),
    startCron: z
      .string()
      .max(100)
      .describe(
        'When it comes into effect: minute, hour, day of the month, month, day of the week, as cron has them.',
      )
      .meta(
        rules({
          rule: "self.matches('^[0-9A-Za-z*,/#L-]+( [0-9A-Za-z*,/#L-]+){4}$')",
          message: 'startCron must have five parts with one space between them, such as 0 18 * * 5',
        }),
      )
      .optional(),
    durationSeconds: z
      .int()
      .min(60)
      .max(31_536_000)
      .describe('How long it stays in effect from each start, seconds.')
      .optional(),
    from: instant('Not before this time.'),
    until: instant('Not from this time on.'),
    ...simple,
    ...bounds,
  })
  .describe('A policy that is in effect at certain times.')
  .meta(
    rules(
      exactlyOne(...Object.keys(simple)),
      boundsInOrder,
      {
        rule: 'has(self.startCron) == has(self.durationSeconds)',
        message:
          'startCron and durationSeconds belong together: write both, or none for all of the time from .. until',
      },
      {
        rule: 'has(self.startCron) || has(self.from) || has(self.until)',
        message: 'say when it is in effect: startCron with durationSeconds, from, or until',
      },
    ),
  );

const policies = { ...simple, schedule: schedule.optional() };

const link = z
  .object({
    name: z
      .string()
      .min(1)
      .max(40)
      .describe('Name of the policy; status.autoscale.activePolicy has it while the policy applies.'),
    ...policies,
    ...bounds,
  })
  .describe('One policy of the chain.')
  .meta(rules(exactlyOne(...Object.keys(policies)), boundsInOrder));

/** `spec.autoscale` of a pool. */
export const poolAutoscale = z
  .object({
    minReplicas: z
      .int()
      .min(0)
      .max(MOST_SERVERS)
      .default(0)
      .describe('Fewest servers, whatever a policy says.'),
    maxReplicas: z.int().min(0).max(MOST_SERVERS).describe('Most servers, whatever a policy says.'),
    stabilizationSeconds: z
      .int()
      .min(0)
      .max(3600)
      .default(60)
      .describe(
        'The pool shrinks to the highest number of servers that was wanted within this time, seconds, so that sessions that end ' +
          'and begin make and end no servers. It grows at once.',
      ),
    ...policies,
    chain: z
      .array(link)
      .min(1)
      .max(8)
      .describe(
        'Policies of which the first one that applies counts: a schedule in effect, a webhook that answers, any other.',
      )
      .meta(mapList('name'))
      .optional(),
  })
  .describe(
    'Proffer itself sets spec.replicas. Leave replicas out of what you apply then, and let no HorizontalPodAutoscaler scale the pool.',
  )
  .meta(rules(exactlyOne(...Object.keys(policies), 'chain'), boundsInOrder));

/** `status.autoscale` of a pool. */
export const poolAutoscaleStatus = z
  .object({
    desired: z.int().describe('Servers that the autoscaler wants.'),
    activePolicy: z
      .string()
      .describe('The policy that says so: its kind, or its name in the chain.')
      .optional(),
    reason: z.string().describe('One sentence: why so many.'),
    lastScaleTime: z
      .string()
      .describe('When spec.replicas was last set.')
      .meta({ format: 'date-time' })
      .optional(),
  })
  .describe('What the autoscaler wants, of pools that have one.');

/** `spec.autoscale`, with defaults filled in. */
export type PoolAutoscale = z.infer<typeof poolAutoscale>;
/** What one policy says, wherever it stands. */
export type ScalePolicy = Omit<z.infer<typeof link>, 'name'>;
/** `buffer`. */
export type BufferPolicy = z.infer<typeof buffer>;
/** `counter`. */
export type CounterPolicy = z.infer<typeof counter>;
/** `webhook`. */
export type WebhookPolicy = z.infer<typeof webhook>;
/** `schedule`. */
export type SchedulePolicy = z.infer<typeof schedule>;
/** `status.autoscale`. */
export type PoolAutoscaleStatus = z.infer<typeof poolAutoscaleStatus>;
