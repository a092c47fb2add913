import type { Auth, ClusterAccess, TlsMaterial } from './cluster-access.ts';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { load, YAMLException } from 'js-yaml';
import { z } from 'zod';
import { ConfigError, messageOf } from '../lib/errors.ts';

const text = z.string().optional();
const context = z.object({ cluster: z.string(), user: z.string().default(''), namespace: text });
const named = <K extends string, S extends z.ZodType>(key: K, schema: S) =>
  z
    .array(z.object({ name: z.string(), [key]: schema } as { name: z.ZodString } & Record<K, S>))
    .nullish()
    .transform((list) => list ?? []);

/** What is read of a kubeconfig in a directory, from which relative paths in it start. */
const schemaIn = (directory: string) => {
  const file = text.transform((path) => (path ? resolve(directory, path) : undefined));
  const cluster = z.object({
    server: z.url({ protocol: /^https?$/, error: 'expected the http or https URL of an API server' }),
    'certificate-authority': file,
    'certificate-authority-data': text,
    'insecure-skip-tls-verify': z.boolean().optional(),
    'tls-server-name': text,
    'proxy-url': z
      .url({ protocol: /^https?$/, error: 'expected the URL of an http or https proxy' })
      .optional(),
  });
  const exec = z.object({
    apiVersion: z.string(),
    command: z
      .string()
      .min(1)
      .transform((command) => (command.includes('/') ? resolve(directory, command) : command)),
    args: z.array(z.string()).nullish(),
    env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
    installHint: text,
    provideClusterInfo: z.boolean().optional(),
  });
  const provider = z.object({ name: z.string(), config: z.record(z.string(), z.string()).nullish() });
  const user = z.object({
    'client-certificate': file,
    'client-certificate-data': text,
    'client-key': file,
    'client-key-data': text,
    token: text,
    tokenFile: file,
    username: text,
    password: text,
    as: text,
    exec: exec.optional(),
    'auth-provider': provider.optional(),
  });
  return z.object({
    'current-context': text,
    clusters: named('cluster', cluster),
    users: named('user', user),
    contexts: named('context', context),
  });
};
type Content = z.infer<ReturnType<typeof schemaIn>>;
type Cluster = Content['clusters'][number]['cluster'];
type User = Content['users'][number]['user'];

/** The problems of a file in one line, each with its field. */
const problemsOf = ({ issues }: z.ZodError): string =>
  issues
    .map(({ path, message }) => {
      const field = path.length === 0 ? 'the file' : path.join('.');
      return `${field}: ${message.replace(/^Invalid input: /, '')}`;
    })
    .join('; ');

/**
 * A kubeconfig, merged from one or more files as kubectl merges them: the first file to set a name wins. Plugins and
 * identity providers in it are client-node's (login.ts).
 */
export class Kubeconfig {
  readonly #clusters = new Map<string, Cluster>();
  readonly #users = new Map<string, User>();
  readonly #contexts = new Map<string, z.infer<typeof context>>();
  readonly #files: string[];
  #current = '';

  private constructor(files: string[]) {
    this.#files = files;
  }

  /** Reads and merges the files. Throws ConfigError that names the file and the field. */
  static read(files: string[]): Kubeconfig {
    const config = new Kubeconfig(files);
    for (const file of files) {
      let text: string;
      try {
        text = readFileSync(file, 'utf8');
      } catch (error) {
        throw new ConfigError(`kubeconfig ${file} cannot be read: ${messageOf(error)}`, { cause: error });
      }
      config.#merge(file, text);
    }
    return config;
  }

