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

/** Waits until it decides. @returns where it serves its metrics @throws when the process ends before */
function deciding(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let url = '';
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const { msg, http } = JSON.parse(line) as { msg: string; http?: string };
      if (msg === 'operator started') url = http!;
      if (msg === 'deciding') resolve(`${url}/metrics`);
    });
    child.once('exit', (code) => reject(new Error(`the operator ended with code ${code} before it decided`)));
  });
}

/**
 * Starts the operator against a cluster and returns when it decides.
 * @param flags of Node; those of memory are the operator's own where none is given
 * @param env more of its environment
 * @param probed whether it can be asked: then all flags of memory must be given, since a process that is started anew in
 *   its place has no channel to us
 * @param more of its own flags
 */
export async function startOperator(
  kubeconfig: string,
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  probed = false,
  more: readonly string[] = [],
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
    '--http-address',
    '127.0.0.1:0',
    ...more,
  ];
  const probe = probed ? ['--expose-gc', '--import', join(import.meta.dirname, 'probe.ts')] : [];
  const child = spawn(process.execPath, [...flags, ...probe, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit', ...(probed ? (['ipc'] as const) : [])],
  });
  const page = await deciding(child);
  return {
    pid: child.pid!,
    metrics: async () => (await fetch(page)).text(),
    ask: async <What extends keyof Answers>(what: What, file?: string) => {
      if (!probed) throw new Error('the operator was started without a probe');
      const answered = once(child, 'message');
      child.send({ what, ...(file === undefined ? {} : { file }) } satisfies Question);
      return ((await answered)[0] as { said: Answers[What] }).said;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}
