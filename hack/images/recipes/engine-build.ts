import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostArch } from '../arch.ts';
import type { Recipe, TextFile } from '../recipe.ts';

const SOURCES = join(import.meta.dirname, '..', '..', '..', 'examples', 'engine-build', 'baker');

/** Commands that the steps of the example use; gcc calls the last two. */
const COMMANDS = 'cat cmp cp gzip mkdir mktemp rm sh sha256sum tar gcc make strip as ld'.split(' ');

/** Link-time optimisation, sanitizers and what else of the compiler plain C does without. */
const SKIP =
  'usr/lib/gcc/.*/(lto1|plugin$|install-tools$|lib(asan|atomic|backtrace|cc1|gcov|gomp|hwasan|itm|lsan|quadmath|tsan|ubsan))';

/** GCC 12 for C, make and the stb libraries, with the sources of examples/engine-build/baker to compile. */
export async function engineBuild(): Promise<Recipe> {
  const { oci, triplet } = hostArch();
  return {
    name: 'engine-build',
    tag: '1',
    packages: [
      'gcc',
      'libc6-dev',
      'libstb-dev',
      'make',
      'binutils',
      'coreutils',
      'dash',
      'diffutils',
      'gzip',
      'tar',
    ],
    paths: [
      ...COMMANDS.map((name) => `usr/bin/${name}`),
      `usr/lib/gcc/${triplet}/12`,
      'usr/include',
      ...['crt1.o', 'Scrt1.o', 'crti.o', 'crtn.o', 'libc.so', 'libc_nonshared.a', 'libm.so'].map(
        (name) => `usr/lib/${triplet}/${name}`,
      ),
      // Nothing is linked with them, but linker scripts name them: that of gcc's own library, and of libm.so.
      `usr/lib/${triplet}/libgcc_s.so.1`,
      ...(oci === 'amd64' ? [`usr/lib/${triplet}/libmvec.so.1`] : []),
    ],
    skip: SKIP,
    files: await sources(),
    config: { entrypoint: [], cmd: ['/bin/sh'], env: { HOME: '/tmp' }, ports: [] },
  };
}

async function sources(): Promise<TextFile[]> {
  const names = (await readdir(SOURCES)).sort();
  return Promise.all(
    names.map(async (name) => ({
      path: `/usr/src/baker/${name}`,
      text: await readFile(join(SOURCES, name), 'utf8'),
    })),
  );
}
