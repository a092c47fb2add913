import type { KubeClient } from '../../src/kube/client.ts';
import { KIND } from '../../src/api/kinds.ts';
import { API_VERSION } from '../../src/api/group.ts';
import { Observer } from '../support/observer.ts';
import { until } from '../support/until.ts';

/** Where the many pools live, and where those live that come and go. */
export const MANY = 'default';
export const FEW = 'burst';

/** The API's collection of one of our kinds in a namespace. */
const collection = (namespace: string): string =>
  `/apis/${API_VERSION}/namespaces/${namespace}/${KIND.pool.plural}`;

/** What every task of a pool asks for; pools differ, as games do. @param cpu milli */
const template = (pool: number, cpu: number) => ({
  containers: [
    {
      name: 'server',
      image: 'example.invalid/server:1',
      resources: { requests: { cpu: `${cpu + (pool % 7) * 10}m`, memory: `${64 + (pool % 11)}Mi` } },
    },
  ],
});

/** One pool of many: its number, how many servers, and whom it draws on. */
export interface PoolOptions {
  readonly namespace?: string;
  readonly name: string;
  readonly index?: number;
  readonly replicas: number;
  readonly role?: string;
  /** Milli, of each server. */
  readonly cpu?: number;
}

/** Makes a pool. */
export async function makePool(client: KubeClient, options: PoolOptions): Promise<void> {
  const { namespace = MANY, name, index = 0, replicas, role, cpu = 100 } = options;
  await client.request({
    method: 'POST',
    path: collection(namespace),
    body: {
      apiVersion: API_VERSION,
      kind: KIND.pool.kind,
      metadata: { name },
      spec: { replicas, ...(role === undefined ? {} : { role }), template: { spec: template(index, cpu) } },
    },
  });
}

/** Sets how many servers a pool has. */
export async function scalePool(
  client: KubeClient,
  namespace: string,
  name: string,
  replicas: number,
): Promise<void> {
  await client.request({
    method: 'PATCH',
    path: `${collection(namespace)}/${name}`,
    body: { spec: { replicas } },
  });
}

/**
 * Removes a pool, and its Pods without grace, which no kubelet would ever confirm; returns when they are gone.
 * @param namespace has no other pool that has Pods and should keep them
 */
export async function removePool(client: KubeClient, namespace: string, name: string): Promise<void> {
  await client.request({ method: 'DELETE', path: `${collection(namespace)}/${name}` });
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 };
  const path = `/api/v1/namespaces/${namespace}/pods`;
  await until(`the Pods of ${name} are gone`, async () => {
    await client.request({ method: 'DELETE', path, body, timeoutMs: 120_000 });
    const { items } = await client.request<{ items: unknown[] }>({
      method: 'GET',
      path,
      query: { limit: 1 },
    });
    return items.length === 0;
  });
}

/** Makes a namespace. */
export async function makeNamespace(client: KubeClient, name: string): Promise<void> {
  await client.request({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name } } });
}

/** Makes a role that pools of the namespace of many may draw on. */
export async function makeRole(client: KubeClient, name: string): Promise<void> {
  await client.request({
    method: 'POST',
    path: `/apis/${API_VERSION}/${KIND.role.plural}`,
    body: {
      apiVersion: API_VERSION,
      kind: KIND.role.kind,
      metadata: { name },
      spec: { namespaces: { names: [MANY] } },
    },
  });
}

/** Makes a Deployment of the same servers. */
export async function makeDeployment(
  client: KubeClient,
  namespace: string,
  name: string,
  index: number,
  replicas: number,
): Promise<void> {
  await client.request({
    method: 'POST',
    path: `/apis/apps/v1/namespaces/${namespace}/deployments`,
    body: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: template(index, 100) },
      },
    },
  });
}

/** Milliseconds until so many Pods of a namespace are bound, from before `make`; as the API server's own watch says. */
export async function untilBound(
  client: KubeClient,
  namespace: string,
  pods: number,
  make: () => Promise<unknown>,
): Promise<number> {
  const observer = new Observer(client, namespace);
  await observer.start();
  const start = performance.now();
  await make();
  await until(`${pods} Pods of ${namespace} are bound`, () => observer.boundAt.size >= pods);
  await observer.stop();
  return Math.max(...observer.boundAt.values()) - start;
}

/** Does something for each of `0 … count - 1`, sixteen at a time. */
export async function each(count: number, work: (index: number) => Promise<void>): Promise<void> {
  const queue = Array.from({ length: count }, (_, i) => i).values();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const index of queue) await work(index);
    }),
  );
}
