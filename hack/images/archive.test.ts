import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeArchive } from './archive.ts';
import type { Recipe } from './recipe.ts';
import { Tree } from './tree.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'proffer-archive-'))));
afterEach(() => rm(folder, { recursive: true }));

const recipe: Recipe = {
  name: 'teeworlds',
  tag: '1',
  packages: [],
  paths: [],
  config: { entrypoint: ['/run'], cmd: ['x'], env: { HOME: '/tmp' }, ports: ['8303/udp'] },
};

function layer(name: string): Tree {
  const tree = new Tree();
  tree.text(name, name);
  return tree;
}

/** Members of a tar by name; every archive here is flat enough for the plain name field. */
function members(tar: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let at = 0; tar[at] !== 0;) {
    const name = tar.toString('latin1', at, at + 100).replace(/\0.*$/su, '');
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8);
    found.set(name, tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}

interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Record<string, string>;
}

it('is an OCI layout whose every descriptor is true, and a Docker archive of the same blobs', async () => {
  const digest = await writeArchive(
    join(folder, 'out.tar'),
    folder,
    recipe,
    [layer('a'), layer('b')],
    'amd64',
  );
  const files = members(await readFile(join(folder, 'out.tar')));
  const json = (name: string): unknown => JSON.parse(files.get(name)?.toString() ?? 'null');
  const blob = (descriptor: Descriptor): string => {
    const path = `blobs/${descriptor.digest.replace(':', '/')}`;
    const bytes = files.get(path) ?? Buffer.alloc(0);
    expect(descriptor.digest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
    expect(descriptor.size).toBe(bytes.length);
    return path;
  };
  expect(json('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
  const [entry] = (json('index.json') as { manifests: [Descriptor] }).manifests;
  expect(entry.digest).toBe(digest);
  expect(entry.annotations?.['io.containerd.image.name']).toBe('localhost/proffer/teeworlds:1');
  const manifest = json(blob(entry)) as { config: Descriptor; layers: Descriptor[] };
  const config = json(blob(manifest.config)) as { config: { User: string }; rootfs: { diff_ids: string[] } };
  expect(config.config).toMatchObject({
    User: '65532:65532',
    Entrypoint: ['/run'],
    ExposedPorts: { '8303/udp': {} },
  });
  expect(config.rootfs.diff_ids).toEqual(manifest.layers.map((one) => one.digest));
  expect(manifest.layers.map((one) => [...members(files.get(blob(one)) ?? Buffer.alloc(1)).keys()])).toEqual([
    ['a'],
    ['b'],
  ]);
  expect(json('manifest.json')).toEqual([
    {
      Config: blob(manifest.config),
      RepoTags: ['localhost/proffer/teeworlds:1'],
      Layers: manifest.layers.map(blob),
    },
  ]);
});
