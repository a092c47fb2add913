import type { Flag } from './command.ts';

/** Namespace that the documentation installs the chart in. */
export const DEFAULT_NAMESPACE = 'proffer-system';

/** Which cluster. */
export const CLUSTER_FLAGS: readonly Flag[] = [
  {
    name: 'kubeconfig',
    value: 'FILE',
    otherwise: '$KUBECONFIG, the service account of the Pod, or ~/.kube/config',
    help: 'Kubeconfig file.',
  },
  { name: 'context', value: 'NAME', otherwise: 'its current one', help: 'Context of the kubeconfig.' },
];

/** In which form a command prints. @param help says what each form is */
export const outputFlag = (help: string): Flag => ({
  name: 'output',
  short: 'o',
  value: 'FORMAT',
  choices: ['table', 'json'],
  standard: 'table',
  help,
});

/** What files say of a cluster and what they do not. @param now the time that counts when none is given, in words */
export const dumpFlags = (now: string): readonly Flag[] => [
  {
    name: 'now',
    value: 'TIME',
    otherwise: now,
    help: 'Time that counts as now, such as 2026-11-25T06:00:00Z.',
  },
  {
    name: 'host-ports',
    value: 'FIRST-LAST',
    standard: '7000-8000',
    help: 'Host ports of each node that offers hand out, as the operator is told.',
  },
];

/** Which operator to read, and how to print what it says. */
export const READER_FLAGS: readonly Flag[] = [
  outputFlag('How to print: table, or json as the operator serves it.'),
  { name: 'limit', value: 'ROWS', standard: '50', help: 'Most rows of a table.' },
  { name: 'watch', short: 'w', help: 'Print again every two seconds, until interrupted.' },
  ...CLUSTER_FLAGS,
  {
    name: 'namespace',
    short: 'n',
    value: 'NAMESPACE',
    standard: DEFAULT_NAMESPACE,
    help: 'Namespace that the operator runs in.',
  },
  {
    name: 'url',
    value: 'URL',
    help: 'Read the debug pages of an operator at this address, such as http://127.0.0.1:8082, instead of asking the cluster.',
  },
];
