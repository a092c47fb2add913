import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Answers, Question } from './probe.ts';

/** An operator that runs as a process of its own, from the sources. */
export interface RunningOperator {
  readonly pid: number;
  /** Its page of metrics. */
  metrics(): Promise<string>;
  /** Asks the probe inside it. One question at a time. @throws when it was started without */
  ask<What extends keyof Answers>(what: What, file?: string): Promise<Answers[What]>;
  stop(): Promise<void>;
}

/** Waits for the log line of a message. @throws when the process ends before */
function logged(child: ChildProcess, message: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout! });
    lines.on('line', (line) => {
      if (line.includes(`"msg":"${message}"`)) resolve();
    });
    child.once('exit', (code) =>
      reject(new Error(`the operator ended with code ${code} before it said "${message}"`)),
    );
  });
}

/**
 * Starts the operator against a cluster and returns when it decides.
 * @param port where it serves metrics
 * @param flags of Node; those of memory are the operator's own where none is given
 * @param env more of its environment
 * @param probed whether it can be asked: then all flags of memory must be given, since a process that is started anew in
 *   its place has no channel to us
 */
export async function startOperator(
  kubeconfig: string,
  port: number,
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  probed = false,
): Promise<RunningOperator> {
  const args = [
    'src/cli.ts',
    'operator',
    '--kubeconfig',
    kubeconfig,
    '--namespace',
    'default',
    '--identity',
    'bench',
    '--health-address',
    '127.0.0.1:0',
    '--debug-address',
    '127.0.0.1:0',
  ];
  const probe = probed ? ['--expose-gc', '--import', join(import.meta.dirname, 'probe.ts')] : [];
  const child = spawn(
    process.execPath,
    [...flags, ...probe, ...args, '--http-address', `127.0.0.1:${port}`],
    {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit', ...(probed ? (['ipc'] as const) : [])],
    },
  );
  await logged(child, 'deciding');
  return {
    pid: child.pid!,
    metrics: async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
    ask: async <What extends keyof Answers>(what: What, file?: string) => {
      if (!probed) throw new Error('the operator was started without a probe');
      const answered = once(child, 'message');
      child.send({ what, ...(file === undefined ? {} : { file }) } satisfies Question);
      return ((await answered)[0] as { said: Answers[What] }).said;
    },
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}
