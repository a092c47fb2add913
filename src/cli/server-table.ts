import { REASON } from '../api/conditions.ts';
import { ANNOTATION, LABEL } from '../api/group.ts';
import { elapsed } from '../lib/figures.ts';
import { tableLines } from '../lib/table.ts';
import { signalOf } from '../recovery/signal.ts';
import { readPod } from '../snapshot/reading/pod.ts';
import { createPodReader, type PodFacts, type TaskFacts } from '../snapshot/task.ts';

/** Which servers, and when. */
interface View {
  /** Name of the one pool; undefined for all. */
  readonly pool: string | undefined;
  /** The one namespace; undefined for all, which a column then tells. */
  readonly namespace: string | undefined;
  /** ms since the epoch. */
  readonly now: number;
}

type ServerPod = PodFacts & { readonly task: TaskFacts };

interface Server {
  readonly pod: ServerPod;
  readonly pool: string;
  readonly address: string;
  readonly ports: string;
}

const isServer = (pod: PodFacts): pod is ServerPod => pod.task?.kind === 'GameServerPool';

/** The servers among Pods, by namespace, pool and number. */
function serversIn(pods: readonly object[], { pool: only, namespace }: View): Server[] {
  const factsOf = createPodReader();
  const servers = pods.flatMap((raw): Server[] => {
    const pod = factsOf(raw);
    const { metadata, status } = readPod(raw).pod;
    const pool = metadata.labels?.[LABEL.pool] ?? '';
    const isWanted = (only ?? pool) === pool && (namespace ?? pod.namespace) === pod.namespace;
    if (!isServer(pod) || !isWanted) return [];
    // It is written game=7000/UDP,query=7001/UDP; whatever else it is, it stays in its line.
    const ports = (metadata.annotations?.[ANNOTATION.ports] ?? '')
      .replaceAll('=', ':')
      .replaceAll(/\s+/g, ' ');
    return [{ pod, pool, address: status?.hostIP ?? '', ports }];
  });
  const place = ({ pod, pool }: Server): string => `${pod.namespace}/${pool}`;
  return servers.sort((a, b) => {
    const [x, y] = [place(a), place(b)];
    return x === y ? a.pod.task.slot - b.pod.task.slot : x < y ? -1 : 1;
  });
}

/** How a server is, in the words of reasons and signals, as far as its Pod alone can tell. */
function stateOf({ task, ...pod }: ServerPod): string {
  const signal = signalOf({ ...pod, exit: task.exit, node: undefined }, undefined, Number.POSITIVE_INFINITY);
  const state = signal === 'Starting' && task.stuck !== '' ? REASON.stuck : signal;
  return task.session === '' ? state : `${state},${task.session}`;
}

/** Game servers for people, with all that a player needs to connect. @param pods as the API server sends them */
export function serverTable(pods: readonly object[], view: View): string {
  const servers = serversIn(pods, view);
  const everywhere = view.namespace === undefined;
  if (servers.length === 0) {
    const whose = view.pool === undefined ? '' : ` of pool ${view.pool}`;
    return `There are no game servers${whose} in ${everywhere ? 'any namespace' : `namespace ${view.namespace}`}.\n`;
  }
  const titles = ['NAME', 'POOL', 'STATE', 'NODE', 'ADDRESS', 'PORTS', 'AGE'];
  const rows = servers.map(({ pod, pool, address, ports }) => [
    ...(everywhere ? [pod.namespace] : []),
    ...[pod.name, pool, stateOf(pod), pod.node ?? '', address, ports].map((cell) => cell || '-'),
    pod.createdAt > 0 ? elapsed(view.now - pod.createdAt) : '-',
  ]);
  const columns = [...(everywhere ? ['NAMESPACE'] : []), ...titles].map((title) => ({ title }));
  return `${tableLines(columns, rows).join('\n')}\n`;
}
