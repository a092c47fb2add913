import type { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import { AllocationError } from '../../allocation/errors.ts';
import type { User } from '../../kube/reviews.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Certificate } from './tls.ts';

/** By which a replica says who calls, when it passes on a call of somebody who showed a certificate. */
export const CALLER = 'x-proffer-caller';

/** The first certificate of a text in PEM, in base64. */
const inBase64 = (pem: string): string | undefined =>
  /-----BEGIN CERTIFICATE-----([^-]+)/.exec(pem)?.[1]?.replaceAll(/\s/g, '');

/** What Kubernetes itself goes by: no certificate names it, lest the nodes of a cluster, or worse, be callers. */
const isOfSystem = (name: string): boolean => name.startsWith('system:');

/**
 * Callers by the certificates that they show, as the API server knows them: the common name is who they are, organisations are their
 * groups. Another replica shows the certificate of the API itself, and is believed who its caller is.
 */
export class Papers {
  readonly #certificates: () => readonly Pick<Certificate, 'cert'>[];
  readonly #clock: Pick<Clock, 'now'>;

  /** @param certificates of the API: the one that it has, and the one before, which another replica may still have */
  constructor(certificates: () => readonly Pick<Certificate, 'cert'>[], clock: Pick<Clock, 'now'>) {
    this.#certificates = certificates;
    this.#clock = clock;
  }

  /** Who calls; undefined when no certificate says so. @throws AllocationError for one of a replica that has another certificate */
  user(request: FastifyRequest): User | undefined {
    const socket = request.raw.socket as TLSSocket;
    const caller = request.headers[CALLER];
    if (typeof caller === 'string') return this.#passedOn(socket, caller);
    if (!socket.authorized) return undefined;
    const { subject, valid_to: end } = socket.getPeerCertificate();
    // It was looked at when the connection began, which may be long ago.
    if (Date.parse(end) <= this.#clock.now()) return undefined;
    const { CN, O } = subject as Record<'CN' | 'O', string | string[] | undefined>;
    const [name = ''] = [CN ?? ''].flat();
    if (name === '' || isOfSystem(name)) return undefined;
    const groups = [O ?? []].flat().filter((group) => !isOfSystem(group));
    return { name, uid: '', groups: [...groups, 'system:authenticated'], extra: {} };
  }

  #passedOn(socket: TLSSocket, caller: string): User {
    const shown = socket.getPeerCertificate().raw?.toString('base64');
    const isReplica =
      shown !== undefined && this.#certificates().some(({ cert }) => inBase64(cert) === shown);
    if (isReplica) return JSON.parse(decodeURIComponent(caller)) as User;
    throw new AllocationError(
      'PROFFER_ALLOCATION_NO_LEADER',
      'the replicas have different certificates at the moment: send the same call again',
      { retryAfter: 1 },
    );
  }
}

/** A header that says who calls. */
export const callerHeader = (user: User): Record<string, string> => ({
  [CALLER]: encodeURIComponent(JSON.stringify(user)),
});
