import type { FastifyRequest } from 'fastify';
import { AllocationError } from '../../allocation/errors.ts';
import { GROUP } from '../../api/group.ts';
import type { Reviews, User } from '../../kube/reviews.ts';
import type { Clock } from '../../lib/clock.ts';
import { tooOften, userOf } from './callers.ts';
import { Rates } from './rates.ts';

/** Begins the paths of calls that servers make about themselves. */
export const SELF = '/v1/self/';

/** Which token such a call takes. */
export const SELF_TOKEN = `a ServiceAccount token of audience ${GROUP} that is projected into the Pod of the server`;

/** How often one server may call: a second, and at once after a rest. */
const PER_SECOND = 1;
const BURST = 5;
/** How often all servers of a namespace may: most calls are writes. */
const NAMESPACE_PER_SECOND = 100;

/** The Pod that calls. */
export interface Self {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** Servers that call about themselves: their token says which Pod they are, nothing else does. */
export class Servers {
  readonly #reviews: Pick<Reviews, 'user'>;
  readonly #pods: Rates;
  readonly #namespaces: Rates;
  readonly #known = new WeakMap<FastifyRequest, Self>();

  constructor(reviews: Pick<Reviews, 'user'>, clock: Clock) {
    this.#reviews = reviews;
    this.#pods = new Rates(PER_SECOND, clock, BURST);
    this.#namespaces = new Rates(NAMESPACE_PER_SECOND, clock);
  }

  /** Finds out which Pod calls. @throws AllocationError */
  async authenticate(request: FastifyRequest): Promise<void> {
    // A token for the API server is not taken: a server has no reason to send that to anybody else.
    const user = await userOf(request, (token) => this.#reviews.user(token, GROUP), SELF_TOKEN);
    const self = podOf(user);
    if (!self)
      throw new AllocationError(
        'PROFFER_ALLOCATION_FORBIDDEN',
        `the token of ${user.name} is bound to no Pod: send ${SELF_TOKEN}`,
      );
    const { namespace, name, uid } = self;
    if (!this.#pods.take(uid)) throw tooOften(`Pod ${namespace}/${name}`);
    if (!this.#namespaces.take(namespace)) throw tooOften(`namespace ${namespace}, all its Pods together,`);
    this.#known.set(request, self);
  }

  /** The Pod that calls. */
  self(request: FastifyRequest): Self {
    return this.#known.get(request)!;
  }
}

/** The Pod that the token of somebody is bound to; undefined when it is to none. */
function podOf({ name: account, extra }: User): Self | undefined {
  const namespace = /^system:serviceaccount:([^:]+):[^:]+$/.exec(account)?.[1];
  const name = extra['authentication.kubernetes.io/pod-name']?.[0];
  const uid = extra['authentication.kubernetes.io/pod-uid']?.[0];
  return namespace && name && uid ? { namespace, name, uid } : undefined;
}
