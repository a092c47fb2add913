import type { AddressInfo, Socket } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { AllocationError } from '../../allocation/errors.ts';
import type { Log } from '../../kube/types.ts';
import type { Reviews } from '../../kube/reviews.ts';
import type { Clock } from '../../lib/clock.ts';
import { ConfigError, messageOf } from '../../lib/errors.ts';
import type { AllocationCall } from '../metrics.ts';
import type { Address } from '../serve.ts';
import { addCalls, whileCalling, type CounterCalls, type Desk } from './calls.ts';
import { Callers } from './callers.ts';
import { Forwarder } from './forward.ts';
import { Papers } from './papers.ts';
import { SELF, Servers } from './servers.ts';
import { noSuchCall, problemHandler } from './problem.ts';
import { RenewedCertificate, tookAuthority, type Certificate } from './tls.ts';

/** The longest request, bytes. */
const MOST_BYTES = 65_536;
/** The most calls at a time, of all callers together. */
const MOST_CALLS = 4096;
/** A client has this long to send a request, ms. */
const REQUEST_MS = 10_000;
/** How long a connection stays open without a request, ms; matchmakers keep theirs. */
const IDLE_MS = 75_000;

/** What the API of matchmakers is served by, and where. */
export interface AllocationApiOptions {
  readonly address: Address;
  /** Folder with tls.crt and tls.key; plain HTTP when left out. */
  readonly tls?: string;
  /** Folder with ca.crt: callers may show certificates that it signed. */
  readonly clientCa?: string;
  /** Host by which the other replicas reach it. */
  readonly advertise: string;
  /** The most calls of one caller a second. */
  readonly callsPerSecond: number;
  readonly desk: Desk;
  readonly counters: CounterCalls;
  readonly reviews: Pick<Reviews, 'user' | 'may'>;
  /** Whether calls are answered here; else they are passed on to the leader. */
  readonly leads: () => boolean;
  /** Address of the leader; empty while there is none. */
  readonly leader: () => string;
  readonly clock: Clock;
  readonly log: Log;
  /** Called for each call that ended. */
  readonly onCall: (call: AllocationCall) => void;
}

/** The API of matchmakers, running. */
export interface AllocationApi {
  /** Where it listens: https://host:port. */
  readonly url: string;
  /** Where the other replicas reach it. */
  readonly advertised: string;
  close(): Promise<void>;
}

/** What connections are secured by. Who shows no certificate is asked for a token. */
const secureBy = ({ cert, key, clients }: Certificate) => ({
  cert,
  key,
  ...(clients === undefined ? {} : { ca: clients, requestCert: true, rejectUnauthorized: false }),
});

/** A server that speaks HTTP/1.1, and HTTP/2 where it has a certificate. */
function makeServer(certificate: RenewedCertificate | undefined): FastifyInstance {
  const common = {
    bodyLimit: MOST_BYTES,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: IDLE_MS,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
  } as const;
  if (!certificate) return fastify(common);
  const secure = fastify({
    ...common,
    http2: true,
    https: { allowHTTP1: true, ...secureBy(certificate.current), minVersion: 'TLSv1.2' },
  });
  return secure as unknown as FastifyInstance;
}

/**
 * Follows who is connected. TLS asks for a certificate once, when a connection begins.
 * @returns cuts all connections, those too that have not shown yet what they come with
 */
function followConnections(app: FastifyInstance): () => void {
  const open = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return () => open.forEach((socket) => socket.destroy());
}

/** Has a server turn away what comes when too many calls are under way, and tell of each call that ended. */
function countCalls(app: FastifyInstance, { onCall }: AllocationApiOptions): void {
  let under = 0;
  app.addHook('onRequest', async (_, reply) => {
    under++;
    reply.raw.once('close', () => under--);
    if (under > MOST_CALLS)
      throw new AllocationError('PROFFER_ALLOCATION_TOO_MANY', `${MOST_CALLS} calls are under way already`, {
        retryAfter: 1,
      });
  });
  app.addHook('onResponse', async ({ routeOptions }, { statusCode: status, elapsedTime: durationMs }) => {
    const call = routeOptions.schema?.operationId;
    if (call !== undefined) onCall({ call, status, durationMs });
  });
}

/**
 * Serves the API of matchmakers. The leader answers; the other replicas pass calls on to it.
 * @throws ConfigError when the address or the certificate cannot be had
 */
export async function serveAllocation(options: AllocationApiOptions): Promise<AllocationApi> {
  const { address, tls, clientCa, desk, counters, reviews, leads, leader, clock, log, callsPerSecond } =
    options;
  const certificate =
    tls === undefined ? undefined : await RenewedCertificate.in({ own: tls, clients: clientCa });
  const app = makeServer(certificate);
  const papers = clientCa === undefined ? undefined : new Papers(() => certificate?.lately ?? [], clock);
  const callers = new Callers(reviews, callsPerSecond, clock, papers);
  const servers = new Servers(reviews, clock);
  const forwarder = new Forwarder(leader, () => certificate?.current);
  const fault = (error: Error) =>
    log.error({ error: messageOf(error), stack: error.stack }, 'an allocation call failed');
  app.setErrorHandler(problemHandler(fault));
  app.setNotFoundHandler(noSuchCall);
  countCalls(app, options);
  app.addHook('preValidation', async (request, reply) => {
    const { schema, url = '' } = request.routeOptions;
    if (schema?.operationId === undefined) return;
    const isServer = url.startsWith(SELF);
    if (leads()) return (isServer ? servers : callers).authenticate(request);
    const caller = isServer ? undefined : callers.byCertificate(request);
    await forwarder.pass(request, caller, reply, whileCalling(reply));
    return reply;
  });
  await addCalls(app, desk, counters, {
    authorize: (request, verb, namespace) => callers.authorize(request, verb, namespace),
    self: (request) => servers.self(request),
  });

  const cutConnections = followConnections(app);
  const stop = new AbortController();
  try {
    await app.listen({ host: address.host, port: address.port });
  } catch (error) {
    throw new ConfigError(`--allocation-address ${address.host}:${address.port}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  void certificate?.follow(clock, stop.signal, {
    renewed: (found, before) => {
      (app.server as unknown as { setSecureContext(context: object): void }).setSecureContext(
        secureBy(found),
      );
      if (tookAuthority(before, found)) cutConnections();
      log.info({}, 'the certificate of the allocation API was renewed');
    },
    trouble: (error) =>
      log.warn({ error }, 'a new certificate of the allocation API cannot be used, the old one stays'),
  });
  const { port } = app.server.address() as AddressInfo;
  const at = (host: string): string =>
    `${certificate ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url: at(address.host),
    advertised: at(options.advertise),
    async close() {
      stop.abort();
      await app.close();
      await forwarder.close();
    },
  };
}
