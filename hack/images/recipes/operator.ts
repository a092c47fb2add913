import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from '../bundle.ts';
import type { Recipe } from '../recipe.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const NODE = join(ROOT, 'node_modules', 'node');

/** The operator: Node from its npm package, the C libraries it needs, and one bundled file. */
export async function operator(): Promise<Recipe> {
  const binary = join(NODE, 'bin', 'node');
  const { version: nodeVersion } = await packageJson(NODE);
  const { version } = await packageJson(ROOT);
  return {
    name: 'operator',
    tag: version,
    packages: ['libc6', 'libstdc++6', 'libgcc-s1'],
    paths: [],
    programs: [
      {
        path: '/usr/local/bin/node',
        source: binary,
        identity: `${nodeVersion} ${(await stat(binary)).size}`,
      },
    ],
    files: [{ path: '/app/proffer.mjs', text: await readFile(await bundle(), 'utf8') }],
    config: {
      entrypoint: ['/usr/local/bin/node', '/app/proffer.mjs'],
      cmd: ['operator'],
      env: { NODE_ENV: 'production', HOME: '/tmp' },
      ports: [],
    },
  };
}

async function packageJson(folder: string): Promise<{ version: string }> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
}
