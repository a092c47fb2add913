import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostArch } from '../arch.ts';
import type { Recipe } from '../recipe.ts';

const SCRIPT = join(import.meta.dirname, '..', '..', '..', 'examples', 'training', 'mpi', 'pi.py');

/** Networks other than TCP, and what programs in Python do without. */
const SKIP =
  '/mca_[a-z]+_(ofi|psm2?|openib|uct|ucx)\\.so$|(^|/)tests?/|(^|/)__pycache__$|/openmpi/(include|lib/fortran)$' +
  '|^usr/lib/python3\\.11/(lib2to3|idlelib|ensurepip|pydoc_data|turtle\\.py|dist-packages|config-.*)$';

/** Open MPI 4.1 with a server and a client of SSH, Python and mpi4py, and examples/training/mpi as what it runs. */
export async function openmpi(): Promise<Recipe> {
  const { triplet } = hostArch();
  const programs = ['bin/orterun', 'bin/orted', 'bin/ssh', 'bin/sh', 'bin/python3', 'sbin/sshd'];
  return {
    name: 'openmpi',
    tag: '4.1',
    packages: [
      'openmpi-bin',
      'openssh-server',
      'openssh-client',
      'dash',
      'python3-minimal',
      'python3-mpi4py',
    ],
    paths: [
      ...programs.map((name) => `usr/${name}`),
      `usr/lib/${triplet}/openmpi`,
      `usr/lib/${triplet}/pmix2`,
      'usr/share/openmpi',
      'usr/lib/python3.11',
      'usr/lib/python3/dist-packages/mpi4py',
    ],
    skip: SKIP,
    files: [
      { path: '/app/pi.py', text: await readFile(SCRIPT, 'utf8') },
      // The server runs what comes by the shell of its user.
      { path: '/etc/passwd', text: 'root:x:0:0:root:/:/nologin\napp:x:65532:65532:app:/tmp:/bin/sh\n' },
    ],
    config: {
      entrypoint: [],
      cmd: ['/usr/sbin/sshd', '-De'],
      env: { HOME: '/tmp', PATH: '/usr/bin:/usr/sbin', PYTHONDONTWRITEBYTECODE: '1' },
      ports: [],
    },
  };
}
