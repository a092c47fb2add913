import { lstatSync } from 'node:fs';
import { lstat, mkdir, readdir, readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { downloadAlone, downloadClosure, type DebianPackage } from './apt.ts';
import type { Arch } from './arch.ts';
import { ImageError } from './errors.ts';
import { run } from './run.ts';
import { mergedPath, type Tree } from './tree.ts';

/** A folder into which a closure of Debian packages is unpacked; images are made of parts of it. */
export interface Stage {
  readonly root: string;
  readonly packages: readonly DebianPackage[];
}

/**
 * Unpacks packages and their closure under `root`, and the packages `alone` without theirs. No maintainer script runs, so
 * nothing that one would make (links of update-alternatives, caches) is there.
 */
export async function unpackStage(
  root: string,
  aptFolder: string,
  wanted: { readonly closure: readonly string[]; readonly alone: readonly string[] },
  arch: Arch,
): Promise<Stage> {
  await mkdir(root, { recursive: true });
  const packages = [
    ...(wanted.closure.length === 0 ? [] : await downloadClosure(aptFolder, wanted.closure, arch)),
    ...(wanted.alone.length === 0 ? [] : await downloadAlone(aptFolder, wanted.alone)),
  ];
  for (const { file } of packages) await run('dpkg-deb', ['--extract', file, root]);
  return { root, packages };
}

/**
 * Where a path of the image lies in the stage. A folder can lie in two places, since packages still differ on /lib and
 * /usr/lib; empty when no package has it.
 */
export function locate(stage: Stage, path: string): string[] {
  const merged = mergedPath(path);
  return [...new Set([merged, merged.replace(/^usr\/(?=s?bin|lib)/u, '')])]
    .map((place) => join(stage.root, place))
    .filter((place) => lstatSync(place, { throwIfNoEntry: false }) !== undefined);
}

/**
 * Copies a file, link or folder of the stage into the tree, with what its links point at. Modes become 0755 for folders
 * and executables and 0644 for the rest, so that they do not depend on the host's umask.
 * @param skip paths (as in the image, without a leading slash) that match are left out.
 * @throws ImageError `path-missing` when the packages do not hold the path.
 */
export async function copyFromStage(stage: Stage, tree: Tree, path: string, skip?: RegExp): Promise<void> {
  const image = mergedPath(path);
  if (skip?.test(image) === true) return;
  const sources = locate(stage, image);
  if (sources.length === 0) {
    const names = stage.packages.map((deb) => deb.name).join(' ');
    throw new ImageError('path-missing', `/${image} is in none of the packages: ${names}`);
  }
  for (const source of sources) {
    const stat = await lstat(source);
    if (stat.isDirectory()) {
      tree.dir(image);
      for (const name of await readdir(source))
        await copyFromStage(stage, tree, posix.join(image, name), skip);
    } else if (stat.isSymbolicLink()) {
      await copyLink(stage, tree, image, await readlink(source), skip);
    } else {
      tree.file(image, { file: source, size: stat.size }, (stat.mode & 0o111) === 0 ? 0o644 : 0o755);
    }
  }
}

async function copyLink(
  stage: Stage,
  tree: Tree,
  image: string,
  target: string,
  skip?: RegExp,
): Promise<void> {
  // Links may form rings; what is packed already is not followed again.
  const seen = tree.has(image);
  tree.link(image, target);
  if (!seen) await copyFromStage(stage, tree, posix.resolve('/', posix.dirname(image), target), skip);
}
