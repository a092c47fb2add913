import type { Readable } from 'node:stream';
import { Pool, ProxyAgent, type Dispatcher } from 'undici';
import { systemClock, type Clock } from '../lib/clock.ts';
import { loadAccess, type AccessOptions } from './access.ts';
import type { Auth, ClusterAccess } from './cluster-access.ts';
import { Credentials } from './credentials.ts';
import type { Credential } from './login.ts';
import { isKubeError, KubeError, toKubeError } from './errors.ts';
import { lastGate } from './last-gate.ts';
import { describeKind, requestKind, type RequestKind } from './request-kind.ts';
import { Slices } from './slices.ts';

/** Values of a query string; undefined ones are left out. */
export type Query = Record<string, string | number | boolean | undefined>;

/** One request to the API server. */
export interface KubeRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path without the query: `/api/v1/namespaces/default/pods`. */
  path: string;
  query?: Query;
  /** Sent as JSON; a text is JSON already. */
  body?: unknown;
  /** `application/json` when left out, `application/merge-patch+json` for PATCH. */
  contentType?: string;
  signal?: AbortSignal;
  /** Longest silence before and within the answer, milliseconds; 30,000 when left out. */
  timeoutMs?: number;
  /** Most bytes of the answer, from which on the rest of it is not read: the request fails as `tooLarge`. */
  mostBytes?: number;
  /** Asked right before the first byte goes out; on false nothing is sent, and the request fails as `fenced`. */
  mayGo?: () => boolean;
}

/** The answer to a request. */
export interface Measured<T> {
  /** Parsed when it is read, anew each time: until then it takes no room on the heap. Throws KubeError when it is no JSON. */
  readonly body: T;
  /** Its length before that. */
  readonly bytes: number;
}

/** A watch to open, to whose query `watch=true` is added, or another answer that goes on. */
export interface WatchRequest {
  path: string;
  query?: Query;
  signal?: AbortSignal;
}

/** A finished request, for metrics. */
export interface RequestMeasure {
  verb: string;
  resource: string;
  /** HTTP status; 0 when no answer came. A denied request is a 403. */
  status: number;
  durationMs: number;
}

/** What a client is made of besides the cluster it talks to. */
export interface ClientOptions {
  userAgent?: string;
  /** Most connections for requests, and so most requests in flight; watches have their own. 64 when left out. */
  connections?: number;
  clock?: Clock;
  /** Called once for every request that was sent and ended, and for every watch when its headers arrived. */
  onRequest?: (measure: RequestMeasure) => void;
}

/** The connections of one client certificate. */
interface Transport {
  cert: string | undefined;
  requests: Dispatcher;
  watches: Dispatcher;
}

interface Opened {
  response: Dispatcher.ResponseData;
  kind: RequestKind;
  startedAt: number;
}

