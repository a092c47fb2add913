import { build } from 'esbuild';
import { rename } from 'node:fs/promises';
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
 * Bundles an entry and all it imports into one ES module for Node 24, readable (not minified), so that stack traces are.
 * The file appears whole or not at all.
 * @returns the absolute path of the bundle.
 * @throws the bundler's error, which names the file and line that cannot be resolved.
 */
export async function bundle(
  entry: string = join(ROOT, 'src', 'cli.ts'),
  output: string = join(ROOT, 'dist', 'proffer.mjs'),
): Promise<string> {
  const part = `${output}.${process.pid}.part`;
  await build({
    entryPoints: [entry],
    outfile: part,
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
  await rename(part, output);
  return output;
}

if (import.meta.main) console.log(await bundle());
