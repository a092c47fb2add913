import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hostArch, type Arch } from './arch.ts';
import { writeArchive } from './archive.ts';
import { cached, cacheFolder } from './cache.ts';
import { addLibraries } from './elf.ts';
import { readRecipe } from './recipe-file.ts';
import { imageRef, recipeHash, type ImageName, type Recipe } from './recipe.ts';
import { engineBuild } from './recipes/engine-build.ts';
import { jax } from './recipes/jax.ts';
import { openarena } from './recipes/openarena.ts';
import { openmpi } from './recipes/openmpi.ts';
import { operator } from './recipes/operator.ts';
import { pytorch } from './recipes/pytorch.ts';
import { copyFromStage, locate, unpackStage } from './stage.ts';
import { Tree } from './tree.ts';

export { readRecipe } from './recipe-file.ts';
export { IMAGE_NAMES, type ImageName } from './recipe.ts';
export { ImageError, type ImageErrorCode } from './errors.ts';

/** A packed image: the path of its archive and the reference that Pods name once it is imported. */
export interface BuiltImage {
  readonly tar: string;
  readonly ref: string;
}

const recipeFile = (name: ImageName): Promise<Recipe> =>
  readRecipe(join(import.meta.dirname, 'recipes', `${name}.yaml`));

/** Where a recipe depends on the machine or needs more than copying, it is code. */
const RECIPES: Readonly<Record<ImageName, (name: ImageName) => Promise<Recipe>>> = {
  teeworlds: recipeFile,
  openarena,
  bzflag: recipeFile,
  trainer: recipeFile,
  pytorch,
  jax,
  openmpi,
  postgresql: recipeFile,
  'engine-build': engineBuild,
  operator,
};

/** Packs one of the project's own images, as `packImage` does. */
export const buildImage = async (name: ImageName): Promise<BuiltImage> =>
  packImage(await RECIPES[name](name));

/**
 * Packs an image, or answers at once from the cache when nothing that determines it has changed.
 * Needs Debian's apt and, the first time, its package archive; no Docker and no registry.
 * @throws ImageError with a code and a sentence on what to do.
 */
export async function packImage(recipe: Recipe): Promise<BuiltImage> {
  const arch = hostArch();
  const folder = cacheFolder();
  const hash = await recipeHash(recipe, arch.oci);
  const tar = await cached(folder, recipe.name, hash, async (target, work) => {
    const layers = await packLayers(recipe, arch, join(folder, 'apt'), work);
    await writeArchive(target, work, recipe, layers, arch.oci);
  });
  return { tar, ref: imageRef(recipe) };
}

async function packLayers(recipe: Recipe, arch: Arch, aptFolder: string, work: string): Promise<Tree[]> {
  const wanted = { closure: recipe.packages, alone: recipe.packagesAlone ?? [] };
  const stage = await unpackStage(join(work, 'stage'), aptFolder, wanted, arch);
  const skip = recipe.skip === undefined ? undefined : new RegExp(recipe.skip, 'u');
  const base = new Tree();
  base.mergeUsr();
  base.dir('tmp', 0o1777);
  base.text('etc/passwd', 'root:x:0:0:root:/:/nologin\napp:x:65532:65532:app:/tmp:/nologin\n');
  base.text('etc/group', 'root:x:0:\napp:x:65532:\n');
  for (const path of recipe.paths) await copyFromStage(stage, base, path, skip);
  for (const folder of recipe.folders ?? []) base.dir(folder);
  for (const { path, source } of recipe.programs ?? []) {
    base.file(path, { file: source, size: (await stat(source)).size }, 0o755);
  }
  for (const { name } of stage.packages) {
    const notice = `usr/share/doc/${name}/copyright`;
    if (locate(stage, notice).length > 0) await copyFromStage(stage, base, notice);
  }
  await recipe.pack?.(stage, base, work);
  await addLibraries(stage, base, arch, recipe.libraryDirs ?? []);
  const top = new Tree();
  for (const { path, text } of recipe.files ?? []) top.text(path, text);
  return top.empty ? [base] : [base, top];
}
