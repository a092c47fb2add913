import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter } from 'node:path';
import { ConfigError, messageOf } from '../lib/errors.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { Kubeconfig } from './kubeconfig.ts';

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
