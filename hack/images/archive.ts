import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { imageRef, type Recipe } from './recipe.ts';
import { writeTar, type TarContent, type TarEntry } from './tar.ts';
import type { Tree } from './tree.ts';

const EPOCH = '1970-01-01T00:00:00Z';
const OCI = 'application/vnd.oci.image';

interface Blob {
  readonly digest: string;
  readonly size: number;
  readonly content: TarContent;
}

/**
 * Writes an image archive to `target`: an OCI layout that also carries Docker's manifest.json, so `ctr images import`,
 * `docker load`, `kind load image-archive` and podman all take it. Layers are not compressed: that keeps the digest free of
 * the host's zlib, and a local import does not pay for it.
 * @param work folder on the same disk for the layers while they are hashed.
 * @returns the digest of the image manifest, `sha256:...`.
 */
export async function writeArchive(
  target: string,
  work: string,
  recipe: Recipe,
  layers: readonly Tree[],
  arch: string,
): Promise<string> {
  const layerBlobs: Blob[] = [];
  for (const [index, tree] of layers.entries()) {
    const file = join(work, `layer-${index}.tar`);
    const { sha256, size } = await writeTar(file, tree.entries());
    layerBlobs.push({ digest: `sha256:${sha256}`, size, content: { file, size } });
  }
  const config = jsonBlob(imageConfig(recipe, layerBlobs, arch));
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: { mediaType: `${OCI}.config.v1+json`, ...descriptor(config) },
    layers: layerBlobs.map((blob) => ({ mediaType: `${OCI}.layer.v1.tar`, ...descriptor(blob) })),
  });
  const ref = imageRef(recipe);
  const index = {
    schemaVersion: 2,
    mediaType: `${OCI}.index.v1+json`,
    manifests: [
      {
        mediaType: `${OCI}.manifest.v1+json`,
        ...descriptor(manifest),
        platform: { architecture: arch, os: 'linux' },
        annotations: { 'io.containerd.image.name': ref, 'org.opencontainers.image.ref.name': recipe.tag },
      },
    ],
  };
  const docker = [{ Config: blobPath(config), RepoTags: [ref], Layers: layerBlobs.map(blobPath) }];
  const blobs = new Map([...layerBlobs, config, manifest].map((blob) => [blob.digest, blob]));
  await writeTar(target, [
    { kind: 'dir', path: 'blobs', mode: 0o755 },
    { kind: 'dir', path: 'blobs/sha256', mode: 0o755 },
    ...[...blobs.values()].map((blob) => file(blobPath(blob), blob.content)),
    file('index.json', jsonBlob(index).content),
    file('manifest.json', jsonBlob(docker).content),
    file('oci-layout', jsonBlob({ imageLayoutVersion: '1.0.0' }).content),
  ]);
  return manifest.digest;
}

function imageConfig(recipe: Recipe, layers: readonly Blob[], arch: string): object {
  const { entrypoint, cmd, env, ports, stopSignal, user = '65532:65532' } = recipe.config;
  return {
    created: EPOCH,
    architecture: arch,
    os: 'linux',
    config: {
      User: user,
      Env: Object.entries({ PATH: '/usr/local/bin:/usr/bin', ...env }).map(
        ([key, value]) => `${key}=${value}`,
      ),
      Entrypoint: entrypoint,
      Cmd: cmd,
      WorkingDir: '/',
      ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
      ...(stopSignal === undefined ? {} : { StopSignal: stopSignal }),
    },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
    history: layers.map(() => ({ created: EPOCH, created_by: 'hack/images' })),
  };
}

function jsonBlob(value: object): Blob {
  const data = Buffer.from(JSON.stringify(value));
  return {
    digest: `sha256:${createHash('sha256').update(data).digest('hex')}`,
    size: data.length,
    content: { data },
  };
}

function descriptor({ digest, size }: Blob): { digest: string; size: number } {
  return { digest, size };
}

function blobPath({ digest }: Blob): string {
  return `blobs/${digest.replace(':', '/')}`;
}

function file(path: string, content: TarContent): TarEntry {
  return { kind: 'file', path, mode: 0o644, content };
}
