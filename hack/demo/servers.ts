import type { Cluster } from '../cluster/index.ts';
import type { ServerInfo } from '../query/server-info.ts';
import { queryTeeworlds } from '../query/teeworlds.ts';

/** A game server of a pool as the cluster shows it. */
export interface Server {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  /** Where players connect: the node's address and the host port of the port `game`. */
  readonly host: string;
  readonly port: number;
  readonly phase: string;
  readonly ready: boolean;
  readonly deleting: boolean;
}

interface PodList {
  readonly items: readonly {
    readonly metadata: {
      readonly name: string;
      readonly uid: string;
      readonly deletionTimestamp?: string;
      readonly annotations?: Readonly<Record<string, string>>;
    };
    readonly spec: { readonly nodeName?: string };
    readonly status: {
      readonly phase: string;
      readonly hostIP?: string;
      readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    };
  }[];
}

/** Lists the servers of a pool. */
export async function serversOf(cluster: Cluster, namespace: string, pool: string): Promise<Server[]> {
  const text = await cluster.kubectl(
    'get',
    'pods',
    '-n',
    namespace,
    '-l',
    `proffer.dev/pool=${pool}`,
    '-o',
    'json',
  );
  return (JSON.parse(text) as PodList).items.map(({ metadata, spec, status }) => ({
    name: metadata.name,
    uid: metadata.uid,
    node: spec.nodeName ?? '',
    host: status.hostIP ?? '',
    port: Number(/game=(\d+)/.exec(metadata.annotations?.['proffer.dev/ports'] ?? '')?.[1] ?? 0),
    phase: status.phase,
    ready: status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false,
    deleting: metadata.deletionTimestamp !== undefined,
  }));
}

/** Asks a server by its game's own protocol; undefined when it does not answer. */
export async function askServer({ host, port }: Server): Promise<ServerInfo | undefined> {
  if (host === '' || port === 0) return undefined;
  try {
    return await queryTeeworlds(host, port, { timeoutMs: 1000 });
  } catch {
    return undefined;
  }
}
