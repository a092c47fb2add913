import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const PROFFER = join(import.meta.dirname, '../../../bin/proffer');

/** How a run of the command line ended. */
export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs bin/proffer to its end, with nothing of this process's environment that names a cluster. */
export function proffer(...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(PROFFER, args, { env: { PATH: process.env['PATH'] } }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
    });
  });
}

/** Starts bin/proffer and leaves it running. */
export function startProffer(...args: string[]): ChildProcess {
  return spawn(PROFFER, args, { env: { PATH: process.env['PATH'] }, stdio: ['ignore', 'pipe', 'inherit'] });
}
