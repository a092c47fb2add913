import { hostname } from 'node:os';
import { ConfigError } from '../lib/errors.ts';
import { LOG_LEVELS, operatorOptions, type OperatorOptions } from '../options.ts';
import type { Command, Given } from './command.ts';
import { CLUSTER_FLAGS, DEFAULT_NAMESPACE } from './flags.ts';
import { stopOnSignals } from './signals.ts';
import { UsageError } from './usage-error.ts';

/** Reads the flags. @throws UsageError that names each flag that is wrong */
export function readOperatorFlags(given: Given): OperatorOptions {
  const text = (flag: string): string => given.text(flag) ?? '';
  try {
    return operatorOptions({
      kubeconfig: given.text('kubeconfig'),
      context: given.text('context'),
      namespace: text('namespace'),
      identity: given.text('identity') ?? hostname(),
      'health-address': text('health-address'),
      'http-address': text('http-address'),
      'debug-address': text('debug-address'),
      'host-ports': text('host-ports'),
      'log-level': text('log-level'),
      'lease-duration': text('lease-duration'),
      'allocation-interval': text('allocation-interval'),
      'leader-elect': given.on('leader-elect'),
      connections: text('connections'),
    });
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(error.message) : error;
  }
}

export const operatorCommand: Command = {
  name: 'operator',
  summary: 'Run the operator',
  details:
    'Watches the cluster, stands for election, and while it leads makes offers, launches tasks and recovers them. ' +
    'SIGTERM or SIGINT ends it in good order; a second one ends it at once.',
  flags: [
    {
      name: 'namespace',
      short: 'n',
      value: 'NAMESPACE',
      standard: DEFAULT_NAMESPACE,
      env: 'POD_NAMESPACE',
      help: 'Namespace of the Lease by which replicas elect a leader.',
    },
    {
      name: 'identity',
      value: 'NAME',
      env: 'POD_NAME',
      otherwise: 'the name of the host',
      help: 'Name of this replica, unique among them: that of its Pod, by which the other commands find the leader.',
    },
    {
      name: 'health-address',
      value: 'HOST:PORT',
      standard: '0.0.0.0:8081',
      help: 'Where /healthz and /readyz are served; port 0 takes a free one.',
    },
    {
      name: 'http-address',
      value: 'HOST:PORT',
      standard: '0.0.0.0:8080',
      help: 'Where /metrics is served.',
    },
    {
      name: 'debug-address',
      value: 'HOST:PORT',
      standard: '127.0.0.1:8082',
      help: 'Where the pages behind matrix, offers and roles are served: an address of this host alone.',
    },
    {
      name: 'host-ports',
      value: 'FIRST-LAST',
      standard: '7000-8000',
      help: 'Host ports of each node that offers hand out to game servers.',
    },
    {
      name: 'log-level',
      value: 'LEVEL',
      standard: 'info',
      choices: LOG_LEVELS,
      help: `Least level that is logged: ${LOG_LEVELS.join(', ')}.`,
    },
    {
      name: 'lease-duration',
      value: 'SECONDS',
      standard: '8',
      help: 'How long the other replicas wait for a leader that falls silent; whole seconds, at least 3.',
    },
    {
      name: 'allocation-interval',
      value: 'SECONDS',
      standard: '1',
      help: 'Longest time between two placement cycles while tasks wait.',
    },
    {
      name: 'leader-elect',
      onByDefault: true,
      help: 'Act only while holding the Lease. --no-leader-elect is for a single operator in development.',
    },
    {
      name: 'connections',
      value: 'COUNT',
      standard: '64',
      help: 'Most requests to the API server in flight.',
    },
    ...CLUSTER_FLAGS,
  ],
  examples: [
    'proffer operator --kubeconfig ~/.kube/config --http-address 127.0.0.1:8080 --no-leader-elect',
    'proffer operator --namespace games --identity "$POD_NAME" --host-ports 20000-21000',
  ],
  run: async (given) => {
    const options = readOperatorFlags(given);
    // Only this command needs it, and the others should start at once.
    const { runOperator } = await import('../operator.ts');
    await runOperator(options, stopOnSignals());
  },
};
