import { type BuiltImage, buildImage, IMAGE_NAMES, ImageError, packImage, readRecipe } from './index.ts';

const USAGE = `usage: node hack/images/build.ts [NAME | RECIPE.yaml ... | --all]
Packs container images and prints the path of each archive. NAME: ${IMAGE_NAMES.join(', ')}; hack/images/recipes shows
what a recipe of one's own looks like.`;

async function build(what: string): Promise<BuiltImage> {
  if (/\.ya?ml$/u.test(what)) return packImage(await readRecipe(what));
  const name = IMAGE_NAMES.find((known) => known === what);
  if (name !== undefined) return buildImage(name);
  throw new ImageError('unknown-image', `no image is called ${what}\n${USAGE}`);
}

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log(USAGE);
} else {
  try {
    for (const what of args.length === 0 || args.includes('--all') ? IMAGE_NAMES : args) {
      const { tar, ref } = await build(what);
      console.error(ref);
      console.log(tar);
    }
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    console.error(`${error.code}: ${error.message}`);
    process.exitCode = 1;
  }
}
