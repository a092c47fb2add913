import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  AllocateRequest,
  BeginRequest,
  Problem,
  ReleaseAnswer,
  ReleaseRequest,
  ReserveRequest,
  Session,
} from './types.ts';

export type * from './types.ts';

/** Where Kubernetes puts the token of a Pod's ServiceAccount. */
const TOKEN_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/token';
/** How long one attempt may take beside the time that it waits for a server, ms. */
const ATTEMPT_MS = 10_000;
/** Answers that pass by themselves: contention, too many calls or no free server, no leader, a proxy without the operator. */
const PASSING: readonly number[] = [409, 429, 502, 503, 504];

/** How a client reaches the allocation API. */
export interface ClientOptions {
  /** Such as https://proffer-allocation.proffer-system.svc. */
  readonly url: string;
  /** Namespace of the pools. */
  readonly namespace: string;
  /**
   * File with the token of the caller, read anew for each call, since kubelets renew it. That of the Pod when left out; false for
   * none, where `fetch` shows a certificate.
   */
  readonly tokenFile?: string | false;
  /** The global one when left out. */
  readonly fetch?: typeof fetch;
  /** How long a call is tried again, ms; 30,000 when left out. */
  readonly patienceMs?: number;
}

/** How one call is made. */
export interface CallOptions {
  /** Ends the call. A server that was given out meanwhile is taken back, unless its answer was on its way: release the session then. */
  readonly signal?: AbortSignal;
  /** As in {@link ClientOptions}, for this call; 0 tries once. */
  readonly patienceMs?: number;
}

/** A call that was not served, after all tries. */
export class AllocationFailed extends Error {
  override readonly name = 'AllocationFailed';
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** One of docs/reference/errors.md; empty when there was no answer of Proffer. */
  readonly code: string;
  /** The field of the request that is wrong. */
  readonly field: string | undefined;
  /** When to ask again, ms; undefined when nobody says. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    of: {
      status: number;
      code?: string;
      field?: string | undefined;
      retryAfterMs?: number | undefined;
      cause?: unknown;
    },
  ) {
    super(message, { cause: of.cause });
    this.status = of.status;
    this.code = of.code ?? '';
    this.field = of.field;
    this.retryAfterMs = of.retryAfterMs;
  }
}

type Of<Request> = Omit<Request, 'namespace'>;

/**
 * Gets servers for sessions. What fails for the moment is tried again with the same session, which gets the same server, however many
 * answers were lost. All methods throw {@link AllocationFailed}, the reason of the signal, or why the token cannot be read.
 */
export class AllocationClient {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Gives a session a server, or the one that it has. */
  allocate(wish: Of<AllocateRequest>, how?: CallOptions): Promise<Session> {
    return this.#post('allocate', wish, how);
  }

  /** Keeps a server for a session for some seconds; allocate with the same session takes it. */
  reserve(wish: Of<ReserveRequest>, how?: CallOptions): Promise<Session> {
    return this.#post('reserve', wish, how);
  }

  /** Says that a session has begun: `beginSeconds` ends nothing any more. */
  begin(of: Of<BeginRequest>, how?: CallOptions): Promise<Session> {
    return this.#post('begin', of, how);
  }

  /** Takes the server of a session back. @returns false when there was no such session */
  async release(of: Of<ReleaseRequest>, how?: CallOptions): Promise<boolean> {
    return (await this.#post<ReleaseAnswer>('release', of, how)).released;
  }

  /** The session with its server; undefined when it has none. */
  async session(session: string, how?: CallOptions): Promise<Session | undefined> {
    const { namespace } = this.#options;
    const path = `sessions/${encodeURIComponent(session)}?namespace=${encodeURIComponent(namespace)}`;
    try {
      return await this.#call<Session>(path, undefined, how);
    } catch (error) {
      if (error instanceof AllocationFailed && error.code === 'PROFFER_ALLOCATION_NOT_FOUND')
        return undefined;
      throw error;
    }
  }

  #post<T>(call: string, request: object, how?: CallOptions): Promise<T> {
    return this.#call<T>(call, { ...request, namespace: this.#options.namespace }, how);
  }

  async #call<T>(path: string, body: object | undefined, how: CallOptions = {}): Promise<T> {
    const end = Date.now() + (how.patienceMs ?? this.#options.patienceMs ?? 30_000);
    for (let tries = 0; ; tries++) {
      const { tokenFile = TOKEN_FILE } = this.#options;
      const token = tokenFile === false ? '' : (await readFile(tokenFile, 'utf8')).trim();
      try {
        return await this.#attempt<T>(token, path, body, how.signal);
      } catch (error) {
        how.signal?.throwIfAborted();
        const failure =
          error instanceof AllocationFailed
            ? error
            : new AllocationFailed(`no answer: ${String(error)}`, { status: 0, cause: error });
        // A little later than they are told, lest all come back at once.
        const pauseMs = (failure.retryAfterMs ?? Math.min(5000, 100 * 2 ** tries)) * (1 + Math.random() / 4);
        const passes = failure.status === 0 || PASSING.includes(failure.status);
        if (!passes || Date.now() + pauseMs > end) throw failure;
        await sleep(pauseMs, undefined, how.signal && { signal: how.signal }).catch(() => {});
        how.signal?.throwIfAborted();
      }
    }
  }

  async #attempt<T>(token: string, path: string, body?: object, signal?: AbortSignal): Promise<T> {
    const { url, fetch: send = fetch } = this.#options;
    const { waitSeconds = 0 } = (body ?? {}) as Partial<AllocateRequest>;
    const late = AbortSignal.timeout(ATTEMPT_MS + waitSeconds * 1000);
    const answer = await send(`${url.replace(/\/$/, '')}/v1/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        ...(token !== '' && { authorization: `Bearer ${token}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, late]) : late,
    });
    if (answer.ok) return (await answer.json()) as T;
    const text = await answer.text();
    const { detail, code, field }: Partial<Problem> = isProblem(answer) ? (JSON.parse(text) as Problem) : {};
    const seconds = Number(answer.headers.get('retry-after') ?? NaN);
    throw new AllocationFailed(detail ?? `status ${answer.status}: ${text.slice(0, 200)}`, {
      status: answer.status,
      code: code ?? '',
      field,
      retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
    });
  }
}

const isProblem = ({ headers }: Response): boolean =>
  headers.get('content-type')?.startsWith('application/problem+json') ?? false;
