import { createHash } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import type { KubeClient } from './client.ts';

/** Somebody whom the API server knows. */
export interface User {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** What somebody wants to do. */
export interface Access {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly verb: string;
  readonly namespace: string;
}

/** How long a yes of the API server counts, ms, and a no, which is to be mended soon. */
const YES_MS = 10_000;
const NO_MS = 2_000;
/** Most answers that are kept of each kind. */
const MOST = 4096;

interface Kept<T> {
  readonly answer: Promise<T>;
  until: number;
}

/** Answers that are remembered for a while; those who ask at once share one. */
class Memory<T> {
  readonly #kept = new Map<string, Kept<T>>();
  readonly #clock: Clock;
  readonly #lasts: (answer: T) => number;

  constructor(clock: Clock, lasts: (answer: T) => number) {
    this.#clock = clock;
    this.#lasts = lasts;
  }

  ask(key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#kept.get(key);
    if (known && known.until > this.#clock.monotonic()) return known.answer;
    const kept: Kept<T> = { answer: ask(), until: Infinity };
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    // The oldest goes: a crowd of callers must not fill the memory.
    if (this.#kept.size > MOST) this.#kept.delete(this.#kept.keys().next().value!);
    kept.answer.then(
      (answer) => (kept.until = this.#clock.monotonic() + this.#lasts(answer)),
      () => this.#kept.get(key) === kept && this.#kept.delete(key),
    );
    return kept.answer;
  }
}

interface TokenReview {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly audiences?: readonly string[];
    readonly user?: {
      readonly username?: string;
      readonly uid?: string;
      readonly groups?: readonly string[];
      readonly extra?: Readonly<Record<string, readonly string[]>>;
    };
  };
}

interface AccessReview {
  readonly status?: { readonly allowed?: boolean };
}

/** Asks the API server who somebody is and what they may do, and remembers the answers for seconds. */
export class Reviews {
  readonly #client: Pick<KubeClient, 'request'>;
  readonly #users: Memory<User | undefined>;
  readonly #rights: Memory<boolean>;

  constructor(client: Pick<KubeClient, 'request'>, clock: Clock) {
    this.#client = client;
    this.#users = new Memory<User | undefined>(clock, (user) => (user ? YES_MS : NO_MS));
    this.#rights = new Memory<boolean>(clock, (may) => (may ? YES_MS : NO_MS));
  }

  /**
   * Whose token that is; undefined when it is nobody's.
   * @param audience whom the token is for; the API server when left out
   * @throws KubeError
   */
  user(token: string, audience?: string): Promise<User | undefined> {
    // A hash, so that no token stays in memory.
    const key = `${createHash('sha256').update(token).digest('base64')} ${audience ?? ''}`;
    const spec = audience === undefined ? { token } : { token, audiences: [audience] };
    return this.#users.ask(key, async () => {
      const review = await this.#client.request<TokenReview>({
        method: 'POST',
        path: '/apis/authentication.k8s.io/v1/tokenreviews',
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec },
      });
      const { authenticated = false, audiences = [], user } = review.status ?? {};
      if (!authenticated || !user?.username) return undefined;
      // Who answers without a word of audiences has checked none: the token may be one for the API server.
      if (audience !== undefined && !audiences.includes(audience)) return undefined;
      const { username: name, uid = '', groups = [], extra = {} } = user;
      return { name, uid, groups, extra };
    });
  }

  /** Whether somebody may do something. @throws KubeError */
  may(user: User, { namespace, verb, group, resource, subresource }: Access): Promise<boolean> {
    const key = JSON.stringify([user, namespace, verb, group, resource, subresource]);
    return this.#rights.ask(key, async () => {
      const review = await this.#client.request<AccessReview>({
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: {
            resourceAttributes: { namespace, verb, group, resource, subresource },
            user: user.name,
            uid: user.uid,
            groups: user.groups,
            extra: user.extra,
          },
        },
      });
      return review.status?.allowed ?? false;
    });
  }
}
