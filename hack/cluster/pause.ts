import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TarEntry, writeTar } from '../images/tar.ts';
import { exec } from './exec.ts';
import { cacheRoot } from './paths.ts';

/** Image that the sandbox of every Pod runs; never pulled. */
export const PAUSE_IMAGE = 'localhost/pause:1';

const source = join(import.meta.dirname, 'node', 'pause.c');
const FLAGS = ['-static', '-Os', '-s', '-Wall'];

const folder = (): string => {
  const hash = createHash('sha256').update(readFileSync(source)).update(FLAGS.join(' ')).digest('hex');
  return join(cacheRoot(), 'bin', `pause-${hash.slice(0, 12)}`);
};

/** Path of the static `pause` program, compiled on first use. */
export const pauseProgram = async (): Promise<string> => {
  const target = join(folder(), 'pause');
  if (existsSync(target)) return target;
  mkdirSync(folder(), { recursive: true });
  const draft = `${target}.${process.pid}.partial`;
  await exec('gcc', [...FLAGS, '-o', draft, source]);
  renameSync(draft, target);
  return target;
};

/** A regular file of an archive, from memory. */
const member = (path: string, mode: number, data: Uint8Array): TarEntry => ({
  kind: 'file',
  path,
  mode,
  content: { data },
});

/** Path of the sandbox image as a docker-archive, made on first use. */
export const pauseArchive = async (): Promise<string> => {
  const target = join(folder(), 'pause.tar');
  if (existsSync(target)) return target;
  const program = readFileSync(await pauseProgram());
  const work = mkdtempSync(join(folder(), 'partial-'));
  const layer = join(work, 'layer.tar');
  const { sha256 } = await writeTar(layer, [member('pause', 0o755, program)]);
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: { Entrypoint: ['/pause'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256}`] },
  });
  const manifest = JSON.stringify([
    { Config: 'config.json', RepoTags: [PAUSE_IMAGE], Layers: ['layer.tar'] },
  ]);
  const archive = join(work, 'pause.tar');
  await writeTar(archive, [
    member('manifest.json', 0o644, Buffer.from(manifest)),
    member('config.json', 0o644, Buffer.from(config)),
    member('layer.tar', 0o644, readFileSync(layer)),
  ]);
  renameSync(archive, target);
  rmSync(work, { recursive: true });
  return target;
};
