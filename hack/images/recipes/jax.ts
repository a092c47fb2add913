import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostArch } from '../arch.ts';
import type { Recipe } from '../recipe.ts';
import { run } from '../run.ts';
import { copyFromStage } from '../stage.ts';

const SCRIPT = join(import.meta.dirname, '..', '..', '..', 'examples', 'training', 'jax', 'train.py');
const JAX = 'jax==0.10.2';

/** Where Python looks for what is not its own. */
const PACKAGES = 'usr/lib/python3/dist-packages';

/** JAX 0.10 for CPUs out of PyPI's wheels, on Debian's Python, and examples/training/jax as what it runs. Needs pip on this host. */
export async function jax(): Promise<Recipe> {
  const arch = hostArch().oci === 'amd64' ? 'x86_64' : 'aarch64';
  return {
    name: 'jax',
    tag: '0.10',
    packages: ['python3-minimal', 'libpython3.11-stdlib', 'libstdc++6', 'libgcc-s1', 'zlib1g'],
    paths: ['usr/bin/python3', 'usr/lib/python3.11'],
    skip: '(^|/)tests?/|(^|/)__pycache__$|^usr/lib/python3\\.11/(lib2to3|idlelib|ensurepip|pydoc_data|turtle\\.py|dist-packages)$',
    libraryDirs: [`${PACKAGES}/numpy.libs`, `${PACKAGES}/scipy.libs`],
    files: [{ path: '/app/train.py', text: await readFile(SCRIPT, 'utf8') }],
    config: {
      entrypoint: ['/usr/bin/python3'],
      cmd: ['/app/train.py'],
      env: { HOME: '/tmp', PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1', JAX_PLATFORMS: 'cpu' },
      ports: [],
    },
    // Into the stage, so that the libraries that the wheels bring are found like those of packages.
    pack: async (stage, tree) => {
      const builds = ['2014', '_2_27', '_2_28'].flatMap((libc) => ['--platform', `manylinux${libc}_${arch}`]);
      const python = ['--python-version', '3.11', '--only-binary=:all:', '--no-compile', '--quiet'];
      const target = join(stage.root, PACKAGES);
      await run('python3', ['-m', 'pip', 'install', '--target', target, ...builds, ...python, JAX]);
      await copyFromStage(stage, tree, PACKAGES, /(^|\/)(tests?\/|bin$)/u);
    },
  };
}
