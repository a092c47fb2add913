import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { ClusterError } from './errors.ts';

/**
 * Runs `work` while holding an exclusive lock on `file`, waiting for it as long as needed.
 *
 * The lock is the kernel's (flock), held by a small child that ends when its standard input does. So the lock of a
 * process that died, by whatever signal, is free at once: there is no stale lock to judge.
 * @param onWait called once when another process holds the lock
 */
export const withLock = async <T>(file: string, onWait: () => void, work: () => Promise<T>): Promise<T> => {
  mkdirSync(dirname(file), { recursive: true });
  const holdLock = 'exec 9>>"$0"; flock -n 9 || { echo wait; flock 9; }';
  // The former holder removes the file, so what was waited for may be no longer what the name stands for.
  const script = `while ${holdLock}; ! [ "$0" -ef /proc/self/fd/9 ]; do :; done; echo held; exec cat`;
  const holder = spawn('sh', ['-c', script, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => holder.once('close', () => resolve()));
  let held = false;
  try {
    await new Promise<void>((resolve, reject) => {
      holder.once('error', (cause) =>
        reject(new ClusterError('MissingTool', `cannot run sh and flock to lock ${file}`, { cause })),
      );
      void ended.then(() => reject(new ClusterError('CommandFailed', `flock on ${file} ended early`)));
      holder.stdout.on('data', (chunk: Buffer) => {
        const said = chunk.toString();
        if (said.includes('wait')) onWait();
        if (said.includes('held')) resolve();
      });
    });
    held = true;
    return await work();
  } finally {
    if (held) rmSync(file, { force: true });
    holder.stdin.end();
    await ended;
  }
};
