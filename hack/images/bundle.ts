import { build } from 'esbuild';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/**
 * CommonJS dependencies inside an ES module: `require` of Node's own modules, and the two names that such files take for
 * granted, are made from the module's own address.
 */
const BANNER = [
  "import { createRequire as profferCreateRequire } from 'node:module';",
  'const require = profferCreateRequire(import.meta.url);',
  'const __filename = import.meta.filename, __dirname = import.meta.dirname;',
].join('\n');

/**
 * Bundles an entry and all it imports into a folder of ES modules for Node 24, readable (not minified), so that stack
 * traces are. `proffer.mjs` is the entry and `lease-worker.mjs` the lease thread's; what either imports lazily is in files
 * of its own, which cost memory and time only where they are loaded. A folder that is there is replaced once the new one is
 * whole.
 * @param folder holds the bundle and nothing else.
 * @returns the absolute path of `proffer.mjs`.
 * @throws the bundler's error, which names the file and line that cannot be resolved.
 */
export async function bundle(
  entry: string = join(ROOT, 'src', 'cli.ts'),
  folder: string = join(ROOT, 'dist', 'proffer'),
): Promise<string> {
  const part = `${folder}.${process.pid}.part`;
  await build({
    entryPoints: { proffer: entry, 'lease-worker': join(ROOT, 'src', 'kube', 'lease-worker.ts') },
    outdir: part,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: BANNER },
    legalComments: 'eof',
    logLevel: 'warning',
  });
  await rm(folder, { recursive: true, force: true });
  await rename(part, folder);
  return join(folder, 'proffer.mjs');
}

if (import.meta.main) console.log(await bundle());
