import { execFile } from 'node:child_process';
import { ImageError } from './errors.ts';

/** What a finished command said. */
export interface Output {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program without a shell, in `cwd` or else this process's folder, and answers with its exit status, whatever that is.
 * @throws ImageError `command-failed` when the program cannot be started at all.
 */
export function tryRun(program: string, args: readonly string[], cwd?: string): Promise<Output> {
  return new Promise((resolve, reject) => {
    // LC_ALL=C: the output of apt-get is parsed.
    const options = {
      maxBuffer: 64 << 20,
      cwd,
      env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') {
        reject(new ImageError('command-failed', `cannot run ${program}: ${error.message}`, { cause: error }));
        return;
      }
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

/**
 * Runs a program without a shell and returns its standard output.
 * @throws ImageError `command-failed` with the last lines of its error output when the status is not 0.
 */
export async function run(program: string, args: readonly string[], cwd?: string): Promise<string> {
  const { status, stdout, stderr } = await tryRun(program, args, cwd);
  if (status === 0) return stdout;
  const said = stderr.trim().split('\n').slice(-8).join('\n');
  throw new ImageError(
    'command-failed',
    `${[program, ...args].join(' ')} ended with status ${status}:\n${said}`,
  );
}
