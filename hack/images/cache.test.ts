import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cached } from './cache.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'proffer-cache-'))));
afterEach(() => rm(folder, { recursive: true }));

const write = (text: string) => (target: string) => writeFile(target, text);

it('makes a file once', async () => {
  const path = await cached(folder, 'game', 'aa', write('first'));
  expect(path).toBe(join(folder, 'game-aa.tar'));
  expect(await cached(folder, 'game', 'aa', write('second'))).toBe(path);
  expect(await readFile(path, 'utf8')).toBe('first');
});

it('leaves nothing behind when making fails', async () => {
  const half = async (target: string): Promise<void> => {
    await writeFile(target, 'half');
    throw new Error('disk full');
  };
  await expect(cached(folder, 'game', 'aa', half)).rejects.toThrow('disk full');
  expect(await readdir(folder, { recursive: true })).toEqual(['work']);
});

it('removes the work of a build that died, and not that of one that lives', async () => {
  const dead = join(folder, 'work', '4194305-abc');
  const alive = join(folder, 'work', `${process.pid}-abc`);
  await mkdir(dead, { recursive: true });
  await mkdir(alive);
  await cached(folder, 'game', 'aa', write(''));
  expect(await readdir(join(folder, 'work'))).toEqual([`${process.pid}-abc`]);
});

it('drops an image that was replaced long ago, and no other', async () => {
  await writeFile(join(folder, 'game-01.tar'), 'old');
  await writeFile(join(folder, 'game-02.tar'), 'used today');
  await writeFile(join(folder, 'game-two-01.tar'), 'of another image');
  for (const name of ['game-01.tar', 'game-two-01.tar']) await utimes(join(folder, name), 0, 0);
  await cached(folder, 'game', 'aa', write(''));
  expect((await readdir(folder)).sort()).toEqual(['game-02.tar', 'game-aa.tar', 'game-two-01.tar', 'work']);
});
