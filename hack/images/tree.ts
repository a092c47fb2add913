import { posix } from 'node:path';
import { ImageError } from './errors.ts';
import type { TarContent, TarEntry } from './tar.ts';

const MERGED = new Set(['bin', 'sbin', 'lib', 'lib32', 'lib64']);

/**
 * The path under which a file lies in an image with merged /usr (Debian's layout since 12): /lib/x is /usr/lib/x.
 * Takes absolute or relative paths, gives a relative one without a trailing slash.
 */
export function mergedPath(path: string): string {
  const clean = posix.normalize(`/${path}`).replace(/^\/+|\/+$/gu, '');
  return MERGED.has(clean.split('/', 1)[0] ?? '') ? `usr/${clean}` : clean;
}

/** The files of one image layer, kept in memory as a list of what to pack. Parents come into being by themselves. */
export class Tree {
  readonly #entries = new Map<string, TarEntry>();

  /** Adds a folder, with 0755 unless told otherwise. */
  dir(path: string, mode = 0o755): void {
    this.#put({ kind: 'dir', path: mergedPath(path), mode });
  }

  /** Adds a regular file. */
  file(path: string, content: TarContent, mode: number): void {
    this.#put({ kind: 'file', path: mergedPath(path), mode, content });
  }

  /** Adds a small text file, 0644. */
  text(path: string, text: string): void {
    this.file(path, { data: Buffer.from(text) }, 0o644);
  }

  /** Adds a symbolic link; the target is kept as it is given. */
  link(path: string, target: string): void {
    this.#put({ kind: 'symlink', path: mergedPath(path), target });
  }

  /** Adds the links that make /bin, /sbin, /lib and /lib64 parts of /usr; only a base layer has them. */
  mergeUsr(): void {
    for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
      this.dir(`usr/${name}`);
      this.#entries.set(name, { kind: 'symlink', path: name, target: `usr/${name}` });
    }
  }

  /** Whether something is packed under this path. */
  has(path: string): boolean {
    return this.#entries.has(mergedPath(path));
  }

  /** Whether the layer holds nothing. */
  get empty(): boolean {
    return this.#entries.size === 0;
  }

  /** All members in byte order of their paths, so parents come before children and every build writes the same order. */
  entries(): TarEntry[] {
    return [...this.#entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  #put(entry: TarEntry): void {
    const old = this.#entries.get(entry.path);
    if (old && old.kind !== entry.kind) {
      throw new ImageError(
        'path-conflict',
        `/${entry.path} is packed both as ${old.kind} and as ${entry.kind}`,
      );
    }
    const parent = posix.dirname(entry.path);
    if (parent !== '.' && !this.#entries.has(parent)) this.dir(parent);
    this.#entries.set(entry.path, entry);
  }
}
