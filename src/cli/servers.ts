import { Option, type Command } from 'commander';
import { LABEL } from '../api/group.ts';
import { systemClock } from '../lib/clock.ts';
import { addCommand } from './add-command.ts';
import { clusterFlags, filesFlag, type ClusterOptions } from './flags.ts';
import type { Io } from './io.ts';
import type { ServerFacts } from '../dump/index.ts';
import { elapsed } from '../lib/figures.ts';
import { tableLines } from '../lib/table.ts';

interface ServersOptions extends ClusterOptions {
  readonly filename?: readonly string[];
  readonly namespace?: string;
  readonly allNamespaces?: true;
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
  const { filename: files = [] } = options;
  const { pods, namespace, now } =
    files.length === 0 ? await live(options) : await fromFiles(files, options, io);
  const { serversIn } = await import('../dump/index.ts');
  io.out(serverTable(serversIn(pods), { pool, namespace, now }));
}

export function addServers(program: Command, io: Io): void {
  addCommand(program, {
    name: 'servers',
    summary: 'List game servers with the address and the ports that players connect to',
    details:
      'Prints each game server of the namespace, or of one pool: its state, the node and address that it is on, and its ' +
      'ports as NAME:HOSTPORT/PROTOCOL. The state is what the Pod itself says. The label proffer.dev/state follows it ' +
      'when players hold the server: Ready,Allocated. Nodes are not looked at: kubectl get gsp tells of servers on a lost ' +
      'node. Reading takes the right to list Pods.',
    flags: [
      filesFlag(),
      new Option(
        '-n, --namespace <namespace>',
        'Namespace of the servers (default: that of the context, or all of the files)',
      ),
      new Option('-A, --all-namespaces', 'Servers of all namespaces'),
      ...clusterFlags(),
    ],
    examples: ['proffer servers', 'kubectl proffer servers arena -n games'],
  })
    .argument('[pool]', 'Only the servers of this GameServerPool')
    .action((pool: string | undefined, options: ServersOptions) => run(pool, options, io));
}

/** Which servers, and when. */
interface View {
  /** Name of the one pool; undefined for all. */
  readonly pool: string | undefined;
  /** The one namespace; undefined for all, which a column then tells. */
  readonly namespace: string | undefined;
  /** ms since the epoch. */
  readonly now: number;
}

/** Whatever the annotation is, it stays in its line. */
const portsInWords = (ports: string): string => ports.replaceAll('=', ':').replaceAll(/\s+/g, ' ');

/** Game servers for people, with all that a player needs to connect. */
export function serverTable(all: readonly ServerFacts[], { pool, namespace, now }: View): string {
  const servers = all.filter(
    (server) => (pool ?? server.pool) === server.pool && (namespace ?? server.namespace) === server.namespace,
  );
  if (servers.length === 0) {
    const whose = pool === undefined ? '' : ` of pool ${pool}`;
    return `There are no game servers${whose} in ${namespace === undefined ? 'any namespace' : `namespace ${namespace}`}.\n`;
  }
  const rows = servers.map((server) => [
    server.namespace,
    server.name,
    server.pool,
    server.state,
    server.node || '-',
    server.address || '-',
    portsInWords(server.ports) || '-',
    server.createdAt > 0 ? elapsed(now - server.createdAt) : '-',
  ]);
  const titles = ['NAMESPACE', 'NAME', 'POOL', 'STATE', 'NODE', 'ADDRESS', 'PORTS', 'AGE'];
  const shown = <T>(cells: readonly T[]): readonly T[] => (namespace === undefined ? cells : cells.slice(1));
  return `${tableLines(shown(titles), rows.map(shown)).join('\n')}\n`;
}
