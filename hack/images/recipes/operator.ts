import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundle } from '../bundle.ts';
import type { Recipe } from '../recipe.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const NODE = join(ROOT, 'node_modules', 'node');

/** The operator: Node from its npm package, the C libraries it needs, and the bundle. */
export async function operator(): Promise<Recipe> {
  const binary = join(NODE, 'bin', 'node');
  const { version: nodeVersion } = await packageJson(NODE);
  const { version } = await packageJson(ROOT);
  const folder = dirname(await bundle());
  const names = (await readdir(folder)).sort();
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
    files: await Promise.all(
      names.map(async (name) => ({
        path: `/app/${name}`,
        text: await readFile(join(folder, name), 'utf8'),
      })),
    ),
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
