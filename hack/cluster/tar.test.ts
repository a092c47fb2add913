import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { tarOf } from './tar.ts';

test('tar reads the archive: names, modes, contents whatever their length', () => {
  const files = [
    { name: 'empty', mode: 0o644, content: Buffer.alloc(0) },
    { name: 'block', mode: 0o600, content: Buffer.alloc(512, 'b') },
    { name: 'folder/program', mode: 0o755, content: Buffer.alloc(513, 'p') },
  ];
  const listed = spawnSync('tar', ['-tvf', '-'], { input: tarOf(files), encoding: 'utf8' });
  expect(listed.stderr).toBe('');
  expect(
    listed.stdout
      .trim()
      .split('\n')
      .map((line) => line.replaceAll(/\s+/g, ' ').split(' ')),
  ).toMatchObject([
    ['-rw-r--r--', '0/0', '0', '1970-01-01', expect.anything(), 'empty'],
    ['-rw-------', '0/0', '512', '1970-01-01', expect.anything(), 'block'],
    ['-rwxr-xr-x', '0/0', '513', '1970-01-01', expect.anything(), 'folder/program'],
  ]);
});
