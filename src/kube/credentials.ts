import { readFile } from 'node:fs/promises';
import type { Clock } from '../lib/clock.ts';
import { ConfigError, messageOf } from '../lib/errors.ts';
import type { Auth } from './access.ts';

/** What a request needs to be let in. */
export interface Credential {
  headers: Readonly<Record<string, string>>;
  /** Client certificate and key (PEM) that an exec plugin issued. */
  cert?: string;
  key?: string;
}

/** A token file is read again after this long, milliseconds; projected tokens are renewed at 80 % of their life. */
const tokenFileMs = 30_000;

/** Keeps the credential of an `Auth` fresh. */
export class Credentials {
  readonly #auth: Auth;
  readonly #clock: Clock;
  #cached: Credential | undefined;
  #cachedAt = 0;
  #plugin: Promise<() => Promise<Credential>> | undefined;

  constructor(auth: Auth, clock: Clock) {
    this.#auth = auth;
    this.#clock = clock;
  }

  /** The credential that `current` returned last. */
  get latest(): Credential | undefined {
    return this.#cached;
  }

  /** The credential to use now. Throws ConfigError when a file or plugin fails and nothing older is at hand. */
  async current(): Promise<Credential> {
    const auth = this.#auth;
    if (auth.kind === 'tokenFile') return this.#fromTokenFile(auth.path);
    if (auth.kind === 'plugin') {
      this.#plugin ??= startPlugin(auth.kubeconfig);
      return (this.#cached = await (await this.#plugin)());
    }
    return (this.#cached ??= { headers: auth.kind === 'headers' ? auth.headers : {} });
  }

  /** The API server answered 401: whatever is cached is read or made again. */
  invalidate(): void {
    this.#cached = undefined;
    this.#plugin = undefined;
  }

  async #fromTokenFile(path: string): Promise<Credential> {
    const now = this.#clock.monotonic();
    if (this.#cached !== undefined && now - this.#cachedAt < tokenFileMs) return this.#cached;
    try {
      const token = (await readFile(path, 'utf8')).trim();
      this.#cached = { headers: { authorization: `Bearer ${token}` } };
      this.#cachedAt = now;
    } catch (error) {
      if (this.#cached === undefined) {
        throw new ConfigError(`token file ${path} cannot be read: ${messageOf(error)}`, { cause: error });
      }
    }
    return this.#cached;
  }
}

/**
 * Exec plugins and auth providers are client-node's. It is loaded only here: its generated models take more
 * than a second and 80 MB to load, which a Pod with a service account and a kubeconfig with certificates save.
 */
const startPlugin = async (kubeconfig: string): Promise<() => Promise<Credential>> => {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  return async () => {
    const options: { headers?: Record<string, string>; cert?: unknown; key?: unknown } = {};
    try {
      await config.applyToHTTPSOptions(options as Parameters<typeof config.applyToHTTPSOptions>[0]);
    } catch (error) {
      throw new ConfigError(`the credential plugin of the kubeconfig failed: ${messageOf(error)}`, {
        cause: error,
      });
    }
    const credential: Credential = { headers: options.headers ?? {} };
    if (typeof options.cert === 'string') credential.cert = options.cert;
    if (typeof options.key === 'string') credential.key = options.key;
    return credential;
  };
};
