import type { Readable } from 'node:stream';
import { Pool, buildConnector, type Dispatcher } from 'undici';
import { systemClock, type Clock } from '../lib/clock.ts';
import { loadAccess, type AccessOptions, type Auth, type ClusterAccess } from './access.ts';
import { Credentials, type Credential } from './credentials.ts';
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
  /** Sent as JSON. */
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
  /** Parsed. */
  body: T;
  /** Its length before that. */
  bytes: number;
}

/** A watch to open; `watch=true` is added to the query. */
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
  readonly #requests: Pool;
  readonly #watches: Pool;
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
    this.#basePath = url.pathname.replace(/\/+$/, '');
    // The API server closes idle connections after 90 s; we do it first, lest a POST meets the close half-way.
    const common = { pipelining: 1, allowH2: false, keepAliveTimeout: 30_000, connect: this.#connector() };
    this.#requests = new Pool(url.origin, { ...common, connections });
    this.#watches = new Pool(url.origin, { ...common, connections: null });
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
    const opened = await this.#open(this.#requests, request, false, timeoutMs);
    try {
      const raw = await readBody(opened, request.mostBytes);
      const body = (raw.length === 0 ? undefined : JSON.parse(raw.toString())) as T;
      this.#measure(opened, opened.response.statusCode);
      return { body, bytes: raw.length };
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
  async watch(request: WatchRequest): Promise<Readable> {
    const query = { ...request.query, watch: true };
    const opened = await this.#open(this.#watches, { ...request, method: 'GET', query }, true, 0);
    this.#measure(opened, opened.response.statusCode);
    return opened.response.body;
  }

  /** Lets requests in flight finish, cuts watches, and frees the connections. Closing again changes nothing. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.all([this.#requests.close(), this.#watches.destroy()]);
  }

  /** Sends the request; returns when the headers of a good answer arrived. */
  async #open(pool: Pool, request: KubeRequest, watch: boolean, bodyTimeout: number): Promise<Opened> {
    const kind = requestKind(request.method, request.path, watch);
    const { mayGo } = request;
    const dispatcher = mayGo === undefined ? pool : pool.compose(lastGate(mayGo, describeKind(kind)));
    for (let fresh = false; ; fresh = true) {
      request.signal?.throwIfAborted();
      const credential = await this.#credentials.current();
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
      method: request.method,
      path: this.#basePath + request.path + queryString(request.query),
      headers,
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal: request.signal ?? null,
      headersTimeout: request.timeoutMs ?? 30_000,
      bodyTimeout,
    };
  }

  /** Connects with the certificate of the hour: an exec plugin may issue a new one at any time. */
  #connector(): buildConnector.connector {
    const { tls } = this.access;
    const build = (own: Pick<Credential, 'cert' | 'key'>) =>
      buildConnector({
        ...tls,
        ...own,
        allowH2: false,
        keepAlive: true,
        keepAliveInitialDelay: 30_000,
        timeout: 10_000,
      });
    let connect = build({});
    let cert: string | undefined;
    return (options, callback) => {
      const credential = this.#credentials.latest;
      if (credential?.cert !== cert) {
        cert = credential?.cert;
        connect = build(
          credential?.cert && credential.key ? { cert: credential.cert, key: credential.key } : {},
        );
      }
      connect(options, callback);
    };
  }

  #measure(of: { kind: RequestKind; startedAt: number }, status: number): void {
    const durationMs = this.#clock.monotonic() - of.startedAt;
    this.#onRequest?.({ verb: of.kind.verb, resource: of.kind.resource, status, durationMs });
  }
}

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

const canRenew = (auth: Auth): boolean => auth.kind === 'tokenFile' || auth.kind === 'exec';

const queryString = (query: Query | undefined): string => {
  if (query === undefined) return '';
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) params.append(name, String(value));
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
};
