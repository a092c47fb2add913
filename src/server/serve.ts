import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError, messageOf } from '../lib/errors.ts';
import { Connections } from './connections.ts';
import { textPage, type Page } from './page.ts';

/** Where a listener listens. */
export interface Address {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
}

/** One listener and what it serves. */
export interface ServeOptions {
  /** The flag that names the address, for the error when the address cannot be had. */
  readonly flag: string;
  readonly address: Address;
  /** Most connections at a time; where a new one finds no room, one without a request goes. */
  readonly connections: number;
  /** A client has this long for the headers of a request, ms. */
  readonly headersMs: number;
  /** The answer to a GET. What it throws becomes a 500. */
  readonly page: (url: URL) => Page | Promise<Page>;
}

/** A listener that runs. */
export interface HttpServer {
  /** Where it listens: http://host:port. */
  readonly url: string;
  /** Stops listening, lets answers that are under way finish for a moment, then cuts what is left. */
  close(): Promise<void>;
}

/** A client has this long to send a request, to take its answer, and to send another one after it, ms. */
const CLIENT_MS = 10_000;
/** How often connections are checked for being late, ms; Node's standard of 30 s would let them stay for so long. */
const CHECK_MS = 500;
/** How long close() waits for answers that are under way, ms. */
const GRACE_MS = 500;

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  page: ServeOptions['page'],
): Promise<void> {
  // A reader that stalls, or drips, must not hold memory and a connection for good.
  const deadline = setTimeout(() => response.destroy(), CLIENT_MS).unref();
  response.once('close', () => clearTimeout(deadline));
  let result: Page;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    result = textPage(405, `${request.method} is not allowed: this server only reads`);
  } else {
    try {
      result = await page(new URL(request.url ?? '/', 'http://proffer'));
    } catch (error) {
      result = textPage(error instanceof TypeError ? 400 : 500, messageOf(error));
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
 * Serves pages at an address, to be read only, to clients that are not trusted.
 * @throws ConfigError when the address cannot be had
 */
export async function serve(options: ServeOptions): Promise<HttpServer> {
  const { host, port } = options.address;
  const connections = new Connections(options.connections);
  const server = createServer(
    {
      requestTimeout: CLIENT_MS,
      headersTimeout: options.headersMs,
      keepAliveTimeout: CLIENT_MS,
      connectionsCheckingInterval: CHECK_MS,
      maxHeaderSize: 16_384,
    },
    (request, response) => {
      const { socket } = request;
      connections.asked(socket);
      response.once('close', () => connections.answered(socket));
      void answer(request, response, options.page);
    },
  );
  server.on('connection', (socket) => connections.add(socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(new ConfigError(`--${options.flag} ${host}:${port}: ${messageOf(error)}`, { cause: error }));
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