/** HTTP/1.1 keep-alive connections to one API server. It knows no kinds and does not retry (`withRetry` does). */
export class KubeClient {
  /** The cluster it talks to. */
  readonly access: ClusterAccess;
  /** Shares the event loop between everything that parses what this client receives. */
  readonly slices: Slices;
  readonly #credentials: Credentials;
  readonly #connections: number;
  #transport: Transport;
  readonly #origin: string;
  readonly #basePath: string;
  readonly #userAgent: string;
  readonly #clock: Clock;
  readonly #onRequest: ((measure: RequestMeasure) => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor(access: ClusterAccess, options: ClientOptions = {}) {
    const { userAgent = 'proffer', connections = 64, clock = systemClock, onRequest } = options;
    const url = new URL(access.server);
    this.access = access;
    this.#clock = clock;
    this.slices = new Slices(clock);
    this.#credentials = new Credentials(access.auth, clock);
    this.#userAgent = userAgent;
    this.#onRequest = onRequest;
    this.#origin = url.origin;
    this.#basePath = url.pathname.replace(/\/+$/, '');
    this.#connections = connections;
    this.#transport = this.#connect({});
  }

  /** A client for the cluster that the options or the environment name. Throws ConfigError. */
  static load(options: AccessOptions & ClientOptions = {}): KubeClient {
    return new KubeClient(loadAccess(options), options);
  }

  /**
   * Sends a request and returns the parsed body. Throws KubeError for any failure, ConfigError when credentials
   * cannot be had, and the signal's reason when the signal aborts.
   */
  async request<T>(request: KubeRequest): Promise<T> {
    return (await this.measured<T>(request)).body;
  }

  /** Does what `request` does, and says how long the answer was. */
  async measured<T>(request: KubeRequest): Promise<Measured<T>> {
    const timeoutMs = request.timeoutMs ?? 30_000;
    const opened = await this.#open('requests', request, timeoutMs);
    try {
      const raw = await readBody(opened, request.mostBytes);
      this.#measure(opened, opened.response.statusCode);
      return {
        bytes: raw.length,
        get body() {
          try {
            return (raw.length === 0 ? undefined : JSON.parse(raw.toString())) as T;
          } catch (error) {
            throw toKubeError(describeKind(opened.kind), { thrown: error });
          }
        },
      };
    } catch (error) {
      request.signal?.throwIfAborted();
      this.#measure(opened, isKubeError(error, 'tooLarge') ? opened.response.statusCode : 0);
      throw toKubeError(describeKind(opened.kind), { thrown: error });
    }
  }

  /**
   * Opens a watch and returns its bytes, which end when the server ends the watch, and fail with undici's errors.
   * Throws as `request` does. Read it fast: a server cuts watchers that do not drain.
   */
  watch(request: WatchRequest): Promise<Readable> {
    return this.stream({ ...request, query: { ...request.query, watch: true } });
  }

  /** Opens an answer that goes on, such as a log that is followed, and returns its bytes as those of a watch. */
  async stream(request: WatchRequest): Promise<Readable> {
    const opened = await this.#open('watches', { ...request, method: 'GET' }, 0);
    this.#measure(opened, opened.response.statusCode);
    return opened.response.body;
  }

  /** Lets requests in flight finish, cuts watches, and frees the connections. Closing again changes nothing. */
  close(): Promise<void> {
    this.#closed ??= end(this.#transport);
    return this.#closed;
  }

  /** Sends the request; returns when the headers of a good answer arrived. */
  async #open(use: 'requests' | 'watches', request: KubeRequest, bodyTimeout: number): Promise<Opened> {
    const kind = requestKind(request.method, request.path, request.query?.['watch'] === true);
    const { mayGo } = request;
    for (let fresh = false; ; fresh = true) {
      request.signal?.throwIfAborted();
      const credential = await this.#credentials.current();
      const pool = this.#transportFor(credential)[use];
      const dispatcher = mayGo === undefined ? pool : pool.compose(lastGate(mayGo, describeKind(kind)));
      const opened = { kind, startedAt: this.#clock.monotonic() };
      let status = 0;
      try {
        const response = await dispatcher.request(this.#options(request, credential, bodyTimeout));
        if (response.statusCode < 300) return { ...opened, response };
        const body = await response.body.text();
        status = response.statusCode;
        this.#measure(opened, status);
        // A token may have been renewed since we read it. Refused is not applied, so this is part of logging in.
        if (status === 401) this.#credentials.invalidate();
        if (status === 401 && !fresh && canRenew(this.access.auth)) continue;
        const retryAfter = response.headers['retry-after'];
        throw toKubeError(describeKind(kind), {
          response: { status, body, retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined },
        });
      } catch (error) {
        request.signal?.throwIfAborted();
        if (status === 0 && !isKubeError(error, 'fenced')) this.#measure(opened, 0);
        throw toKubeError(describeKind(kind), { thrown: error });
      }
    }
  }

  #options(request: KubeRequest, credential: Credential, bodyTimeout: number): Dispatcher.RequestOptions {
    const headers: Record<string, string> = {
      accept: 'application/json',
      'user-agent': this.#userAgent,
      ...credential.headers,
    };
    if (this.access.impersonate !== undefined) headers['impersonate-user'] = this.access.impersonate;
    if (request.body !== undefined) {
      const standard = request.method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
      headers['content-type'] = request.contentType ?? standard;
    }
    return {
      origin: this.#origin,
      method: request.method,
      path: this.#basePath + request.path + queryString(request.query),
      headers,
      body: textOf(request.body),
      signal: request.signal ?? null,
      headersTimeout: request.timeoutMs ?? 30_000,
      bodyTimeout,
    };
  }

  /** Connections with the certificate of the hour: an exec plugin may issue a new one at any time. */
  #transportFor(credential: Credential): Transport {
    if (credential.cert !== this.#transport.cert && this.#closed === undefined) {
      void end(this.#transport);
      this.#transport = this.#connect(credential);
    }
    return this.#transport;
  }

  #connect({ cert, key }: Pick<Credential, 'cert' | 'key'>): Transport {
    const { tls, proxy } = this.access;
    const own = cert !== undefined && key !== undefined ? { cert, key } : {};
    const connect = {
      ...tls,
      ...own,
      allowH2: false,
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      timeout: 10_000,
    };
    const pool = (connections: number | null): Dispatcher => {
      // The API server closes idle connections after 90 s; we do it first, lest a POST meets the close half-way.
      const common = { pipelining: 1, allowH2: false, keepAliveTimeout: 30_000, connections };
      if (proxy === undefined) return new Pool(this.#origin, { ...common, connect });
      return new ProxyAgent({ ...common, uri: proxy, proxyTunnel: true, requestTls: connect });
    };
    return { cert, requests: pool(this.#connections), watches: pool(null) };
  }

  #measure(of: { kind: RequestKind; startedAt: number }, status: number): void {
    const durationMs = this.#clock.monotonic() - of.startedAt;
    this.#onRequest?.({ verb: of.kind.verb, resource: of.kind.resource, status, durationMs });
  }
}

/** A body as it is sent. */
const textOf = (body: unknown): string | null =>
  body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);

/** Reads the body of an answer. @throws KubeError of kind `tooLarge` when it is longer than it may be */
const readBody = async ({ response, kind }: Opened, mostBytes = Infinity): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > mostBytes) {
      const message = `${describeKind(kind)}: the answer is longer than ${mostBytes} bytes`;
      throw new KubeError({ kind: 'tooLarge', message, status: response.statusCode });
    }
  }
  return Buffer.concat(chunks);
};

/** Lets requests in flight finish, cuts watches, and frees the connections. */
const end = async ({ requests, watches }: Transport): Promise<void> => {
  await Promise.all([requests.close(), watches.destroy()]);
};

const canRenew = (auth: Auth): boolean => auth.kind === 'tokenFile' || auth.kind === 'login';

const queryString = (query: Query | undefined): string => {
  if (query === undefined) return '';
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) params.append(name, String(value));
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
};
