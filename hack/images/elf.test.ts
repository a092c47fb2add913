import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hostArch } from './arch.ts';
import { addLibraries, parseList } from './elf.ts';
import { Tree } from './tree.ts';

it('takes the files that the loader found and not the vdso', () => {
  const listing = [
    '\tlinux-vdso.so.1 (0x00007ffd8a5f2000)',
    '\tlibc.so.6 => /stage/lib/libc.so.6 (0x00007f1c0a000000)',
    '\t/lib64/ld-linux-x86-64.so.2 => /stage/lib/ld-linux-x86-64.so.2 (0x00007f1c0a3d1000)',
    '\t/stage/lib/direct.so (0x00007f1c0a3d1000)',
    '',
  ].join('\n');
  expect(parseList(listing)).toEqual([
    '/stage/lib/libc.so.6',
    '/stage/lib/ld-linux-x86-64.so.2',
    '/stage/lib/direct.so',
  ]);
});

it('does not pack a program whose C library is in none of the packages', async () => {
  const root = await mkdtemp(join(tmpdir(), 'proffer-elf-'));
  try {
    const tree = new Tree();
    tree.file('usr/bin/node', { file: process.execPath, size: 1 }, 0o755);
    const stage = { root, packages: [] };
    await expect(addLibraries(stage, tree, hostArch(), [])).rejects.toMatchObject({
      code: 'library-missing',
    });
  } finally {
    await rm(root, { recursive: true });
  }
});