  #merge(file: string, text: string): void {
    let raw: unknown;
    try {
      raw = load(text);
    } catch (error) {
      // Its message shows the lines around the fault, and there may be a token in them.
      const mark = error instanceof YAMLException ? error.mark : undefined;
      const at = mark ? ` (line ${mark.line + 1}, column ${mark.column + 1})` : '';
      throw new ConfigError(`kubeconfig ${file} is not YAML${at}`);
    }
    const read = schemaIn(dirname(resolve(file))).safeParse(raw);
    if (!read.success)
      throw new ConfigError(`kubeconfig ${file} is not a kubeconfig: ${problemsOf(read.error)}`);
    const add = <T>(into: Map<string, T>, name: string, value: T) => {
      if (!into.has(name)) into.set(name, value);
    };
    for (const { name, cluster } of read.data.clusters) add(this.#clusters, name, cluster);
    for (const { name, user } of read.data.users) add(this.#users, name, user);
    for (const { name, context } of read.data.contexts) add(this.#contexts, name, context);
    if (this.#current === '') this.#current = read.data['current-context'] ?? '';
  }

  /** What a context stands for; the current one when left out. Throws ConfigError that names what is missing. */
  access(contextName?: string): ClusterAccess {
    const where = `kubeconfig ${this.#files.join(', ')}`;
    const name = contextName ?? this.#current;
    const context = this.#contexts.get(name);
    if (context === undefined) {
      const known = [...this.#contexts.keys()].join(', ') || 'none';
      throw new ConfigError(
        name === ''
          ? `${where}: current-context is not set: set it, or give --context (one of: ${known})`
          : `${where}: there is no context "${name}" (there is: ${known})`,
      );
    }
    const cluster = this.#clusters.get(context.cluster);
    if (cluster === undefined)
      throw new ConfigError(`${where}: context "${name}" names no known cluster "${context.cluster}"`);
    const user = this.#users.get(context.user);
    if (user === undefined && context.user !== '') {
      throw new ConfigError(`${where}: context "${name}" names no known user "${context.user}"`);
    }
    const proxy = cluster['proxy-url'];
    const tls = tlsOf(cluster, user);
    return {
      server: cluster.server.replace(/\/+$/, ''),
      tls,
      auth: user === undefined ? { kind: 'none' } : authOf(cluster, user, tls),
      ...(proxy !== undefined && { proxy }),
      ...(user?.as !== undefined && { impersonate: user.as }),
      namespace: context.namespace ?? 'default',
    };
  }
}

/** A PEM from base64 text in the kubeconfig or from another file; the text wins, as with kubectl. */
const pem = <F extends string>(of: { [K in F | `${F}-data`]?: string | undefined } | undefined, field: F) => {
  const [data, file] = [of?.[`${field}-data`], of?.[field]];
  if (data) return Buffer.from(data, 'base64').toString('utf8');
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`kubeconfig field ${field}: ${messageOf(error)}`, { cause: error });
  }
};

const tlsOf = (cluster: Cluster, user: User | undefined): TlsMaterial => {
  const ca = pem(cluster, 'certificate-authority');
  const cert = pem(user, 'client-certificate');
  const key = pem(user, 'client-key');
  const servername = cluster['tls-server-name'];
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(servername !== undefined && { servername }),
    ...(cluster['insecure-skip-tls-verify'] && { rejectUnauthorized: false }),
  };
};

const authOf = (cluster: Cluster, user: User, { ca }: TlsMaterial): Auth => {
  const { token, tokenFile, username, password = '', exec, 'auth-provider': authProvider } = user;
  if (exec !== undefined) {
    // kubectl's request to the plugin, which client-node leaves out.
    const { 'certificate-authority': _file, ...told } = cluster;
    if (ca !== undefined) told['certificate-authority-data'] = Buffer.from(ca).toString('base64');
    const spec = { interactive: false, ...(exec.provideClusterInfo && { cluster: told }) };
    const request = JSON.stringify({ apiVersion: exec.apiVersion, kind: 'ExecCredential', spec });
    const env = [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: request }];
    const what = `credential plugin ${exec.command} of the kubeconfig`;
    const hint = exec.installHint?.trim();
    return { kind: 'login', what, ...(hint && { hint }), user: { name: '', exec: { ...exec, env } } };
  }
  if (authProvider !== undefined) {
    const what = `auth-provider ${authProvider.name} of the kubeconfig`;
    const hint = 'log in again with kubectl, or use a credential plugin';
    return { kind: 'login', what, hint, user: { name: '', authProvider } };
  }
  if (tokenFile !== undefined) return { kind: 'tokenFile', path: tokenFile };
  if (token !== undefined) return { kind: 'headers', headers: { authorization: `Bearer ${token}` } };
  if (username === undefined) return { kind: 'none' };
  const basic = Buffer.from(`${username}:${password}`).toString('base64');
  return { kind: 'headers', headers: { authorization: `Basic ${basic}` } };
};
