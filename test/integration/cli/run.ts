import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { binary } from '../../../hack/cluster/index.ts';

const PROFFER = join(import.meta.dirname, '../../../bin/proffer');

/** How a run of the command line ended. */
export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs bin/proffer to its end, with the kubectl of the clusters, and nothing of this process that names a cluster. */
export async function proffer(...args: string[]): Promise<Run> {
  // kubectl keeps what it knows of API servers in its home, and takes the working directory for it where it has none.
  const PATH = [dirname(await binary('kubectl')), process.env['PATH']].join(delimiter);
  return new Promise((resolve) => {
    execFile(PROFFER, args, { env: { PATH, HOME: tmpdir() } }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
    });
  });
}
