import type { FastifyReply, FastifyRequest } from 'fastify';
import { Agent } from 'undici';
import { AllocationError } from '../../allocation/errors.ts';
import type { User } from '../../kube/reviews.ts';
import { messageOf } from '../../lib/errors.ts';
import { callerHeader } from './papers.ts';
import type { Certificate } from './tls.ts';

/** Says that a call was forwarded once; it is not forwarded again. */
const FORWARDED = 'x-proffer-forwarded';

/** What is passed on of a request, and of its answer. */
const ASKED = ['authorization', 'content-type'];
const ANSWERED = ['content-type', 'retry-after', 'www-authenticate'];

/** The longest that the leader may take, ms: the longest wait for a server, and a little. */
const PATIENCE_MS = 75_000;

/**
 * Passes calls on to the leader, with the caller's own token: it is the leader that asks who that is. Who showed a certificate is named
 * to it.
 */
export class Forwarder {
  readonly #leader: () => string;
  readonly #certificate: () => Certificate | undefined;
  #agent: { readonly certificate: Certificate | undefined; readonly agent: Agent } | undefined;

  /**
   * @param leader address of the leader, such as https://10.0.0.7:8443; empty while there is none
   * @param certificate of the API, which all replicas have; undefined where it is served in the clear
   */
  constructor(leader: () => string, certificate: () => Certificate | undefined) {
    this.#leader = leader;
    this.#certificate = certificate;
  }

  /**
   * Passes a call on, and its answer back.
   * @param caller who calls, when a certificate says so
   * @throws AllocationError when no leader answers
   */
  async pass(
    request: FastifyRequest,
    caller: User | undefined,
    reply: FastifyReply,
    signal: AbortSignal,
  ): Promise<void> {
    const origin = this.#leader();
    if (origin === '' || request.headers[FORWARDED] !== undefined)
      throw noLeader('no replica leads at the moment');
    const headers: Record<string, string> = { [FORWARDED]: '1', ...(caller ? callerHeader(caller) : {}) };
    for (const name of ASKED) {
      const value = request.headers[name];
      if (typeof value === 'string') headers[name] = value;
    }
    try {
      const answer = await this.#connections().request({
        origin,
        path: request.url,
        method: request.method as 'GET' | 'POST' | 'PUT',
        headers,
        body: request.body === undefined ? null : JSON.stringify(request.body),
        signal,
        headersTimeout: PATIENCE_MS,
      });
      const body = await answer.body.text();
      for (const name of ANSWERED) {
        const value = answer.headers[name];
        if (typeof value === 'string') void reply.header(name, value);
      }
      await reply.code(answer.statusCode).serializer(String).send(body);
    } catch (error) {
      signal.throwIfAborted();
      throw noLeader(`the replica that leads does not answer (${messageOf(error)})`);
    }
  }

  async close(): Promise<void> {
    await this.#agent?.agent.destroy();
  }

  /** All replicas have the certificate of the Service; it does not name the address of one of them. */
  #connections(): Agent {
    const certificate = this.#certificate();
    if (!this.#agent || this.#agent.certificate !== certificate) {
      void this.#agent?.agent.close();
      const { cert, key, ca } = certificate ?? {};
      const own = certificate ? { cert, key, ca } : {};
      const connect = { ...own, checkServerIdentity: () => undefined };
      this.#agent = { certificate, agent: new Agent({ connections: 256, connect }) };
    }
    return this.#agent.agent;
  }
}

const noLeader = (what: string): AllocationError =>
  new AllocationError('PROFFER_ALLOCATION_NO_LEADER', `${what}: send the same call again`, {
    retryAfter: 1,
  });
