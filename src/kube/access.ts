import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter } from 'node:path';
import type { User } from '@kubernetes/client-node';
import { ConfigError, messageOf } from '../lib/errors.ts';
import { Kubeconfig } from './kubeconfig.ts';

/** Where the API server is and how to prove who we are. Plain data, so that it can go to a worker thread. */
export interface ClusterAccess {
  /** Base address: `https://host:port`, possibly with a path. */
  server: string;
  tls: TlsMaterial;
  auth: Auth;
  /** URL of an HTTP proxy that opens tunnels to it. */
  proxy?: string;
  /** User to act as; it takes the right to impersonate. */
  impersonate?: string;
  /** Namespace of the context, or of the Pod that we run in. */
  namespace: string;
}

/** PEM texts and switches for the TLS connection. */
export interface TlsMaterial {
  ca?: string;
  cert?: string;
  key?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
}

/** What goes into the request besides a client certificate. */
export type Auth =
  | { kind: 'none' }
  | { kind: 'headers'; headers: Record<string, string> }
  /** A file that something else renews, like a service account's projected token. */
  | { kind: 'tokenFile'; path: string }
  /** A program, or an identity provider, that issues tokens or certificates. */
  | ({ kind: 'login' } & LoginTerms);

/** Who is to log in with client-node, and how. */
export interface LoginTerms {
  /** What logs in, for errors. */
  what: string;
  /** What to do when it fails, if the kubeconfig says. */
  hint?: string;
  /** With `exec` or `authProvider`; plain data. */
  user: User & { authProvider?: { name: string; config?: Record<string, string> | null | undefined } };
}

/** Where `loadAccess` looks. */
export interface AccessOptions {
  /** Path of a kubeconfig file. */
  kubeconfig?: string;
  /** Context in it; the current one when left out. */
  context?: string;
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Finds the cluster as kubectl does: the given kubeconfig, else `$KUBECONFIG`, else the service account of the
 * Pod that we run in, else `~/.kube/config`. Throws ConfigError that names what is missing.
 */
export const loadAccess = (
  options: AccessOptions = {},
  env: NodeJS.ProcessEnv = process.env,
): ClusterAccess => {
  if (options.kubeconfig !== undefined) return Kubeconfig.read([options.kubeconfig]).access(options.context);
  if (env['KUBECONFIG']) {
    return Kubeconfig.read(env['KUBECONFIG'].split(delimiter).filter(Boolean)).access(options.context);
  }
  const home = `${homedir()}/.kube/config`;
  if (options.context === undefined && env['KUBERNETES_SERVICE_HOST']) return inClusterAccess(env);
  if (existsSync(home)) return Kubeconfig.read([home]).access(options.context);
  throw new ConfigError(
    'no cluster: give --kubeconfig FILE, set KUBECONFIG, create ~/.kube/config, or run in a Pod with a service account',
  );
};

const inClusterAccess = (env: NodeJS.ProcessEnv): ClusterAccess => {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  try {
    return {
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      tls: { ca: readFileSync(`${serviceAccount}/ca.crt`, 'utf8') },
      auth: { kind: 'tokenFile', path: `${serviceAccount}/token` },
      namespace: readFileSync(`${serviceAccount}/namespace`, 'utf8').trim(),
    };
  } catch (error) {
    throw new ConfigError(
      `service account files under ${serviceAccount} cannot be read (${messageOf(error)}): ` +
        'set automountServiceAccountToken: true on the Pod',
      { cause: error },
    );
  }
};
