import { open } from 'node:fs/promises';
import { basename, relative } from 'node:path';
import type { Arch } from './arch.ts';
import { ImageError } from './errors.ts';
import { tryRun } from './run.ts';
import { copyFromStage, locate, type Stage } from './stage.ts';
import { mergedPath, type Tree } from './tree.ts';

/**
 * Packs every shared library that the programs and libraries in the tree need, as the stage's own dynamic loader finds
 * them. A library outside the loader's ordinary folders is linked into one, as update-alternatives would have done.
 * @param extraDirs further library folders of the packages, e.g. `usr/lib/x86_64-linux-gnu/blas`.
 * @throws ImageError `library-missing` naming the library and who needs it; `library-from-host` if one would be the host's.
 */
export async function addLibraries(
  stage: Stage,
  tree: Tree,
  arch: Arch,
  extraDirs: readonly string[],
): Promise<void> {
  const plain = [`usr/lib/${arch.triplet}`, 'usr/lib'];
  const [loader] = locate(stage, `usr/lib/${arch.triplet}/${arch.loader}`);
  const programs = await dynamicFiles(tree);
  if (loader === undefined) {
    if (programs.length === 0) return;
    throw new ImageError(
      'library-missing',
      `no dynamic loader for ${programs[0]}: add libc6 to the recipe's packages`,
    );
  }
  const dirs = [...plain, ...extraDirs].flatMap((dir) => locate(stage, dir));
  for (const program of programs) {
    const flags = ['--inhibit-cache', '--library-path', dirs.join(':'), '--list', program];
    // The loader stops at the first library that it does not find and lists nothing: never take that for "needs nothing".
    const { status, stdout, stderr } = await tryRun(loader, flags);
    if (status !== 0) throw new ImageError('library-missing', `libraries of ${program}: ${stderr.trim()}`);
    for (const found of parseList(stdout)) {
      const path = relative(stage.root, found);
      if (path.startsWith('..')) {
        throw new ImageError(
          'library-from-host',
          `${program} needs ${found}, which none of the packages has; add its package`,
        );
      }
      await copyFromStage(stage, tree, path);
      const image = mergedPath(path);
      const short = `usr/lib/${arch.triplet}/${basename(image)}`;
      if (!plain.includes(image.slice(0, -basename(image).length - 1)) && !tree.has(short))
        tree.link(short, `/${image}`);
    }
  }
  // The path of the loader that programs carry in themselves is /lib64/... on x64.
  for (const path of [`usr/lib64/${arch.loader}`, `usr/lib/${arch.loader}`]) {
    if (locate(stage, path).length > 0) await copyFromStage(stage, tree, path);
  }
}

/** The files that `ld.so --list` names; the kernel's own vdso has none. */
export function parseList(listing: string): string[] {
  return [...listing.matchAll(/^\t(?:\S+ => )?(\/\S+) \(0x[0-9a-f]+\)$/gmu)].map(([, path = '']) => path);
}

/** Files of the tree that are ELF programs or libraries with dynamic linking, by their place on this host. */
async function dynamicFiles(tree: Tree): Promise<string[]> {
  const found: string[] = [];
  for (const entry of tree.entries()) {
    if (entry.kind !== 'file' || !('file' in entry.content)) continue;
    if (await isDynamicElf(entry.content.file)) found.push(entry.content.file);
  }
  return found;
}

const PT_DYNAMIC = 2;

/** Reads the program headers of a 64-bit little-endian ELF; anything else is not one. */
async function isDynamicElf(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const head = Buffer.alloc(64);
    await handle.read(head, 0, 64, 0);
    if (head.readUInt32BE(0) !== 0x7f454c46 || head[4] !== 2 || head[5] !== 1) return false;
    const size = head.readUInt16LE(54);
    const headers = Buffer.alloc(size * head.readUInt16LE(56));
    await handle.read(headers, 0, headers.length, Number(head.readBigUInt64LE(32)));
    for (let at = 0; at < headers.length; at += size)
      if (headers.readUInt32LE(at) === PT_DYNAMIC) return true;
    return false;
  } finally {
    await handle.close();
  }
}
