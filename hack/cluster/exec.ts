import { spawn } from 'node:child_process';
import { ClusterError } from './errors.ts';

/** How a command is run. */
export interface ExecOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** Text for its standard input; nothing when left out. */
  readonly input?: string;
}

/** What a finished command left. */
export interface ExecResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command to its end, whatever its exit status.
 * @throws ClusterError MissingTool when there is no such program
 */
export const tryExec = (
  command: string,
  args: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (cause) =>
      reject(new ClusterError('MissingTool', `cannot run ${command}: ${cause.message}`, { cause })),
    );
    child.on('close', (code) =>
      resolve({
        status: code ?? 137,
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
      }),
    );
    if (options.input !== undefined) {
      // The child may end without reading all of it; its exit status says what that meant.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(options.input);
    }
  });

/**
 * Runs a command that must succeed; returns its standard output.
 * @throws ClusterError CommandFailed with the command and what it said, MissingTool when there is no such program
 */
export const exec = async (
  command: string,
  args: readonly string[],
  options: ExecOptions = {},
): Promise<string> => {
  const result = await tryExec(command, args, options);
  if (result.status === 0) return result.stdout;
  const said = (result.stderr.trim() || result.stdout.trim()).slice(-2_000);
  throw new ClusterError(
    'CommandFailed',
    `${command} ${args.join(' ')} ended with status ${result.status}: ${said}`,
  );
};
