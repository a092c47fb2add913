import { Argument, Option, type Command } from 'commander';
import { LABEL } from '../api/group.ts';
import { systemClock } from '../lib/clock.ts';
import { addCommand } from './add-command.ts';
import { clusterFlags, filesFlag, type ClusterOptions } from './flags.ts';
import type { Io } from './io.ts';
import { serversOf, serverTable } from './server-table.ts';

interface ServersOptions extends ClusterOptions {
  readonly filename?: readonly string[];
  readonly namespace?: string;
  readonly allNamespaces?: true;
  readonly output: 'table' | 'wide' | 'json';
}

/** Pods among which the servers are, as they came. */
interface Scene {
  readonly pods: readonly object[];
  /** Namespace to look in; undefined for all. */
  readonly namespace: string | undefined;
  /** ms since the epoch. */
  readonly now: number;
}

/** The Pods of pools that the cluster has now. @throws KubeError */
async function live({ allNamespaces, ...options }: ServersOptions): Promise<Scene> {
  const { KubeClient } = await import('../kube/client.ts');
  const { listAll } = await import('../kube/list.ts');
  const client = KubeClient.load({ ...options, userAgent: 'proffer-cli', connections: 1 });
  try {
    const namespace = allNamespaces ? undefined : (options.namespace ?? client.access.namespace);
    let pods: object[] = [];
    await listAll({
      client,
      path: `/api/v1${namespace === undefined ? '' : `/namespaces/${namespace}`}/pods`,
      query: { labelSelector: LABEL.pool },
      signal: new AbortController().signal,
      onItem: (pod) => void pods.push(pod),
      onRestart: () => void (pods = []),
    });
    return { pods, namespace, now: systemClock.now() };
  } finally {
    await client.close();
  }
}

/** The Pods that files hold. @throws DumpError */
async function fromFiles(
  files: readonly string[],
  { namespace, allNamespaces }: ServersOptions,
  io: Io,
): Promise<Scene> {
  const { checkFiles, readFiles, timeOfDump } = await import('./dump-files.ts');
  checkFiles(files);
  const cluster = await readFiles(files, namespace ?? 'default', io);
  const pods = Array.from(cluster.pods.values(), ({ object }) => object);
  return { pods, namespace: allNamespaces ? undefined : namespace, now: timeOfDump(cluster) };
}

async function run(pool: string | undefined, options: ServersOptions, io: Io): Promise<void> {
  const { filename: files = [], output } = options;
  const { pods, namespace, now } =
    files.length === 0 ? await live(options) : await fromFiles(files, options, io);
  const { serversIn } = await import('../dump/index.ts');
  const servers = serversIn(pods);
  if (output === 'json') io.out(`${JSON.stringify(serversOf(servers, { pool, namespace }), null, 2)}\n`);
  else io.out(serverTable(servers, { pool, namespace, now, wide: output === 'wide' }));
}

const flags = (): readonly Option[] => [
  new Option('-o, --output <format>', 'How to print: as a table, as a wider one, or as JSON')
    .choices(['table', 'wide', 'json'])
    .default('table'),
  filesFlag(),
  new Option(
    '-n, --namespace <namespace>',
    'Namespace of the servers (default: that of the context, or all of the files)',
  ),
  new Option('-A, --all-namespaces', 'Servers of all namespaces'),
  ...clusterFlags(),
];
const poolArgument = (): Argument => new Argument('[pool]', 'Only the servers of this GameServerPool');

export function addServers(program: Command, io: Io): void {
  addCommand(program, {
    name: 'servers',
    summary: 'List game servers with the address and the port that players connect to',
    details:
      'Prints each game server of the namespace, or of one pool: its state and what brought it there, the address and first ' +
      'port that players connect to, its players, session, node, revision and age. -o wide has all its ports, addresses ' +
      'and counters. The state is what the Pod itself says. Where the label proffer.dev/state says that players hold ' +
      'a server and its state is another one, the label follows it: Draining,Drain,Allocated. Nodes are not looked at: ' +
      'kubectl get gsp tells of servers on a lost node. Reading takes the right to list Pods.',
    flags: flags(),
    examples: ['proffer servers', 'kubectl proffer servers arena -n games -o wide'],
  })
    .addArgument(poolArgument())
    .action((pool: string | undefined, options: ServersOptions) => run(pool, options, io));
}

/** The same in the words of kubectl. */
export function addGet(program: Command, io: Io): void {
  addCommand(program, {
    name: 'get',
    summary: 'List game servers, in the words of kubectl',
    details: 'The same as proffer servers.',
    flags: flags(),
    examples: ['kubectl proffer get servers', 'kubectl proffer get servers arena -n games -o wide'],
  })
    .addArgument(new Argument('<what>', 'What to list').choices(['servers']))
    .addArgument(poolArgument())
    .action((_what: string, pool: string | undefined, options: ServersOptions) => run(pool, options, io));
}
