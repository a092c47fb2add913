import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Clock } from '../../lib/clock.ts';
import { ConfigError, messageOf } from '../../lib/errors.ts';

/** A certificate with its key, as a Secret of type kubernetes.io/tls has them. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** Who signed it, or itself when the Secret has no ca.crt. */
  readonly ca: string;
  /** Who signs the certificates of callers; undefined where callers show none. */
  readonly clients: string | undefined;
}

/** Folders of mounted Secrets. */
export interface CertificateFolders {
  /** With tls.crt and tls.key. */
  readonly own: string;
  /** With ca.crt, by which the certificates of callers are checked. */
  readonly clients?: string | undefined;
}

const PARTS = ['cert', 'key', 'ca', 'clients'] as const satisfies readonly (keyof Certificate)[];

/** How often the files are looked at, ms: kubelets take up to two minutes to show a new Secret anyhow. */
const LOOK_MS = 10_000;

/** Reads the certificate of a folder. @throws ConfigError that names the folder */
async function readOwn(folder: string): Promise<Omit<Certificate, 'clients'>> {
  try {
    const [cert, key] = await Promise.all(
      ['tls.crt', 'tls.key'].map((name) => readFile(join(folder, name), 'utf8')),
    );
    const ca = await readFile(join(folder, 'ca.crt'), 'utf8').catch(() => cert!);
    createSecureContext({ cert: cert!, key: key! });
    return { cert: cert!, key: key!, ca };
  } catch (error) {
    throw new ConfigError(
      `--allocation-tls ${folder}: must hold a certificate and its key as tls.crt and tls.key: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** The certificates of a text in PEM. */
const inPem = (text: string): string[] =>
  text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];

/** Whether an authority for callers counts no more that did. */
export const tookAuthority = (before: Certificate, after: Certificate): boolean => {
  const left = new Set(inPem(after.clients ?? ''));
  return inPem(before.clients ?? '').some((authority) => !left.has(authority));
};

/** Reads who signs the certificates of callers. @throws ConfigError that names the folder */
async function readClients(folder: string): Promise<string> {
  try {
    const clients = await readFile(join(folder, 'ca.crt'), 'utf8');
    // An empty or broken list would be taken for one that trusts nobody, or everybody of the system.
    if (!clients.includes('-----BEGIN CERTIFICATE-----')) throw new Error('it holds no certificate in PEM');
    createSecureContext({ ca: clients });
    return clients;
  } catch (error) {
    throw new ConfigError(
      `--allocation-client-ca ${folder}: must hold certificates of authorities as ca.crt: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

async function readCertificate({ own, clients }: CertificateFolders): Promise<Certificate> {
  const certificate = await readOwn(own);
  return { ...certificate, clients: clients === undefined ? undefined : await readClients(clients) };
}

/** The certificate that folders hold at the moment: a mounted Secret is renewed in place. */
export class RenewedCertificate {
  readonly #folders: CertificateFolders;
  #current: Certificate;
  #before: Certificate | undefined;

  private constructor(folders: CertificateFolders, current: Certificate) {
    this.#folders = folders;
    this.#current = current;
  }

  /** @throws ConfigError when the folders hold none */
  static async in(folders: CertificateFolders): Promise<RenewedCertificate> {
    return new RenewedCertificate(folders, await readCertificate(folders));
  }

  get current(): Certificate {
    return this.#current;
  }

  /** The one of now, and the one before it. */
  get lately(): readonly Certificate[] {
    return this.#before ? [this.#current, this.#before] : [this.#current];
  }

  /**
   * Looks for another certificate until the signal aborts.
   * @param onTrouble hears of one that cannot be used: the old one stays
   */
  async follow(
    clock: Clock,
    signal: AbortSignal,
    on: {
      readonly renewed: (certificate: Certificate, before: Certificate) => void;
      readonly trouble: (message: string) => void;
    },
  ): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(LOOK_MS, signal);
      if (signal.aborted) return;
      try {
        const found = await readCertificate(this.#folders);
        if (PARTS.every((part) => found[part] === this.#current[part])) continue;
        const before = this.#current;
        if (found.cert !== before.cert) this.#before = before;
        this.#current = found;
        on.renewed(found, before);
      } catch (error) {
        on.trouble(messageOf(error));
      }
    }
  }
}
