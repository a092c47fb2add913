import type { RequestOptions } from 'node:https';
import { KubeConfig, type User } from '@kubernetes/client-node';
import type { Clock } from '../lib/clock.ts';
import { ConfigError, messageOf } from '../lib/errors.ts';
import type { LoginTerms } from './cluster-access.ts';

/** What a request needs to be let in. */
export interface Credential {
  headers: Readonly<Record<string, string>>;
  /** Client certificate and key (PEM) that an exec plugin issued. */
  cert?: string;
  key?: string;
}

/** What client-node fills in; the certificate is PEM. */
type Asked = RequestOptions & { headers?: Record<string, string>; cert?: string; key?: string };

/** A plugin or identity provider that hangs is waited for this long, milliseconds. */
const patienceMs = 60_000;

const NO_CREDENTIAL = 'its output is no ExecCredential';

/**
 * Logs in with a credential plugin or an identity provider, as client-node does. Loading this module takes as much memory
 * as the whole client beside it: import it when somebody logs in.
 */
export class Login {
  readonly #terms: LoginTerms;
  readonly #clock: Clock;
  readonly #user: User;
  #config: KubeConfig;
  #running: Promise<Credential> | undefined;

  constructor(terms: LoginTerms, clock: Clock) {
    this.#terms = terms;
    this.#clock = clock;
    const { authProvider: provider } = terms.user;
    const issuer = provider?.config?.['idp-issuer-url'];
    // client-node hands the text on to a function that takes a URL; and it keeps the tokens that it renewed in here.
    const config = {
      ...provider?.config,
      ...(typeof issuer === 'string' && { 'idp-issuer-url': new URL(issuer) }),
    };
    this.#user = { ...terms.user, ...(provider && { authProvider: { ...provider, config } }) };
    this.#config = this.#fresh();
  }

  /**
   * The credential to use now. A plugin is run, and a token renewed, once for all who wait, and again when what it issued
   * has expired. Throws ConfigError that says what the plugin or provider said.
   */
  async credential(): Promise<Credential> {
    this.#running ??= this.#ask().finally(() => {
      this.#running = undefined;
    });
    const patience = new AbortController();
    const late = this.#clock.sleep(patienceMs, patience.signal);
    const issued = await Promise.race([this.#running, late]).finally(() => patience.abort());
    return issued ?? this.#fail(`no answer for ${patienceMs / 1000} s`);
  }

  /** Forgets what a plugin issued. What a provider renewed stays: the token that renews is good once. */
  forget(): void {
    this.#config = this.#fresh();
  }

  #fresh(): KubeConfig {
    const config = new KubeConfig();
    // Its connection is never made: what it says of a cluster has no effect.
    config.loadFromClusterAndUser({ name: '', server: 'https://', skipTLSVerify: false }, this.#user);
    return config;
  }

  async #ask(): Promise<Credential> {
    const options: Asked = {};
    try {
      await this.#config.applyToHTTPSOptions(options);
    } catch (error) {
      // client-node keeps what a plugin printed before it looks at it.
      this.forget();
      return this.#fail(this.#said(error));
    }
    // It takes the seconds that a renewed token lives for the moment when it ends, and would renew it each time.
    if (this.#user.authProvider !== undefined) this.forget();
    const { cert, key } = options;
    const authorization = options.headers?.['Authorization'];
    if (authorization === undefined && !(cert && key)) {
      this.forget();
      return this.#fail('it gave neither a token nor a client certificate with its key');
    }
    return {
      headers: authorization === undefined ? {} : { authorization },
      ...(cert && key && { cert, key }),
    };
  }

  #said(error: unknown): string {
    const isPlugin = this.#terms.user.exec !== undefined;
    // What it answered may hold a token, and the message of a parser shows a part of it.
    if (isPlugin && error instanceof TypeError) return NO_CREDENTIAL;
    if (error instanceof SyntaxError) return isPlugin ? NO_CREDENTIAL : 'its answer cannot be read';
    const said = messageOf(error).trim().slice(-500) || 'it failed and did not say why';
    const cause = error instanceof Error ? error.cause : undefined;
    return cause instanceof Error && !(cause instanceof SyntaxError) ? `${said}: ${messageOf(cause)}` : said;
  }

  #fail(why: string): never {
    const { what, hint } = this.#terms;
    throw new ConfigError(`${what}: ${why}${hint === undefined ? '' : ` (${hint})`}`);
  }
}
