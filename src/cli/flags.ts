import { InvalidArgumentError, Option } from 'commander';
import { operatorFlags, type OperatorOptions } from '../options.ts';

/** Namespace that the documentation installs the chart in. */
export const DEFAULT_NAMESPACE = 'proffer-system';

/** Which cluster: what the flags of `clusterFlags` hold. */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

export const clusterFlags = (): readonly Option[] => [
  new Option(
    '--kubeconfig <file>',
    'Kubeconfig file (default: $KUBECONFIG, the service account of the Pod, or ~/.kube/config)',
  ),
  new Option('--context <name>', 'Context of the kubeconfig (default: its current one)'),
];

/** In which form a command prints. @param help says what each form is */
export const outputFlag = (help: string): Option =>
  new Option('-o, --output <format>', help).choices(['table', 'json']).default('table');

/** How much a command prints. @param help says of what */
export const limitFlag = (help: string, standard = 50, most = 10_000): Option =>
  new Option('--limit <rows>', help).default(standard).argParser((text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}.`);
  });

/** A flag that may be given several times: the values in their order. */
export const manyTimes = (flags: string, help: string): Option =>
  new Option(flags, help).argParser<readonly string[] | undefined>((value, before = []) => [
    ...before,
    value,
  ]);

/** Files to read a cluster from in place of the live one: what `readFiles` reads. */
export const filesFlag = (): Option =>
  manyTimes(
    '-f, --filename <file>',
    'Read the cluster from this file, in YAML or JSON, or from those of this folder; - is standard input. Give it ' +
      'once for each file',
  );

/** What files say of a cluster and what they do not: what the flags of `dumpFlags` hold. */
export interface DumpOptions {
  /** Time that counts as now, ms since the epoch. */
  readonly now?: number;
  readonly hostPorts: OperatorOptions['hostPorts'];
  readonly portRanges: OperatorOptions['portRanges'];
}

/** @param now the time that counts when none is given, in words */
export const dumpFlags = (now: string): readonly Option[] => [
  new Option(
    '--now <time>',
    `Time that counts as now, such as 2026-11-25T06:00:00Z (default: ${now})`,
  ).argParser((text) => {
    const time = Date.parse(text);
    if (!Number.isNaN(time)) return time;
    throw new InvalidArgumentError('It must be a time such as 2026-11-25T06:00:00Z.');
  }),
  new Option(
    '--host-ports <first-last>',
    'Host ports of each node that offers hand out, as the operator is told',
  )
    .default({ first: 7000, last: 8000 }, '7000-8000')
    .argParser(asOperatorReads('host-ports')),
  new Option('--port-ranges <ranges>', 'Further ranges of host ports, as the operator is told')
    .default({}, 'none')
    .argParser(asOperatorReads('port-ranges')),
];

/** Reads a flag of the operator's. */
const asOperatorReads = (flag: 'host-ports' | 'port-ranges') => (text: string) => {
  const read = operatorFlags.shape[flag].safeParse(text);
  if (read.success) return read.data;
  throw new InvalidArgumentError(`It ${read.error.issues[0]!.message}.`);
};

/** Which operator to read, and how to print what it says: what the flags of `readerFlags` hold. */
export interface ReaderOptions extends ClusterOptions {
  readonly output: 'table' | 'json';
  readonly limit: number;
  readonly watch?: true;
  readonly namespace: string;
  readonly url?: string;
}

export const readerFlags = (): readonly Option[] => [
  outputFlag('How to print: as a table, or as JSON as the operator serves it'),
  limitFlag('Most rows of a table'),
  new Option('-w, --watch', 'Print again every two seconds, until interrupted'),
  ...clusterFlags(),
  new Option('-n, --namespace <namespace>', 'Namespace that the operator runs in').default(DEFAULT_NAMESPACE),
  new Option(
    '--url <url>',
    'Read the debug pages of an operator at this address, such as http://127.0.0.1:8082, instead of asking the cluster',
  ),
];
