import { Option, type Command } from 'commander';
import { hostname } from 'node:os';
import { ConfigError } from '../lib/errors.ts';
import { LOG_LEVELS, operatorOptions, type OperatorFlags, type OperatorOptions } from '../options.ts';
import { addCommand } from './add-command.ts';
import { clusterFlags, DEFAULT_NAMESPACE } from './flags.ts';
import type { Io } from './io.ts';
import { stopOnSignals } from './signals.ts';
import { UsageError } from './usage-error.ts';

/** Reads the flags, by their names in camel case. @throws UsageError that names each flag that is wrong */
export function readOperatorFlags(given: Readonly<Record<string, unknown>>): OperatorOptions {
  const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const flags = Object.fromEntries(Object.entries(given).map(([name, value]) => [dashed(name), value]));
  try {
    return operatorOptions(flags as OperatorFlags);
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(error.message) : error;
  }
}

/** The flags; variables of the environment stand in for two, and an empty one is one that nobody set. */
const operatorFlags = (env: Io['env']): readonly Option[] => [
  new Option(
    '-n, --namespace <namespace>',
    'Namespace of the Lease by which replicas elect a leader',
  ).default(env['POD_NAMESPACE'] || DEFAULT_NAMESPACE, `$POD_NAMESPACE, else ${DEFAULT_NAMESPACE}`),
  new Option(
    '--identity <name>',
    'Name of this replica, unique among them: that of its Pod, by which the other commands find the leader',
  ).default(env['POD_NAME'] || hostname(), '$POD_NAME, else the name of the host'),
  new Option(
    '--health-address <host:port>',
    'Where /healthz and /readyz are served; port 0 takes a free one',
  ).default('0.0.0.0:8081'),
  new Option('--http-address <host:port>', 'Where /metrics is served').default('0.0.0.0:8080'),
  new Option(
    '--debug-address <host:port>',
    'Where the pages behind matrix, offers and roles are served: an address of this host alone',
  ).default('127.0.0.1:8082'),
  new Option(
    '--allocation-address <host:port>',
    'Where the API that gives servers to sessions is served; without it none is',
  ),
  new Option(
    '--allocation-tls <folder>',
    'Folder with tls.crt and tls.key of that API, read again when they change',
  ),
  new Option(
    '--allocation-client-ca <folder>',
    'Folder with ca.crt: callers of that API may show certificates that it signed, and need no token',
  ),
  new Option(
    '--allocation-advertise <host>',
    'Host by which the other replicas reach that API of this one',
  ).default(env['POD_IP'] || undefined, '$POD_IP, else the host of --allocation-address'),
  new Option('--allocation-rate <count>', 'Most calls of that API from one caller in a second').default(
    '1000',
  ),
  new Option(
    '--host-ports <first-last>',
    'Host ports of each node that offers hand out to game servers',
  ).default('7000-8000'),
  new Option(
    '--port-ranges <ranges>',
    'Further ranges of host ports, for ports of pools that name one: NAME=FIRST-LAST, with commas between them',
  ).default('', 'none'),
  new Option('--log-level <level>', 'Least level that is logged').choices(LOG_LEVELS).default('info'),
  new Option(
    '--lease-duration <seconds>',
    'How long the other replicas wait for a leader that falls silent; whole seconds, at least 3',
  ).default('8'),
  new Option(
    '--allocation-interval <seconds>',
    'Longest time between two placement cycles while tasks wait',
  ).default('1'),
  new Option(
    '--webhook-origins <list>',
    'Addresses that pools may have called to scale themselves, such as https://scaler.example.com, with commas between ' +
      'them; Services of their own namespaces may be called without',
  ).default('', 'none'),
  new Option('--no-leader-elect', 'Act without holding the Lease, for a single operator in development'),
  new Option(
    '--stand-ins <count>',
    'Most Pods without a node, for each class of tasks that find no room, by which node autoscalers see it; 0 makes none',
  ).default('0'),
  new Option('--connections <count>', 'Most requests to the API server in flight').default('64'),
  ...clusterFlags(),
];

export function addOperator(program: Command, io: Io): void {
  addCommand(program, {
    name: 'operator',
    summary: 'Run the operator',
    details:
      'Watches the cluster, stands for election, and while it leads makes offers, launches tasks and recovers them. ' +
      'SIGTERM or SIGINT ends it in good order; a second one ends it at once.',
    flags: operatorFlags(io.env),
    examples: [
      'proffer operator --kubeconfig ~/.kube/config --http-address 127.0.0.1:8080 --no-leader-elect',
      'proffer operator --namespace games --identity "$POD_NAME" --host-ports 20000-21000',
    ],
  }).action(async (given: Readonly<Record<string, unknown>>) => {
    const options = readOperatorFlags(given);
    // Only this command needs it, and the others should start at once.
    const { runOperator } = await import('../operator/operator.ts');
    await runOperator(options, stopOnSignals());
  });
}
