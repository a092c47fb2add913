import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError, messageOf } from '../lib/errors.ts';
import { debugPage, isDebugPath, type Page } from './debug.ts';
import type { Inspect } from './inspect.ts';
import type { Metrics } from './metrics.ts';

/** What is served, and where. */
export interface HttpOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
  readonly inspect: Inspect;
  /** Whether the caches are synced, so that this replica could lead. */
  readonly ready: () => boolean;
}

/** A server that runs. */
export interface HttpServer {
  /** Where it listens: http://host:port. */
  readonly url: string;
  /** Stops listening, lets answers that are under way finish for a moment, then cuts what is left. */
  close(): Promise<void>;
}

/** A client has this long to send a request, and to take its answer, ms. */
const CLIENT_MS = 10_000;
/** Connections at a time; probes, Prometheus and a few people need no more. */
const MOST_CONNECTIONS = 64;
/** How long close() waits for answers that are under way, ms. */
const GRACE_MS = 500;

const text = (status: number, body: string): Page => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: `${body}\n`,
});

async function page(url: URL, { metrics, inspect, ready }: HttpOptions): Promise<Page> {
  switch (url.pathname) {
    case '/healthz':
      return text(200, 'ok');
    case '/readyz':
      return ready() ? text(200, 'ok') : text(503, 'the caches of the cluster are not synced yet');
    case '/metrics':
      return { status: 200, type: metrics.contentType, body: await metrics.text() };
    default:
      return isDebugPath(url.pathname) ? debugPage(url, inspect) : text(404, `there is no ${url.pathname}`);
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpOptions,
): Promise<void> {
  // A reader that stalls, or drips, must not hold memory and a connection for good.
  const deadline = setTimeout(() => response.destroy(), CLIENT_MS).unref();
  response.once('close', () => clearTimeout(deadline));
  let result: Page;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    result = text(405, `${request.method} is not allowed: this server only reads`);
  } else {
    try {
      result = await page(new URL(request.url ?? '/', 'http://proffer'), options);
    } catch (error) {
      result = text(error instanceof TypeError ? 400 : 500, messageOf(error));
    }
  }
  response.writeHead(result.status, {
    'content-type': result.type,
    'content-length': Buffer.byteLength(result.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(result.body);
}

/**
 * Serves /healthz, /readyz, /metrics and /debug/{matrices,offers,roles}. Nothing can be changed through it.
 * @throws ConfigError when the address cannot be had
 */
export async function serveHttp(options: HttpOptions): Promise<HttpServer> {
  const { host, port } = options;
  const server = createServer(
    {
      requestTimeout: CLIENT_MS,
      headersTimeout: CLIENT_MS / 2,
      keepAliveTimeout: CLIENT_MS,
      maxHeaderSize: 16_384,
    },
    (request, response) => void answer(request, response, options),
  );
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(new ConfigError(`--http-address ${host}:${port}: ${messageOf(error)}`, { cause: error }));
    });
    server.listen({ host, port }, resolve);
  });
  const address = server.address() as AddressInfo;
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${shown}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
