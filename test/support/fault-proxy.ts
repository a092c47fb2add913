import { Agent as HttpAgent, createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { loadAccess } from '../../src/kube/access.ts';
import type { ClusterAccess } from '../../src/kube/cluster-access.ts';
import { requestKind } from '../../src/kube/request-kind.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { isWatchFault, statusBody, type Fault, type ProxiedRequest, type Rule } from './faults.ts';
import { WatchMangler } from './mangle-watch.ts';

/** A write that reached the API server, in the order in which it answered. */
export interface ForwardedWrite {
  verb: string;
  resource: string;
  /** `namespace/name`; for a create the name that the body asks for. */
  object: string;
  /** The API server's answer; 0 when it gave none. */
  status: number;
  body: unknown;
}

/**
 * Stands between a client and a real API server and makes its answers late, broken, wrong or lost. Speaks plain
 * HTTP on loopback and logs in to the API server as the administrator, unless the client brings a token.
 */
export class FaultProxy {
  /** All writes that the API server answered. */
  readonly writes: ForwardedWrite[] = [];
  readonly #access: ClusterAccess;
  readonly #server: Server;
  readonly #agents: { admin: HttpAgent; plain: HttpAgent };
  readonly #hits = new Map<Rule, number>();
  /** Called with each request that comes in. */
  readonly #listeners = new Set<() => void>();

  private constructor(access: ClusterAccess) {
    this.#access = access;
    const { ca, cert, key } = access.tls;
    this.#agents = access.server.startsWith('https:')
      ? {
          admin: new HttpsAgent({ ca, cert, key, keepAlive: true }),
          plain: new HttpsAgent({ ca, keepAlive: true }),
        }
      : { admin: new HttpAgent({ keepAlive: true }), plain: new HttpAgent({ keepAlive: true }) };
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    // The API server has no such limits, and a test's stalls must not meet them.
    this.#server.requestTimeout = 0;
    this.#server.keepAliveTimeout = 90_000;
  }

  /** Starts a proxy to the cluster of a kubeconfig, on a free port of loopback. */
  static async start(kubeconfigPath: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(loadAccess({ kubeconfig: kubeconfigPath }));
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** Address of the proxy. */
  get server(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Access through the proxy, for a KubeClient in this process. */
  get access(): ClusterAccess {
    return { server: this.server, tls: {}, auth: { kind: 'none' }, namespace: this.#access.namespace };
  }

  /** Text of a kubeconfig that leads through the proxy, for another process. */
  get kubeconfig(): string {
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'proxy',
      contexts: [{ name: 'proxy', context: { cluster: 'proxy', user: 'proxy' } }],
      clusters: [{ name: 'proxy', cluster: { server: this.server } }],
      users: [{ name: 'proxy', user: {} }],
    });
  }

  /** Adds a rule; the first that fits a request strikes. Returns the function that takes it off. */
  inject(rule: Rule): () => void {
    this.#hits.set(rule, 0);
    return () => this.#hits.delete(rule);
  }

  /** Whether a rule has struck, and how often. */
  hits(rule: Rule): number {
    return this.#hits.get(rule) ?? 0;
  }

  /** Resolves when so many more requests have come in; they are on their way then, not answered. */
  async requests(count: number): Promise<void> {
    const reached = Promise.withResolvers<void>();
    let left = count;
    const listener = () => --left <= 0 && reached.resolve();
    this.#listeners.add(listener);
    await reached.promise;
    this.#listeners.delete(listener);
  }

  /** Takes all rules off. */
  heal(): void {
    this.#hits.clear();
  }

  /** Breaks all connections of clients; rules strike when they come back. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  /** Creates that succeeded, by `resource namespace/name`, with how often. More than once: written twice. */
  creates(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { verb, resource, object, status } of this.writes) {
      if (verb !== 'create' || status >= 300 || status === 0) continue;
      const key = `${resource} ${object}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  }

  /** Cuts all connections and stops listening. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    for (const agent of Object.values(this.#agents)) agent.destroy();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const described = describe(request);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    for (const listener of this.#listeners) listener();
    const fault = this.#strike(described);
    if (fault?.kind === 'answer') return answer(response, fault);
    if (fault?.kind === 'resetBefore') {
      request.socket.resetAndDestroy();
      return;
    }
    if (fault?.kind === 'delay' || fault?.kind === 'late') await systemClock.sleep(fault.ms);
    if (!response.destroyed || fault?.kind === 'late')
      this.#forward(request, described, body, response, fault);
  }

  #strike(request: ProxiedRequest): Fault | undefined {
    for (const [rule, hits] of this.#hits) {
      if (hits >= (rule.times ?? Number.POSITIVE_INFINITY) || !rule.when(request)) continue;
      this.#hits.set(rule, hits + 1);
      return rule.fault;
    }
    return undefined;
  }

  #forward(
    request: IncomingMessage,
    described: ProxiedRequest,
    body: Buffer,
    response: ServerResponse,
    fault: Fault | undefined,
  ): void {
    const send = this.#access.server.startsWith('https:') ? httpsRequest : httpRequest;
    const { host: _host, connection: _connection, ...headers } = request.headers;
    const agent = headers.authorization === undefined ? this.#agents.admin : this.#agents.plain;
    const upstream = send(`${this.#access.server}${described.path}`, {
      method: described.method,
      headers,
      agent,
    });
    upstream.on('error', (error) => {
      this.#log(described, body, 0);
      response.destroy(error);
    });
    upstream.on('response', (answered) => {
      this.#log(described, body, answered.statusCode ?? 0);
      if (fault?.kind === 'resetAfter') {
        answered.resume();
        answered.on('end', () => request.socket.resetAndDestroy());
        return;
      }
      response.writeHead(answered.statusCode ?? 502, answered.headers);
      response.flushHeaders();
      answered.on('error', (error) => response.destroy(error));
      if (fault !== undefined && isWatchFault(fault)) mangle(answered, response, request, fault);
      else answered.pipe(response);
    });
    response.on('close', () => upstream.destroy());
    upstream.end(body);
  }

  #log({ verb, resource, namespace, name, query }: ProxiedRequest, raw: Buffer, status: number): void {
    // A dry run writes nothing.
    if (verb === 'get' || verb === 'list' || verb === 'watch' || query.has('dryRun')) return;
    const text = raw.toString('utf8');
    // JSON patches are lists, other content types are no JSON at all: kept as text.
    const body = text.startsWith('{') ? (JSON.parse(text) as { metadata?: { name?: string } }) : undefined;
    const object = `${namespace}/${name === '' ? (body?.metadata?.name ?? '') : name}`;
    this.writes.push({ verb, resource, object, status, body: body ?? text });
  }
}

const describe = (request: IncomingMessage): ProxiedRequest => {
  const path = request.url ?? '/';
  const method = request.method ?? 'GET';
  const url = new URL(path, 'http://proxy');
  const kind = requestKind(method, url.pathname, url.searchParams.get('watch') === 'true');
  return { ...kind, method, path, query: url.searchParams };
};

const answer = (response: ServerResponse, fault: Extract<Fault, { kind: 'answer' }>): void => {
  const { status, reason = 'Injected', message = 'injected', retryAfterSeconds } = fault;
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  });
  response.end(JSON.stringify(statusBody(status, reason, message, retryAfterSeconds)));
};

const mangle = (
  from: IncomingMessage,
  to: ServerResponse,
  request: IncomingMessage,
  fault: Extract<Fault, { afterEvents: number }>,
): void => {
  const mangler = new WatchMangler(fault, {
    write: (bytes) => to.write(bytes),
    end: () => to.end(),
    reset: () => request.socket.resetAndDestroy(),
  });
  from.setEncoding('utf8');
  from.on('data', (text: string) => mangler.push(text));
  from.on('end', () => mangler.end());
};
