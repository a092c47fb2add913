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

interface PortRange {
  readonly first: number;
  readonly last: number;
}

function portRangeIn(text: string): PortRange | undefined {
  const [, first, last] = (/^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []).map(Number);
  if (first === undefined || last === undefined || first < 1 || last > 65535 || first > last)
    return undefined;
  return { first, last };
}

const portRange = z.string().transform((text, context) => {
  const range = portRangeIn(text);
  if (range) return range;
  context.addIssue('must be FIRST-LAST with 1 <= FIRST <= LAST <= 65535, such as 7000-8000');
  return z.NEVER;
});

/** Ranges beside the one of --host-ports, which has the name default. */
const portRanges = z.string().transform((text, context) => {
  const ranges = new Map<string, PortRange>();
  for (const part of text.split(',').filter((each) => each !== '')) {
    const [, name = '', numbers = ''] = /^([a-z0-9][-a-z0-9]{0,62})=(.*)$/.exec(part) ?? [];
    const range = portRangeIn(numbers);
    if (!range || name === 'default' || ranges.has(name)) {
      context.addIssue(
        'must be NAME=FIRST-LAST, several with commas between them, such as query=27000-27099,rcon=28000-28099: each name ' +
          'once, in lower-case letters, digits and -, none of them default, which is the range of --host-ports',
      );
      return z.NEVER;
    }
    ranges.set(name, range);
  }
  return Object.fromEntries(ranges);
});

const originList = z
  .string()
  .default('')
  .transform((text, context) => {
    const origins = text.split(',').filter((origin) => origin !== '');
    const wrong = origins.find((origin) => !/^https?:/.test(origin) || URL.parse(origin)?.origin !== origin);
    if (wrong === undefined) return origins;
    context.addIssue(
      `must be addresses such as https://scaler.example.com with commas between them, not "${wrong}"`,
    );
    return z.NEVER;
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
  'allocation-address': address.optional(),
  'allocation-tls': z.string().min(1, 'must name a folder').optional(),
  'allocation-client-ca': z.string().min(1, 'must name a folder').optional(),
  'allocation-advertise': z.string().min(1, 'must name an address of this replica').optional(),
  'allocation-rate': z.coerce
    .number<string>('must be a number from 1 to 100000')
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(100_000, 'must be at most 100000')
    .default(1000),
  'host-ports': portRange,
  'port-ranges': portRanges,
  'log-level': z.string().pipe(z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`)),
  'lease-duration': seconds(3, 3600).refine((ms) => ms % 1000 === 0, 'must be whole seconds'),
  'allocation-interval': seconds(0.05, 60),
  'webhook-origins': originList,
  'leader-elect': z.boolean(),
  'stand-ins': z.coerce
    .number<string>('must be a number from 0 to 1000')
    .int('must be a whole number')
    .min(0, 'must be at least 0, which makes none')
    .max(1000, 'must be at most 1000'),
  connections: z.coerce
    .number<string>('must be a number from 1 to 1000')
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(1000, 'must be at most 1000'),
});

/** Settings as they come from flags and the environment. */
export type OperatorFlags = z.input<typeof operatorFlags>;

/** Where and how servers are given to sessions. */
export interface AllocationSettings {
  readonly address: { readonly host: string; readonly port: number };
  /** Folder with tls.crt and tls.key; left out on a loopback address alone. */
  readonly tls?: string;
  /** Folder with ca.crt, which signs the certificates of callers; left out where they send tokens alone. */
  readonly clientCa?: string;
  /** Host by which the other replicas reach this one. */
  readonly advertise: string;
  /** The most calls of one caller a second. */
  readonly callsPerSecond: number;
}

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
  /** How servers are given to sessions; left out when nobody is served. */
  readonly allocation?: AllocationSettings;
  /** Host ports that offers hand out to ports that name no range. */
  readonly hostPorts: PortRange;
  /** Those that they hand out to ports that name one, by its name. */
  readonly portRanges: Readonly<Record<string, PortRange>>;
  /** Least level that is logged, in pino's words. */
  readonly logLevel: string;
  readonly leaseDurationMs: number;
  /** Longest time between two cycles while tasks wait. */
  readonly allocationIntervalMs: number;
  /** Addresses that pools may have called, beside Services of their own namespaces. */
  readonly webhookOrigins: readonly string[];
  /** False: act at once, without a Lease. For one replica in development only. */
  readonly leaderElect: boolean;
  /** Most Pods without a node that stand for the waiting tasks of one class, for node autoscalers to see; 0 = none. */
  readonly standIns: number;
  /** Most requests to the API server in flight. */
  readonly connections: number;
}

/** @throws ConfigError when tokens would go over the network in the clear */
function allocationOptions(data: z.output<typeof operatorFlags>): Pick<OperatorOptions, 'allocation'> {
  const { 'allocation-address': listen, 'allocation-tls': tls, 'allocation-client-ca': clientCa } = data;
  if (listen === undefined) return {};
  if (tls === undefined && !loopback.test(listen.host))
    throw new ConfigError(
      '--allocation-tls must name a folder with tls.crt and tls.key, since callers send tokens; only on a loopback ' +
        '--allocation-address it may be left out',
    );
  if (tls === undefined && clientCa !== undefined)
    throw new ConfigError(
      '--allocation-client-ca needs --allocation-tls: nobody shows a certificate in the clear',
    );
  return {
    allocation: {
      address: listen,
      ...(tls === undefined ? {} : { tls }),
      ...(clientCa === undefined ? {} : { clientCa }),
      advertise: data['allocation-advertise'] ?? listen.host,
      callsPerSecond: data['allocation-rate'],
    },
  };
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
    ...allocationOptions(read.data),
    hostPorts: read.data['host-ports'],
    portRanges: read.data['port-ranges'],
    logLevel: read.data['log-level'],
    leaseDurationMs: read.data['lease-duration'],
    allocationIntervalMs: read.data['allocation-interval'],
    webhookOrigins: read.data['webhook-origins'],
    leaderElect: read.data['leader-elect'],
    standIns: read.data['stand-ins'],
    connections,
  };
}
