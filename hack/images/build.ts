import { buildImage, IMAGE_NAMES, ImageError, type ImageName } from './index.ts';

const USAGE = `usage: node hack/images/build.ts [NAME... | --all]
Packs container images and prints the path of each archive. NAME: ${IMAGE_NAMES.join(', ')}.`;

/** Which images the command line asks for. */
function wanted(args: readonly string[]): readonly ImageName[] {
  if (args.length === 0 || args.includes('--all')) return IMAGE_NAMES;
  return args.map((arg) => {
    const name = IMAGE_NAMES.find((known) => known === arg);
    if (name === undefined) throw new ImageError('unknown-image', `no image is called ${arg}\n${USAGE}`);
    return name;
  });
}

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log(USAGE);
} else {
  try {
    for (const name of wanted(args)) {
      const { tar, ref } = await buildImage(name);
      console.error(ref);
      console.log(tar);
    }
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    console.error(`${error.code}: ${error.message}`);
    process.exitCode = 1;
  }
}
