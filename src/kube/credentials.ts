import { readFile } from 'node:fs/promises';
import type { Clock } from '../lib/clock.ts';
import { ConfigError, messageOf } from '../lib/errors.ts';
import type { Auth } from './access.ts';
import { runExecPlugin, type ExecPlugin, type Issued } from './exec-plugin.ts';

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
  #issuing: Promise<Issued> | undefined;
  #issuedUntil = 0;

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
    if (auth.kind === 'exec') return this.#fromPlugin(auth.plugin);
    return (this.#cached ??= { headers: auth.kind === 'headers' ? auth.headers : {} });
  }

  /** The API server answered 401: whatever is cached is read or made again. */
  invalidate(): void {
    this.#cached = undefined;
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

  async #fromPlugin(plugin: ExecPlugin): Promise<Credential> {
    if (this.#cached !== undefined && this.#clock.now() < this.#issuedUntil) return this.#cached;
    // However many requests wait for it, the plugin runs once.
    this.#issuing ??= runExecPlugin(plugin, this.#clock).finally(() => {
      this.#issuing = undefined;
    });
    const { credential, untilMs } = await this.#issuing;
    this.#issuedUntil = untilMs;
    return (this.#cached = credential);
  }
}
