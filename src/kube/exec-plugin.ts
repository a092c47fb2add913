import { spawn } from 'node:child_process';
import { z } from 'zod';
import type { Clock } from '../lib/clock.ts';
import { ConfigError, messageOf } from '../lib/errors.ts';
import type { Credential } from './credentials.ts';

/** `users[].user.exec` of a kubeconfig, and the cluster that the plugin may want to know of. Plain data. */
export interface ExecPlugin {
  apiVersion: string;
  /** Absolute when the kubeconfig gave a path; else looked up in PATH. */
  command: string;
  args: string[];
  env: { name: string; value: string }[];
  installHint?: string;
  /** `spec.cluster` of the ExecCredential, when `provideClusterInfo` is set. */
  cluster?: Record<string, unknown>;
}

const execCredential = z.object({
  status: z.object({
    token: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
    expirationTimestamp: z.string().optional(),
  }),
});

/** A plugin is asked again this long before what it issued expires, milliseconds. */
const earlyMs = 10_000;

/** A credential plugin that hangs is given up after this long, milliseconds. */
const patienceMs = 60_000;

/** A credential from a plugin, and until when (wall time, milliseconds) it may be used. */
export interface Issued {
  credential: Credential;
  untilMs: number;
}

/**
 * Runs a credential plugin as kubectl does (client.authentication.k8s.io): the request is in the environment, the
 * answer on standard output. Throws ConfigError that says what the plugin said.
 */
export const runExecPlugin = async (plugin: ExecPlugin, clock: Clock): Promise<Issued> => {
  const output = await run(plugin);
  let raw: unknown;
  try {
    raw = JSON.parse(output);
  } catch (error) {
    throw failed(plugin, 'its output is not JSON', error);
  }
  const read = execCredential.safeParse(raw);
  if (!read.success) throw failed(plugin, `its output is no ExecCredential: ${z.prettifyError(read.error)}`);
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = read.data.status;
  if (token === undefined && (cert === undefined || key === undefined)) {
    throw failed(plugin, 'its output holds neither status.token nor a client certificate with its key');
  }
  const expires =
    expirationTimestamp === undefined ? Number.POSITIVE_INFINITY : Date.parse(expirationTimestamp);
  if (Number.isNaN(expires))
    throw failed(plugin, `status.expirationTimestamp "${expirationTimestamp}" is no time`);
  return {
    credential: {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
    },
    // What lives shorter than that is used once, not never.
    untilMs: Math.max(expires - earlyMs, clock.now()),
  };
};

const run = (plugin: ExecPlugin): Promise<string> =>
  new Promise((resolve, reject) => {
    const request = {
      apiVersion: plugin.apiVersion,
      kind: 'ExecCredential',
      spec: { interactive: false, ...(plugin.cluster === undefined ? {} : { cluster: plugin.cluster }) },
    };
    const env = { ...process.env, KUBERNETES_EXEC_INFO: JSON.stringify(request) };
    for (const { name, value } of plugin.env) Object.assign(env, { [name]: value });
    const child = spawn(plugin.command, plugin.args, {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: patienceMs,
    });
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    child.on('error', (error) => reject(failed(plugin, messageOf(error), error)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(failed(plugin, `it ended with ${signal ?? code}: ${complaint.trim().slice(-500)}`));
    });
  });

const failed = (plugin: ExecPlugin, why: string, cause?: unknown): ConfigError => {
  const hint = plugin.installHint === undefined ? '' : ` (${plugin.installHint.trim()})`;
  return new ConfigError(`credential plugin ${plugin.command} of the kubeconfig: ${why}${hint}`, { cause });
};
