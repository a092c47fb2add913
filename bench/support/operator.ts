import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** An operator that runs as a process of its own, from the sources. */
export interface RunningOperator {
  readonly pid: number;
  /** Its page of metrics. */
  metrics(): Promise<string>;
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

/** Starts the operator against a cluster and returns when it decides. @param port where it serves metrics */
export async function startOperator(kubeconfig: string, port: number): Promise<RunningOperator> {
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
  const child = spawn(process.execPath, [...args, '--http-address', `127.0.0.1:${port}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await logged(child, 'deciding');
  return {
    pid: child.pid!,
    metrics: async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}
