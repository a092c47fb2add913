import type { FastifyRequest } from 'fastify';
import { AllocationError } from '../../allocation/errors.ts';
import { GROUP } from '../../api/group.ts';
import type { Reviews, User } from '../../kube/reviews.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Papers } from './papers.ts';
import { Rates } from './rates.ts';

/** Who calls, and what they may do: Kubernetes knows. */
export class Callers {
  readonly #reviews: Pick<Reviews, 'user' | 'may'>;
  readonly #rates: Rates;
  readonly #papers: Papers | undefined;
  readonly #known = new WeakMap<FastifyRequest, User>();

  /**
   * @param perSecond the most calls of one caller a second
   * @param papers knows callers by certificates; undefined where they show none
   */
  constructor(
    reviews: Pick<Reviews, 'user' | 'may'>,
    perSecond: number,
    clock: Clock,
    papers: Papers | undefined,
  ) {
    this.#reviews = reviews;
    this.#papers = papers;
    this.#rates = new Rates(perSecond, clock);
  }

  /** Who calls, as a certificate says; undefined for a call with a token, which comes first. @throws AllocationError */
  byCertificate(request: FastifyRequest): User | undefined {
    return request.headers.authorization === undefined ? this.#papers?.user(request) : undefined;
  }

  /** Finds out who calls, by the token of the request or a certificate. @throws AllocationError */
  async authenticate(request: FastifyRequest): Promise<void> {
    const such = `that of a ServiceAccount${this.#papers ? '; or show a certificate that counts' : ''}`;
    const user =
      this.byCertificate(request) ?? (await userOf(request, (token) => this.#reviews.user(token), such));
    if (!this.#rates.take(user.name)) throw tooOften(user.name);
    this.#known.set(request, user);
  }

  /** Asks whether the caller may do that in a namespace. @throws AllocationError */
  async authorize(request: FastifyRequest, verb: 'create' | 'get', namespace: string): Promise<void> {
    const user = this.#known.get(request);
    const access = { group: GROUP, resource: 'gameserverpools', subresource: 'allocate', verb, namespace };
    if (user && (await asked(this.#reviews.may(user, access)))) return;
    throw new AllocationError(
      'PROFFER_ALLOCATION_FORBIDDEN',
      `${user?.name} may not ${verb} gameserverpools/allocate of ${GROUP} in namespace ${namespace}: bind a Role with that right`,
    );
  }
}

/**
 * Who sends a request, by the token in it.
 * @param review asks the API server whose token that is
 * @param such a token that would do, in words
 * @throws AllocationError when it is nobody's
 */
export async function userOf(
  request: FastifyRequest,
  review: (token: string) => Promise<User | undefined>,
  such: string,
): Promise<User> {
  const token = /^Bearer ([^\s]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const user = token === undefined ? undefined : await asked(review(token));
  if (user) return user;
  throw new AllocationError(
    'PROFFER_ALLOCATION_UNAUTHENTICATED',
    `send a token that the API server knows as Authorization: Bearer TOKEN, such as ${such}`,
  );
}

/** Somebody has to call less often. */
export const tooOften = (who: string): AllocationError =>
  new AllocationError('PROFFER_ALLOCATION_TOO_MANY', `${who} calls too often`, { retryAfter: 1 });

/** The answer of the API server. @throws AllocationError when it gives none */
async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const message = `the Kubernetes API cannot be asked about the caller: ${messageOf(error)}`;
    throw new AllocationError('PROFFER_ALLOCATION_API', message, { retryAfter: 1, cause: error });
  }
}
