import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostArch } from '../arch.ts';
import { ImageError } from '../errors.ts';
import type { Recipe } from '../recipe.ts';
import { run } from '../run.ts';
import { copyFromStage, locate } from '../stage.ts';

const SCRIPT = join(import.meta.dirname, '..', '..', '..', 'examples', 'training', 'pytorch', 'train.py');

const PACKAGES = 'usr/lib/python3/dist-packages';

/** Libraries for video and pictures that Debian's build of torch names and takes no symbol from: half a gigabyte. */
const UNUSED = /^lib(opencv_|av(codec|format|util)|swscale)/u;

/** Tests, build tools, headers, and the parts of Python that no training script needs. */
const SKIP =
  '(^|/)tests?/|(^|/)__pycache__$' +
  '|^usr/lib/python3\\.11/(lib2to3|idlelib|ensurepip|pydoc_data|turtle\\.py|dist-packages|config-.*)$' +
  '|dist-packages/numpy/(distutils|typing)$|dist-packages/torch/(include|share|test|lib|bin/(?!torch_shm).*)$';

/** PyTorch 1.13 for CPUs, with gloo between processes and torchrun, and examples/training/pytorch as what it runs. */
export async function pytorch(): Promise<Recipe> {
  const { triplet } = hostArch();
  const libraries = `usr/lib/${triplet}`;
  return {
    name: 'pytorch',
    tag: '1.13',
    packages: ['python3-torch', 'python3-minimal', 'patchelf'],
    paths: [
      'usr/bin/python3',
      'usr/lib/python3.11',
      ...['torch', 'torchgen', 'numpy', 'typing_extensions.py', 'yaml'].map((name) => `${PACKAGES}/${name}`),
    ],
    skip: SKIP,
    libraryDirs: [`${libraries}/blas`, `${libraries}/lapack`, 'usr/lib'],
    files: [{ path: '/app/train.py', text: await readFile(SCRIPT, 'utf8') }],
    config: {
      entrypoint: ['/usr/bin/python3'],
      cmd: ['/app/train.py'],
      env: { HOME: '/tmp', PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1', OMP_NUM_THREADS: '1' },
      ports: [],
    },
    // Its libraries come last: what torch no longer names is not packed.
    pack: async (stage, tree) => {
      const [patchelf] = locate(stage, 'usr/bin/patchelf');
      const [torch] = locate(stage, `${libraries}/libtorch_cpu.so.1.13`);
      if (patchelf === undefined || torch === undefined)
        throw new ImageError(
          'path-missing',
          'python3-torch has no libtorch_cpu.so.1.13, or patchelf is missing',
        );
      const needed = (await run(patchelf, ['--print-needed', torch])).split('\n');
      const flags = needed.filter((name) => UNUSED.test(name)).flatMap((name) => ['--remove-needed', name]);
      if (flags.length > 0) await run(patchelf, [...flags, torch]);
      await copyFromStage(stage, tree, `${PACKAGES}/torch/lib`, /libcaffe2_/u);
    },
  };
}
