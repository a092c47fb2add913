import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Recipe } from '../recipe.ts';

const SCRIPT = join(import.meta.dirname, '..', '..', '..', 'examples', 'training', 'train.py');

/** Parts of Python's library and of NumPy that no training script needs: tests, build tools, terminal and desktop modules. */
const SKIP = [
  '(^|/)tests?/',
  '(^|/)__pycache__$',
  '^usr/lib/python3\\.11/(lib2to3|idlelib|ensurepip|pydoc_data|turtle\\.py|dist-packages|config-.*)$',
  'lib-dynload/(_curses|_curses_panel|_dbm|_sqlite3|_ssl|_tkinter|nis|readline|ossaudiodev|_test|_xx|xx)',
  'dist-packages/numpy/(distutils|f2py|typing)$',
].join('|');

/** Python 3.11 with NumPy, and examples/training/train.py as what it runs. */
export async function trainer(): Promise<Recipe> {
  return {
    name: 'trainer',
    tag: '1',
    packages: ['python3-minimal', 'python3-numpy'],
    paths: ['usr/bin/python3', 'usr/lib/python3.11', 'usr/lib/python3/dist-packages/numpy'],
    skip: SKIP,
    libraryDirs: ['usr/lib/x86_64-linux-gnu/blas', 'usr/lib/x86_64-linux-gnu/lapack'],
    files: [{ path: '/app/train.py', text: await readFile(SCRIPT, 'utf8') }],
    config: {
      entrypoint: ['/usr/bin/python3', '/app/train.py'],
      cmd: [],
      env: { HOME: '/tmp', PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1', OMP_NUM_THREADS: '1' },
      ports: [],
    },
  };
}
