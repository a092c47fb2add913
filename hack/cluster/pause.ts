import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from './exec.ts';
import { cacheRoot } from './paths.ts';
import { tarOf } from './tar.ts';

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

/** Path of the sandbox image as a docker-archive, made on first use. */
export const pauseArchive = async (): Promise<string> => {
  const target = join(folder(), 'pause.tar');
  if (existsSync(target)) return target;
  const layer = tarOf([{ name: 'pause', mode: 0o755, content: readFileSync(await pauseProgram()) }]);
  const digest = createHash('sha256').update(layer).digest('hex');
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: { Entrypoint: ['/pause'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  });
  const manifest = JSON.stringify([
    { Config: 'config.json', RepoTags: [PAUSE_IMAGE], Layers: ['layer.tar'] },
  ]);
  const archive = tarOf([
    { name: 'manifest.json', mode: 0o644, content: Buffer.from(manifest) },
    { name: 'config.json', mode: 0o644, content: Buffer.from(config) },
    { name: 'layer.tar', mode: 0o644, content: layer },
  ]);
  const draft = `${target}.${process.pid}.partial`;
  writeFileSync(draft, archive);
  renameSync(draft, target);
  return target;
};
