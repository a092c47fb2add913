import { KubeClient } from '../kube/client.ts';
import { readDebugPage } from './debug-page.ts';
import type { ClusterOptions } from './flags.ts';
import type { Io } from './io.ts';
import { findLeader } from './leader.ts';
import { openForward, type Forward } from './port-forward.ts';

/** Where debug pages are read. */
export interface Source {
  /** Reads one page. @throws OperatorUnavailable, KubeError */
  readonly read: (path: string, query: URLSearchParams) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** Port of the debug pages in the operator's Pod, as the chart sets it. */
const DEBUG_PORT = 8082;

/** The Pod that leads in the cluster that the flags name, through a port that kubectl forwards. @throws ConfigError */
export function leaderSource(
  options: ClusterOptions & { readonly namespace: string },
  env: Io['env'],
): Source {
  const client = KubeClient.load({ ...options, userAgent: 'proffer-cli', connections: 2 });
  const { namespace } = options;
  let opened: Forward | undefined;

  const closeForward = async (): Promise<void> => {
    const forward = opened;
    opened = undefined;
    await forward?.close();
  };
  /** The open forward, as long as it is to the Pod that leads now; else a new one. */
  const forwardTo = async (pod: string): Promise<Forward> => {
    if (opened?.pod === pod && opened.running) return opened;
    await closeForward();
    opened = await openForward({ ...options, pod, port: DEBUG_PORT }, env);
    return opened;
  };
  const read = async (path: string, query: URLSearchParams): Promise<unknown> => {
    const leader = await findLeader(client, namespace);
    const forward = await forwardTo(leader);
    return readDebugPage(forward.url, path, query, (why) => {
      const more = forward.complaint === '' ? '' : ` (kubectl: ${forward.complaint})`;
      return `the leader ${leader} does not answer on its port ${DEBUG_PORT}: ${why}${more}`;
    });
  };
  return {
    read,
    close: async () => {
      await closeForward();
      await client.close();
    },
  };
}
