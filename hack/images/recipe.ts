import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stage } from './stage.ts';
import type { Tree } from './tree.ts';

/** The images that this folder can build. */
export const IMAGE_NAMES = [
  'teeworlds',
  'openarena',
  'bzflag',
  'trainer',
  'pytorch',
  'jax',
  'openmpi',
  'postgresql',
  'engine-build',
  'operator',
] as const;

/** Name of an image of the project; its reference is `localhost/proffer/<name>:<tag>`. */
export type ImageName = (typeof IMAGE_NAMES)[number];

/** How a container of the image starts; the words are those of the OCI image config. */
export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** For example `8303/udp`. */
  readonly ports: readonly string[];
  /** Who runs it, as UID:GID: 65532:65532 when left out. */
  readonly user?: string;
  /** The signal that asks it to end, SIGTERM when left out. */
  readonly stopSignal?: string;
}

/** A large file of this host that goes into the image as it is. */
export interface Program {
  /** Absolute path in the image. */
  readonly path: string;
  /** Absolute path on this host. */
  readonly source: string;
  /** Stands for the content in the recipe's hash: reading a hundred megabytes at each call would be slow. */
  readonly identity: string;
}

/** A text file for the image. It is held in memory, so that what is hashed is what is packed. */
export interface TextFile {
  /** Absolute path in the image. */
  readonly path: string;
  readonly text: string;
}

/** All that determines an image. Everything but `pack` is data and goes into the cache key. */
export interface Recipe {
  readonly name: string;
  readonly tag: string;
  /** Debian packages; their closure is unpacked, and only what is named below is taken from it. */
  readonly packages: readonly string[];
  /** Debian packages that are unpacked without what they depend on. */
  readonly packagesAlone?: readonly string[];
  /** Files and folders of the packages. */
  readonly paths: readonly string[];
  /** Folders that are to be there, empty or not. */
  readonly folders?: readonly string[];
  /** Source of a regular expression: paths without a leading slash that are left out. */
  readonly skip?: string;
  /** Library folders that the packages' own scripts would have made known to the loader. */
  readonly libraryDirs?: readonly string[];
  /** Programs of this host for the base layer; their libraries are packed too. */
  readonly programs?: readonly Program[];
  /** What changes often: a layer of its own on top, so that the base layer stays the same blob. */
  readonly files?: readonly TextFile[];
  readonly config: ImageConfig;
  /** Adds what is not in the packages as such. May write below `work`, which lives until the image is packed. */
  readonly pack?: (stage: Stage, tree: Tree, work: string) => Promise<void>;
}

/** The reference under which a container runtime knows the image after import. */
export function imageRef(recipe: Recipe): string {
  return `localhost/proffer/${recipe.name}:${recipe.tag}`;
}

/**
 * Hex hash over the recipe with the text of its files, the architecture and the builder's sources: another hash, another
 * image. Versions of Debian packages are not in it; they are settled when the image is built.
 */
export async function recipeHash(recipe: Recipe, arch: string): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify({ ...recipe, arch }));
  const here = import.meta.dirname;
  const sources = (await readdir(here, { recursive: true })).filter((name) => /(?<!\.test)\.ts$/u.test(name));
  for (const name of sources.sort()) hash.update(`${name}\0`).update(await readFile(join(here, name)));
  return hash.digest('hex').slice(0, 16);
}
