import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ConfigError, messageOf } from '../lib/errors.ts';
import type { Auth, ClusterAccess, TlsMaterial } from './access.ts';
import type { ExecPlugin } from './exec-plugin.ts';

const cluster = z.object({
  server: z.string(),
  'certificate-authority': z.string().optional(),
  'certificate-authority-data': z.string().optional(),
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': z.string().optional(),
  'proxy-url': z.string().optional(),
});
const exec = z.object({
  apiVersion: z.string(),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  installHint: z.string().optional(),
  provideClusterInfo: z.boolean().optional(),
});
const user = z.object({
  'client-certificate': z.string().optional(),
  'client-certificate-data': z.string().optional(),
  'client-key': z.string().optional(),
  'client-key-data': z.string().optional(),
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  as: z.string().optional(),
  exec: exec.optional(),
  'auth-provider': z.object({ name: z.string() }).optional(),
});
const context = z.object({
  cluster: z.string(),
  user: z.string().default(''),
  namespace: z.string().optional(),
});
const named = <K extends string, S extends z.ZodType>(key: K, schema: S) =>
  z
    .array(z.object({ name: z.string(), [key]: schema } as { name: z.ZodString } & Record<K, S>))
    .nullish()
    .transform((list) => list ?? []);
const kubeconfig = z.object({
  'current-context': z.string().optional(),
  clusters: named('cluster', cluster),
  users: named('user', user),
  contexts: named('context', context),
});
type Cluster = z.infer<typeof cluster> & { directory: string };
type User = z.infer<typeof user> & { directory: string };

/** The problems of a file in one line, each with its field. */
const problemsOf = ({ issues }: z.ZodError): string =>
  issues
    .map(({ path, message }) => {
      const field = path.length === 0 ? 'the file' : path.join('.');
      return `${field}: ${message.replace(/^Invalid input: /, '')}`;
    })
    .join('; ');

/** A kubeconfig, merged from one or more files as kubectl merges them: the first file to set a name wins. */
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
      raw = parse(text);
    } catch (error) {
      throw new ConfigError(`kubeconfig ${file} is not YAML: ${messageOf(error)}`, { cause: error });
    }
    const read = kubeconfig.safeParse(raw);
    if (!read.success)
      throw new ConfigError(`kubeconfig ${file} is not a kubeconfig: ${problemsOf(read.error)}`);
    const directory = dirname(resolve(file));
    const add = <T>(into: Map<string, T>, name: string, value: T) => {
      if (!into.has(name)) into.set(name, value);
    };
    for (const { name, cluster } of read.data.clusters) add(this.#clusters, name, { ...cluster, directory });
    for (const { name, user } of read.data.users) add(this.#users, name, { ...user, directory });
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
    if (cluster['proxy-url'] !== undefined) {
      throw new ConfigError(`${where}: clusters["${context.cluster}"].proxy-url is not supported: remove it`);
    }
    const provider = user?.['auth-provider'];
    if (provider !== undefined) {
      throw new ConfigError(
        `${where}: users["${context.user}"].auth-provider "${provider.name}" is not supported: use an exec plugin`,
      );
    }
    return {
      server: cluster.server.replace(/\/+$/, ''),
      tls: tlsOf(cluster, user),
      auth: user === undefined ? { kind: 'none' } : authOf(cluster, user),
      ...(user?.as === undefined ? {} : { impersonate: user.as }),
      namespace: context.namespace ?? 'default',
    };
  }
}

/** A PEM from base64 text in the file or from another file; the text wins, as with kubectl. */
const pem = (directory: string, field: string, data: string | undefined, file: string | undefined) => {
  if (data) return Buffer.from(data, 'base64').toString('utf8');
  if (!file) return undefined;
  try {
    return readFileSync(resolve(directory, file), 'utf8');
  } catch (error) {
    throw new ConfigError(`kubeconfig field ${field}: ${messageOf(error)}`, { cause: error });
  }
};

const tlsOf = (cluster: Cluster, user: User | undefined): TlsMaterial => {
  const tls: TlsMaterial = {};
  const read = <O extends object>(of: O & { directory: string }, field: keyof O & string) =>
    pem(
      of.directory,
      field,
      of[`${field}-data` as keyof O] as string | undefined,
      of[field] as string | undefined,
    );
  const ca = read(cluster, 'certificate-authority');
  const cert = user && read(user, 'client-certificate');
  const key = user && read(user, 'client-key');
  if (ca !== undefined) tls.ca = ca;
  if (cert !== undefined) tls.cert = cert;
  if (key !== undefined) tls.key = key;
  if (cluster['tls-server-name'] !== undefined) tls.servername = cluster['tls-server-name'];
  if (cluster['insecure-skip-tls-verify']) tls.rejectUnauthorized = false;
  return tls;
};

const authOf = (cluster: Cluster, user: User): Auth => {
  if (user.exec !== undefined) return { kind: 'exec', plugin: pluginOf(cluster, user.exec, user.directory) };
  if (user.tokenFile !== undefined)
    return { kind: 'tokenFile', path: resolve(user.directory, user.tokenFile) };
  const headers: Record<string, string> = {};
  if (user.token !== undefined) headers['authorization'] = `Bearer ${user.token}`;
  else if (user.username !== undefined) {
    const basic = Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64');
    headers['authorization'] = `Basic ${basic}`;
  }
  return Object.keys(headers).length === 0 ? { kind: 'none' } : { kind: 'headers', headers };
};

const pluginOf = (cluster: Cluster, plugin: z.infer<typeof exec>, directory: string): ExecPlugin => {
  const { apiVersion, command, args, env, installHint, provideClusterInfo } = plugin;
  const { directory: _directory, ...info } = cluster;
  return {
    apiVersion,
    command: command.includes('/') ? resolve(directory, command) : command,
    args: args ?? [],
    env: env ?? [],
    ...(installHint === undefined ? {} : { installHint }),
    ...(provideClusterInfo ? { cluster: info } : {}),
  };
};
