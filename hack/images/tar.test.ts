import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tarHeader, writeTar, type TarContent, type TarEntry } from './tar.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'proffer-tar-'))));
afterEach(() => rm(folder, { recursive: true }));

const text = (header: Buffer, from: number, length: number): string =>
  header.toString('latin1', from, from + length).replace(/\0.*$/su, '');

describe('tarHeader', () => {
  it('describes a file as root-owned, from the epoch, with a right checksum', () => {
    const header = tarHeader({
      kind: 'file',
      path: 'a/b',
      mode: 0o755,
      content: { data: Buffer.alloc(513) },
    });
    expect(header).toHaveLength(512);
    expect(text(header, 0, 100)).toBe('a/b');
    expect(text(header, 100, 8)).toBe('0000755');
    expect([text(header, 108, 8), text(header, 116, 8)]).toEqual(['0000000', '0000000']);
    expect(Number.parseInt(text(header, 124, 12), 8)).toBe(513);
    expect(text(header, 136, 12)).toBe('00000000000');
    expect(text(header, 257, 6)).toBe('ustar');
    const sum = Buffer.from(header)
      .fill(' ', 148, 156)
      .reduce((total, byte) => total + byte, 0);
    expect(Number.parseInt(text(header, 148, 6), 8)).toBe(sum);
  });

  it('marks folders by a slash and links by their target', () => {
    const dir = tarHeader({ kind: 'dir', path: 'tmp', mode: 0o1777 });
    expect([text(dir, 0, 100), text(dir, 100, 8), text(dir, 156, 1)]).toEqual(['tmp/', '0001777', '5']);
    const link = tarHeader({ kind: 'symlink', path: 'bin', target: 'usr/bin' });
    expect([text(link, 156, 1), text(link, 157, 100)]).toEqual(['2', 'usr/bin']);
  });

  it('splits a long path at a slash, and refuses one that does not fit', () => {
    const path = `${'d'.repeat(90)}/${'f'.repeat(95)}`;
    const header = tarHeader({ kind: 'file', path, mode: 0o644, content: { data: Buffer.alloc(0) } });
    expect(`${text(header, 345, 155)}/${text(header, 0, 100)}`).toBe(path);
    expect(() => tarHeader({ kind: 'dir', path: 'x'.repeat(101), mode: 0o755 })).toThrow(
      /does not fit a ustar header/u,
    );
    expect(() => tarHeader({ kind: 'symlink', path: 'l', target: 't'.repeat(101) })).toThrow(
      /link target of l/u,
    );
  });
});

describe('writeTar', () => {
  it('pads content to blocks, ends with two empty ones, and reports the digest of what is on disk', async () => {
    const path = join(folder, 'out.tar');
    const written = await writeTar(path, [
      { kind: 'file', path: 'one', mode: 0o644, content: { data: Buffer.from('1') } },
      { kind: 'file', path: 'none', mode: 0o644, content: { data: Buffer.alloc(0) } },
    ]);
    const bytes = await readFile(path);
    expect(bytes.length).toBe(512 + 512 + 512 + 1024);
    expect(bytes.subarray(512, 514).toString('latin1')).toBe('1\0');
    expect(bytes.subarray(-1024).every((byte) => byte === 0)).toBe(true);
    expect(written).toEqual({ size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  });

  it('gives the same bytes for the same content, in memory or on disk', async () => {
    const content = Buffer.alloc(3_000_000, 'content');
    await writeFile(join(folder, 'content'), content, { mode: 0o600 });
    const entry = (held: TarContent): TarEntry => ({ kind: 'file', path: 'x', mode: 0o644, content: held });
    const onDisk = entry({ file: join(folder, 'content'), size: content.length });
    const disk = await writeTar(join(folder, '1'), [onDisk]);
    const memory = await writeTar(join(folder, '2'), [entry({ data: content })]);
    expect(disk).toEqual(memory);
  });

  it('notices a file that is no longer as long as it was', async () => {
    await writeFile(join(folder, 'short'), 'abc');
    const entry: TarEntry = {
      kind: 'file',
      path: 'x',
      mode: 0o644,
      content: { file: join(folder, 'short'), size: 4 },
    };
    await expect(writeTar(join(folder, 'out'), [entry])).rejects.toMatchObject({ code: 'file-changed' });
  });
});
