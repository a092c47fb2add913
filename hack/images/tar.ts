import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { ImageError } from './errors.ts';

/** Bytes in memory, or a file on disk that is read when the tar is written. `size` is in bytes. */
export type TarContent = { readonly data: Uint8Array } | { readonly file: string; readonly size: number };

/** One member of a tar. Paths are relative, without a leading or trailing slash. */
export type TarEntry =
  | { readonly kind: 'dir'; readonly path: string; readonly mode: number }
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: TarContent }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string };

/** What was written: hex SHA-256 over the whole tar, and its size in bytes. */
export interface Written {
  readonly sha256: string;
  readonly size: number;
}

const BLOCK = 512;

/** Size in bytes of a file entry's content. */
function contentSize(content: TarContent): number {
  return 'data' in content ? content.data.length : content.size;
}

/**
 * The 512-byte ustar header of an entry. Owner and group are root and the time is the epoch, always:
 * the same tree must give the same bytes, for the image's digest is made of them.
 * @throws ImageError `name-too-long` when a path or link target does not fit ustar's fields.
 */
export function tarHeader(entry: TarEntry): Buffer {
  const header = Buffer.alloc(BLOCK);
  const { name, prefix } = splitPath(entry.kind === 'dir' ? `${entry.path}/` : entry.path);
  const size = entry.kind === 'file' ? contentSize(entry.content) : 0;
  const target = entry.kind === 'symlink' ? entry.target : '';
  if (Buffer.byteLength(target) > 100) {
    throw new ImageError('name-too-long', `link target of ${entry.path} is longer than 100 bytes: ${target}`);
  }
  header.write(name, 0);
  header.write(octal(entry.kind === 'symlink' ? 0o777 : entry.mode, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(0, 12), 136);
  header.write(' '.repeat(8), 148);
  header.write({ dir: '5', file: '0', symlink: '2' }[entry.kind], 156);
  header.write(target, 157);
  header.write('ustar\u000000', 257);
  header.write(octal(0, 8), 329);
  header.write(octal(0, 8), 337);
  header.write(prefix, 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/**
 * Writes the entries, in the order given, as a tar to a new file.
 * @throws ImageError `file-changed` when a file on disk no longer has the size it was listed with.
 */
export async function writeTar(path: string, entries: Iterable<TarEntry>): Promise<Written> {
  const hash = createHash('sha256');
  let size = 0;
  const out = await open(path, 'wx');
  const put = async (bytes: Uint8Array): Promise<void> => {
    hash.update(bytes);
    size += bytes.length;
    await writeAll(out, bytes);
  };
  try {
    for (const entry of entries) {
      await put(tarHeader(entry));
      if (entry.kind !== 'file') continue;
      const from = size;
      if ('data' in entry.content) await put(entry.content.data);
      else
        for await (const chunk of createReadStream(entry.content.file, { highWaterMark: 1 << 20 }))
          await put(chunk as Buffer);
      const want = contentSize(entry.content);
      if (size - from !== want) {
        throw new ImageError(
          'file-changed',
          `${entry.path} had ${want} bytes when listed and ${size - from} when packed; build again`,
        );
      }
      await put(Buffer.alloc((BLOCK - (want % BLOCK)) % BLOCK));
    }
    await put(Buffer.alloc(2 * BLOCK));
    await out.sync();
  } finally {
    await out.close();
  }
  return { sha256: hash.digest('hex'), size };
}

async function writeAll(out: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) done += (await out.write(bytes, done)).bytesWritten;
}

function octal(value: number, width: number): string {
  const digits = value.toString(8).padStart(width - 1, '0');
  if (digits.length >= width)
    throw new ImageError('name-too-long', `${value} does not fit a tar field of ${width} bytes`);
  return `${digits}\0`;
}

/** ustar keeps 100 bytes of name and, before a slash, 155 bytes of prefix. */
function splitPath(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' };
  for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
    const name = path.slice(slash + 1);
    const prefix = path.slice(0, slash);
    if (name !== '' && Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155)
      return { name, prefix };
  }
  throw new ImageError('name-too-long', `path does not fit a ustar header: ${path}`);
}
