import { readFile } from 'node:fs/promises';
import type { Clock } from '../lib/clock.ts';
import { ConfigError, messageOf } from '../lib/errors.ts';
import type { LoginTerms, Auth } from './cluster-access.ts';
import type { Credential, Login } from './login.ts';

/** A token file is read again after this long, milliseconds; projected tokens are renewed at 80 % of their life. */
const tokenFileMs = 30_000;

/** Keeps the credential of an `Auth` fresh. */
export class Credentials {
  readonly #auth: Auth;
  readonly #clock: Clock;
  #cached: Credential | undefined;
  #cachedAt = 0;
  #login: Promise<Login> | undefined;

  constructor(auth: Auth, clock: Clock) {
    this.#auth = auth;
    this.#clock = clock;
  }

  /** The credential to use now. Throws ConfigError when a file or plugin fails and nothing older is at hand. */
  async current(): Promise<Credential> {
    const auth = this.#auth;
    if (auth.kind === 'tokenFile') return this.#fromTokenFile(auth.path);
    if (auth.kind === 'login') return this.#fromLogin(auth);
    return (this.#cached ??= { headers: auth.kind === 'headers' ? auth.headers : {} });
  }

  /** The API server answered 401: whatever is cached is read or made again. */
  invalidate(): void {
    this.#cached = undefined;
    void this.#login?.then((login) => login.forget());
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

  async #fromLogin(terms: LoginTerms): Promise<Credential> {
    this.#login ??= import('./login.ts').then(({ Login }) => new Login(terms, this.#clock));
    return (await this.#login).credential();
  }
}
