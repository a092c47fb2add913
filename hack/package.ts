/**
 * Packs the command line for npm: the bundle, which needs nothing but Node, and the script that starts it.
 * Prints the path of the archive. Usage: node hack/package.ts
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { bundle } from './images/bundle.ts';

const ROOT = join(import.meta.dirname, '..');

/** Makes the archive in a folder. @returns its path */
export async function packCommandLine(folder = join(ROOT, 'dist')): Promise<string> {
  const stage = join(folder, 'package');
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(join(stage, 'bin'), { recursive: true });
  await bundle(undefined, join(stage, 'dist', 'proffer'));
  copyFileSync(join(ROOT, 'bin', 'proffer'), join(stage, 'bin', 'proffer'));
  const { name, version, description, license, type, bin, files } = manifest;
  // The bundle holds all dependencies.
  const own = { name, version, description, license, type, bin, files, engines: { node: '>=24' } };
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(own, undefined, 2)}\n`);
  const words = ['pack', '--loglevel=error', '--pack-destination', folder, stage];
  const archive = execFileSync('npm', words, { encoding: 'utf8' }).trim();
  return join(folder, archive);
}

if (import.meta.main) console.log(await packCommandLine());
