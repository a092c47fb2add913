import { z } from 'zod';
import { ConfigError } from './lib/errors.ts';

const seconds = (low: number, high: number) =>
  z.coerce
    .number<string>(`must be a number of seconds from ${low} to ${high}`)
    .min(low, `must be at least ${low} (seconds)`)
    .max(high, `must be at most ${high} (seconds)`)
    .transform((value) => Math.round(value * 1000));

const address = z.string().transform((text, context) => {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^[\]:\s]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65535) {
    context.addIssue('must be HOST:PORT with a port from 0 to 65535, such as 0.0.0.0:8080 or [::]:8080');
    return z.NEVER;
  }
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port };
});

const loopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

/** An address that only this machine, or this Pod, can reach. */
const ownAddress = address.refine(
  ({ host }) => loopback.test(host),
  'must be an address of this host alone (127.0.0.1:PORT, [::1]:PORT or localhost:PORT), since whoever reaches the ' +
    'debug pages reads what every tenant runs: read them from elsewhere through kubectl port-forward',
);

const portRange = z.string().transform((text, context) => {
  const [, first, last] = (/^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []).map(Number);
  if (first === undefined || last === undefined || first < 1 || last > 65535 || first > last) {
    context.addIssue('must be FIRST-LAST with 1 <= FIRST <= LAST <= 65535, such as 7000-8000');
    return z.NEVER;
  }
  return { first, last };
});

/** Levels of pino, the most talkative first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** The operator's settings as text, by the name of their flag; the schema reads and checks them. */
export const operatorFlags = z.object({
  kubeconfig: z.string().optional(),
  context: z.string().optional(),
  namespace: z.string().min(1, 'must not be empty'),
  identity: z.string().min(1, 'must name this replica: give it, or set POD_NAME, or pass --no-leader-elect'),
  'health-address': address,
  'http-address': address,
  'debug-address': ownAddress,
  'host-ports': portRange,
  'log-level': z.string().pipe(z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`)),
  'lease-duration': seconds(3, 3600).refine((ms) => ms % 1000 === 0, 'must be whole seconds'),
  'allocation-interval': seconds(0.05, 60),
  'leader-elect': z.boolean(),
  connections: z.coerce
    .number<string>('must be a number from 1 to 1000')
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(1000, 'must be at most 1000'),
});

/** Settings as they come from flags and the environment. */
export type OperatorFlags = z.input<typeof operatorFlags>;

/** What the operator runs with. */
export interface OperatorOptions {
  /** Path of a kubeconfig file; found as kubectl does when left out. */
  readonly kubeconfig?: string;
  /** Context in it. */
  readonly context?: string;
  /** Namespace of the Lease. */
  readonly namespace: string;
  /** Name of this replica, unique among all: the Pod's name, since the command line finds the leader by it. */
  readonly identity: string;
  /** Where /healthz and /readyz are served. Port 0 takes a free one, here and below. */
  readonly health: { readonly host: string; readonly port: number };
  /** Where /metrics is served. */
  readonly http: { readonly host: string; readonly port: number };
  /** Where the debug pages are served: a loopback address. */
  readonly debug: { readonly host: string; readonly port: number };
  /** Host ports that offers hand out. */
  readonly hostPorts: { readonly first: number; readonly last: number };
  /** Least level that is logged, in pino's words. */
  readonly logLevel: string;
  readonly leaseDurationMs: number;
  /** Longest time between two cycles while tasks wait. */
  readonly allocationIntervalMs: number;
  /** False: act at once, without a Lease. For one replica in development only. */
  readonly leaderElect: boolean;
  /** Most requests to the API server in flight. */
  readonly connections: number;
}

/** Reads and checks the settings. @throws ConfigError that names the flag, one sentence for each that is wrong. */
export function operatorOptions(flags: OperatorFlags): OperatorOptions {
  const read = operatorFlags.safeParse(flags);
  if (!read.success) {
    const sentences = read.error.issues.map(({ path, message }) => `--${path.join('.')} ${message}`);
    throw new ConfigError(sentences.join('; '));
  }
  const { kubeconfig, context, namespace, identity, connections } = read.data;
  return {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    namespace,
    identity,
    health: read.data['health-address'],
    http: read.data['http-address'],
    debug: read.data['debug-address'],
    hostPorts: read.data['host-ports'],
    logLevel: read.data['log-level'],
    leaseDurationMs: read.data['lease-duration'],
    allocationIntervalMs: read.data['allocation-interval'],
    leaderElect: read.data['leader-elect'],
    connections,
  };
}
