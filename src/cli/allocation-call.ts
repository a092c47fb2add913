import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { AllocationError, type AllocationCode } from '../allocation/errors.ts';
import type { Problem } from '../api/allocation.ts';
import { KubeClient } from '../kube/client.ts';
import { messageOf } from '../lib/errors.ts';
import type { ClusterOptions } from './flags.ts';
import type { Io } from './io.ts';
import { findLeader } from './leader.ts';
import { OperatorUnavailable } from './operator-unavailable.ts';
import { openForward } from './port-forward.ts';

/** Port of the allocation API in the operator's Pod, as the chart sets it. */
const PORT = 8443;
/** How long the token is good for that a call is made with, s: the shortest that the API server gives. */
const TOKEN_SECONDS = 600;
/** The longest wait for an answer, ms: the longest wait for a server, and a little. */
const PATIENCE_MS = 75_000;

/** Who calls, and where. */
export interface CallOptions extends ClusterOptions {
  /** Namespace of the pools, and of the account; that of the context when left out. */
  readonly namespace?: string;
  /** ServiceAccount that the call is made as. */
  readonly account: string;
  readonly operatorNamespace: string;
  /** Address of the API; a port that kubectl forwards to the leader when left out. */
  readonly url?: string;
}

/**
 * Makes one call of the allocation API, with a token of the account.
 * @throws AllocationError with the words of the API, OperatorUnavailable, KubeError, ConfigError
 */
export async function callAllocation<T>(
  call: string,
  body: Readonly<Record<string, unknown>>,
  options: CallOptions,
  env: Io['env'],
): Promise<T> {
  const client = KubeClient.load({ ...options, userAgent: 'proffer-cli', connections: 1 });
  try {
    const namespace = options.namespace ?? client.access.namespace;
    const token = await tokenOf(client, namespace, options.account);
    const asked = { path: `/v1/${call}`, body: { ...body, namespace }, token };
    if (options.url !== undefined) return await post<T>(options.url, asked, true);
    const pod = await findLeader(client, options.operatorNamespace);
    const forward = await openForward(
      { ...options, namespace: options.operatorNamespace, pod, port: PORT },
      env,
    );
    try {
      // The tunnel ends in the very Pod; its certificate is that of a Service, which nobody here asked for.
      return await post<T>(forward.url.replace('http:', 'https:'), asked, false);
    } finally {
      await forward.close();
    }
  } finally {
    await client.close();
  }
}

/** A token of an account. @throws KubeError when there is none, or it is not ours to ask for */
async function tokenOf(client: KubeClient, namespace: string, account: string): Promise<string> {
  const { status } = await client.request<{ status: { token: string } }>({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: TOKEN_SECONDS },
    },
  });
  return status.token;
}

interface Asked {
  readonly path: string;
  readonly body: object;
  readonly token: string;
}

async function post<T>(url: string, { path, body, token }: Asked, verified: boolean): Promise<T> {
  let answer: { readonly status: number; readonly text: string };
  try {
    answer = await new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const common = { method: 'POST', headers, timeout: PATIENCE_MS };
      const target = new URL(path, url);
      const sent =
        target.protocol === 'https:'
          ? requestSecure(target, { ...common, rejectUnauthorized: verified })
          : requestPlain(target, common);
      sent.once('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.once('error', reject).once('end', () => resolve({ status: response.statusCode!, text }));
      });
      sent.once('timeout', () => sent.destroy(new Error(`no answer for ${PATIENCE_MS / 1000} s`)));
      sent.once('error', reject).end(JSON.stringify(body));
    });
  } catch (error) {
    throw new OperatorUnavailable(
      `the allocation API does not answer: ${messageOf(error)}; the chart serves it with allocation.enabled`,
      { cause: error },
    );
  }
  const said = JSON.parse(answer.text) as T & Problem;
  if (answer.status === 200) return said;
  throw new AllocationError(said.code as AllocationCode, said.detail);
}
