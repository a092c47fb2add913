import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withLock } from './lock.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'proffer-lock-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const ignore = (): void => undefined;

test('of many holders one works at a time, and nothing is left', async () => {
  const file = join(folder, 'many');
  let inside = 0;
  let most = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside--;
    done++;
  };
  await Promise.all(Array.from({ length: 12 }, () => withLock(file, ignore, work)));
  expect({ most, done, left: existsSync(file) }).toEqual({ most: 1, done: 12, left: false });
});

test('what the work throws frees the lock', async () => {
  const file = join(folder, 'throws');
  await expect(withLock(file, ignore, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  await expect(withLock(file, ignore, () => Promise.resolve('free'))).resolves.toBe('free');
});

test('the lock of a process that is killed is free', async () => {
  const file = join(folder, 'killed');
  const program = `
    import { withLock } from '${join(import.meta.dirname, 'lock.ts')}';
    await withLock('${file}', () => {}, () => new Promise(() => { console.log('held'); setInterval(() => {}, 1000); }));
  `;
  const holder = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  const order: string[] = [];
  const waiting = withLock(
    file,
    () => {
      order.push('waits');
      holder.kill('SIGKILL');
    },
    async () => void order.push('works'),
  );
  await waiting;
  expect(order).toEqual(['waits', 'works']);
});
