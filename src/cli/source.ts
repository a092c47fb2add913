import { KubeClient } from '../kube/client.ts';
import { isKubeError, type KubeError } from '../kube/errors.ts';
import type { Lease } from '../kube/lease-record.ts';
import { describeKind, requestKind } from '../kube/request-kind.ts';
import { API_VERSION } from '../api/group.ts';
import { messageOf, ProfferError } from '../lib/errors.ts';
import type { Problem } from '../server/debug.ts';
import type { Given } from './command.ts';
import { UsageError } from './usage-error.ts';

/** The operator cannot be asked, or does not answer; the message says why and what to do. */
export class OperatorUnavailable extends ProfferError {
  readonly code = 'PROFFER_OPERATOR_UNAVAILABLE';
}

/** Where debug pages are read. */
export interface Source {
  /** Reads one page. @throws OperatorUnavailable */
  readonly read: (path: string, query: URLSearchParams) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** Port of the operator in its Pod, as the chart sets it. */
const OPERATOR_PORT = 8080;
/** Name of the operator's Lease. */
const LEASE_NAME = 'proffer';
/** An operator that is asked directly has this long to answer, ms. */
const ANSWER_MS = 10_000;

/** The operator that the flags name. @throws UsageError, ConfigError */
export function openSource(given: Given): Source {
  const url = given.text('url');
  return url === undefined ? clusterSource(given) : urlSource(url);
}

function urlSource(text: string): Source {
  if (!/^https?:\/\/[^/]+/.test(text) || !URL.canParse(text)) {
    throw new UsageError(`--url must be an address such as http://127.0.0.1:8080, not "${text}"`);
  }
  const read = async (path: string, query: URLSearchParams): Promise<unknown> => {
    let response: Response;
    try {
      response = await fetch(`${text.replace(/\/+$/, '')}${path}?${query.toString()}`, {
        signal: AbortSignal.timeout(ANSWER_MS),
      });
    } catch (error) {
      throw new OperatorUnavailable(`no operator answers at ${text}: ${whyNot(error)}`, { cause: error });
    }
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok && body !== undefined) return body;
    const said = (body as Partial<Problem> | undefined)?.message;
    throw new OperatorUnavailable(said ?? `${text} is not an operator of Proffer (HTTP ${response.status})`);
  };
  return { read, close: () => Promise.resolve() };
}

/** Why fetch failed, in words that the reader can act on. */
function whyNot(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  // The standard of fetch lists ports that no request may go to, those of mail and the like.
  if (messageOf(cause) === 'bad port')
    return 'web clients may not use this port: serve the operator on another';
  // A name with several addresses: one error for each, and none of its own.
  if (cause instanceof AggregateError) return cause.errors.map(messageOf).join('; ');
  return messageOf(cause);
}

function clusterSource(given: Given): Source {
  const [kubeconfig, context] = [given.text('kubeconfig'), given.text('context')];
  const client = KubeClient.load({
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    userAgent: 'proffer-cli',
    connections: 2,
  });
  const namespace = given.text('namespace')!;
  const read = async (page: string, query: URLSearchParams): Promise<unknown> => {
    const leader = await findLeader(client, namespace);
    const path = `/api/v1/namespaces/${namespace}/pods/${leader}:${OPERATOR_PORT}/proxy${page}`;
    try {
      return await client.request({ method: 'GET', path, query: Object.fromEntries(query) });
    } catch (error) {
      throw isKubeError(error) ? proxyFailure(error, path, leader, namespace) : error;
    }
  };
  return { read, close: () => client.close() };
}

/** Name of the Pod that leads, by the Lease. */
async function findLeader(client: KubeClient, namespace: string): Promise<string> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${LEASE_NAME}`;
  let lease: Lease;
  try {
    lease = await client.request<Lease>({ method: 'GET', path });
  } catch (error) {
    if (!isKubeError(error, 'notFound')) throw error;
    throw new OperatorUnavailable(await absence(client, namespace), { cause: error });
  }
  const holder = lease.spec?.holderIdentity;
  if (!holder) {
    throw new OperatorUnavailable(
      `no replica of the operator leads: see why with kubectl -n ${namespace} get pods, or kubectl -n ${namespace} logs`,
    );
  }
  return encodeURIComponent(holder);
}

/** Tells a cluster without Proffer from a wrong namespace. */
async function absence(client: KubeClient, namespace: string): Promise<string> {
  try {
    await client.request({ method: 'GET', path: `/apis/${API_VERSION}` });
  } catch (error) {
    if (isKubeError(error, 'notFound')) {
      return 'Proffer is not installed in this cluster: install its Helm chart, or choose another cluster with --context';
    }
    throw error;
  }
  return (
    `no operator has led in namespace ${namespace} yet: name its namespace with --namespace, ` +
    'or read one that runs outside the cluster with --url'
  );
}

/** Says in the reader's words why the leader could not be read. */
function proxyFailure(error: KubeError, path: string, leader: string, namespace: string): Error {
  // An answer without a reason is not the API server's but the operator's own, whose sentence stands by itself.
  if (error.status !== undefined && error.reason === undefined) {
    const start = `${describeKind(requestKind('GET', path))}: `;
    const said = error.message.slice(error.message.startsWith(start) ? start.length : 0);
    return new OperatorUnavailable(said.replace(/ \(HTTP \d+\)$/, ''), { cause: error });
  }
  if (error.kind === 'notFound') {
    return new OperatorUnavailable(
      `the Lease names ${leader} as the leader, and there is no such Pod in namespace ${namespace}: ` +
        'ask again in a moment, install the operator if it is gone, or read one outside the cluster with --url',
      { cause: error },
    );
  }
  if (error.kind === 'forbidden') {
    return new OperatorUnavailable(
      `you may not read the operator: it takes the right to get pods/proxy in namespace ${namespace} (${error.message})`,
      { cause: error },
    );
  }
  if (error.kind === 'server' || error.kind === 'timeout') {
    return new OperatorUnavailable(`the leader ${leader} does not answer: ${error.message}`, {
      cause: error,
    });
  }
  return error;
}
