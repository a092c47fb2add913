import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { packCommandLine } from './package.ts';

const run = promisify(execFile);
const DIST = join(import.meta.dirname, '..', 'dist');

test('the package installs without a network, and its commands run with Node alone', async () => {
  await mkdir(DIST, { recursive: true });
  const folder = await mkdtemp(join(DIST, 'test-'));
  try {
    const archive = await packCommandLine(folder);
    const prefix = join(folder, 'prefix');
    await run('npm', ['install', '--global', '--offline', '--loglevel=error', '--prefix', prefix, archive]);
    // A shell, readlink and this Node are all that there is.
    const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
    for (const name of ['proffer', 'kubectl-proffer']) {
      const { stdout } = await run(join(prefix, 'bin', name), ['help'], { env, cwd: '/' });
      expect(stdout).toMatch(/^Usage: proffer COMMAND/);
    }
    const { stdout } = await run(join(prefix, 'bin', 'proffer'), ['completion', 'bash'], { env, cwd: '/' });
    expect(stdout).toContain('complete -o filenames -F _proffer proffer');
  } finally {
    await rm(folder, { recursive: true });
  }
});
