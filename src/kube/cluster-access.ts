import type { User } from '@kubernetes/client-node';

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
