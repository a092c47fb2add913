import { readFileSync } from 'node:fs';
import { Agent, request, type Dispatcher } from 'undici';
import { certificateFile, keyFile } from './certificates.ts';
import { ClusterError } from './errors.ts';

/** The little of a Kubernetes object that this folder reads. */
export interface KubeObject {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly taints?: readonly { readonly key: string }[] };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** A bare client of one API server, as its administrator, for what must be fast or before kubectl is of use. */
export class ApiClient {
  readonly #agent: Agent;
  readonly #server: string;

  /** @param connections most connections at one time */
  constructor(server: string, pki: string, connections = 8) {
    this.#server = server;
    this.#agent = new Agent({
      connections,
      connect: {
        ca: readFileSync(certificateFile(pki, 'ca')),
        cert: readFileSync(certificateFile(pki, 'admin')),
        key: readFileSync(keyFile(pki, 'admin')),
      },
    });
  }

  async #send(method: Dispatcher.HttpMethod, path: string, body?: unknown): Promise<string> {
    const merge = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const answer = await request(`${this.#server}${path}`, {
      method,
      dispatcher: this.#agent,
      headersTimeout: 30_000,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': merge } }),
    });
    const text = await answer.body.text();
    if (answer.statusCode < 300) return text;
    throw new ClusterError('CommandFailed', `${method} ${path}: ${answer.statusCode} ${text.slice(0, 500)}`);
  }

  /** @throws ClusterError CommandFailed for any status but 2xx; so do the others */
  async get(path: string): Promise<string> {
    return this.#send('GET', path);
  }

  /** The items of a list. */
  async list(path: string): Promise<readonly KubeObject[]> {
    return (JSON.parse(await this.get(path)) as { items: readonly KubeObject[] }).items;
  }

  /** Creates an object and returns it as stored. */
  async create(path: string, object: unknown): Promise<KubeObject> {
    return JSON.parse(await this.#send('POST', path, object)) as KubeObject;
  }

  /** Merge patch. */
  async patch(path: string, patch: unknown): Promise<void> {
    await this.#send('PATCH', path, patch);
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
