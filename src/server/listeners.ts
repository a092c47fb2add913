import { ConfigError } from '../lib/errors.ts';
import { debugPage } from './debug.ts';
import type { Inspect } from '../views/inspect.ts';
import type { Metrics } from './metrics.ts';
import { noSuchPage, type Page, textPage } from './page.ts';
import { serve, type Address, type HttpServer } from './serve.ts';

/** What the health of a replica goes by. */
export interface HealthOptions {
  /** Whether the caches are synced, so that this replica could lead. */
  readonly ready: () => boolean;
  /** What is wrong with this process so that only a restart helps, in words; undefined when it is well. */
  readonly unhealthy: () => string | undefined;
}

/** Answers /healthz and /readyz. */
function healthPage({ pathname }: URL, { ready, unhealthy }: HealthOptions): Page {
  switch (pathname) {
    case '/healthz': {
      const trouble = unhealthy();
      return trouble === undefined ? textPage(200, 'ok') : textPage(503, trouble);
    }
    case '/readyz':
      return ready() ? textPage(200, 'ok') : textPage(503, 'the caches of the cluster are not synced yet');
    default:
      return noSuchPage(pathname);
  }
}

/** The most connections that a listener holds at a time; a few scrapers and a few people need no more. */
const CONNECTIONS = 64;
/** More, because each of them costs little and every kubelet's probe must come through a crowd. */
const HEALTH_CONNECTIONS = 256;
/** A client has this long for the headers of a request, ms. */
const HEADERS_MS = 2_000;

/** What the listeners of the operator serve, and where. */
export interface ListenerOptions extends HealthOptions {
  /** Where /healthz and /readyz are served. */
  readonly health: Address;
  /** Where /metrics is served. */
  readonly http: Address;
  /** Where /debug/* is served; a loopback address. */
  readonly debug: Address;
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
  readonly inspect: Inspect;
}

/** The listeners of the operator, running. */
export interface Listeners {
  readonly health: HttpServer;
  readonly http: HttpServer;
  readonly debug: HttpServer;
  /** Closes all of them. */
  close(): Promise<void>;
}

/** /metrics, in the text format of Prometheus. */
async function metricsPage({ pathname }: URL, metrics: ListenerOptions['metrics']): Promise<Page> {
  if (pathname !== '/metrics') return noSuchPage(pathname);
  return { status: 200, type: metrics.contentType, body: await metrics.text() };
}

/**
 * Serves what the operator tells of itself, by three listeners, so that those who read one cannot keep others from
 * another: health for kubelets, metrics for Prometheus, debug pages for people with access to the Pod.
 * @throws ConfigError when an address cannot be had
 */
export async function listen(options: ListenerOptions): Promise<Listeners> {
  const limits = { connections: CONNECTIONS, headersMs: HEADERS_MS };
  const started = await Promise.allSettled([
    serve({
      ...limits,
      flag: 'health-address',
      address: options.health,
      connections: HEALTH_CONNECTIONS,
      page: (url) => healthPage(url, options),
    }),
    serve({
      ...limits,
      flag: 'http-address',
      address: options.http,
      page: (url) => metricsPage(url, options.metrics),
    }),
    serve({
      ...limits,
      flag: 'debug-address',
      address: options.debug,
      page: (url) => debugPage(url, options.inspect),
    }),
  ]);
  const servers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()));
  };
  const [health, http, debug] = servers;
  if (health && http && debug) return { health, http, debug, close };
  await close();
  const reasons = started.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
  throw new ConfigError(reasons.map(({ message }) => message).join('; '), { cause: reasons[0] });
}
