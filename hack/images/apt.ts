import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Arch } from './arch.ts';
import { ImageError } from './errors.ts';
import { run, tryRun } from './run.ts';

/** One Debian package of a closure. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  /** The downloaded .deb. */
  readonly file: string;
}

/** The package lists are fetched once a process, however many images it builds. */
let updated: Promise<string> | undefined;

/**
 * Downloads packages and everything they depend on, down to libc, whatever this host has installed: apt is given an empty
 * package status. All of apt's state lies under `folder`, so the host's own apt is neither changed nor locked.
 * @throws ImageError `unsupported-host` without apt-get, `command-failed` with apt's words when a package cannot be had.
 */
export async function downloadClosure(
  folder: string,
  names: readonly string[],
  arch: Arch,
): Promise<readonly DebianPackage[]> {
  const apt = await updatedApt(folder);
  await apt.run(['--download-only', '--yes', 'install', ...names]);
  const plan = await apt.run(['--simulate', 'install', ...names]);
  return parsePlan(plan, join(folder, 'cache', 'archives'), arch.oci);
}

/**
 * Downloads packages alone, without what they depend on: for game data of which a server needs one part in ten.
 * @throws ImageError as `downloadClosure` does.
 */
export async function downloadAlone(
  folder: string,
  names: readonly string[],
): Promise<readonly DebianPackage[]> {
  const apt = await updatedApt(folder);
  const archives = join(folder, 'cache', 'archives');
  // `apt-get download` writes into the current folder.
  await apt.run(['download', ...names], archives);
  return parseUris(await apt.run(['--print-uris', 'download', ...names]), archives);
}

/** Reads `apt-get --print-uris download`: one `'address' file size hash` line a package. */
export function parseUris(uris: string, archives: string): DebianPackage[] {
  return [...uris.matchAll(/^'[^']+' ((\S+?)_(\S+?)_\w+\.deb) /gmu)].map(
    ([, file = '', name = '', version = '']) => {
      return { name, version: version.replaceAll('%3a', ':'), file: join(archives, file) };
    },
  );
}

/** Reads `apt-get --simulate install`: one `Inst name (version origin [arch])` line a package. */
export function parsePlan(plan: string, archives: string, arch: string): DebianPackage[] {
  return [...plan.matchAll(/^Inst (\S+) \((\S+) .*?\[(\w+)\]\)/gmu)].map(
    ([, name = '', version = '', kind = '']) => {
      const file = `${name}_${version.replaceAll(':', '%3a')}_${kind === 'all' ? 'all' : arch}.deb`;
      return { name, version, file: join(archives, file) };
    },
  );
}

interface Apt {
  run(args: readonly string[], cwd?: string): Promise<string>;
}

async function updatedApt(folder: string): Promise<Apt> {
  const apt = await aptIn(folder);
  // Without network the lists and archives of an earlier build may still do: only the download decides.
  updated ??= apt.run(['update']).catch(() => '');
  await updated;
  return apt;
}

async function aptIn(folder: string): Promise<Apt> {
  const state = join(folder, 'state');
  const cache = join(folder, 'cache');
  await mkdir(join(state, 'lists', 'partial'), { recursive: true });
  await mkdir(join(cache, 'archives', 'partial'), { recursive: true });
  await writeFile(join(state, 'status'), '');
  const found = await tryRun('sh', ['-c', 'command -v apt-get dpkg-deb flock']);
  if (found.status !== 0) {
    throw new ImageError(
      'unsupported-host',
      'apt-get, dpkg-deb and flock are needed to pack images: use a Debian host, or the Dockerfile',
    );
  }
  const options = {
    'Dir::State': state,
    'Dir::State::status': join(state, 'status'),
    'Dir::Cache': cache,
    'APT::Install-Recommends': 'false',
    'APT::Install-Suggests': 'false',
    // The cache may lie in a home folder that apt's own user cannot enter.
    'APT::Sandbox::User': '',
  };
  const flags = Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  return {
    // flock: two builds at once share this state; the kernel frees the lock of a build that dies.
    run: (args, cwd) => run('flock', [join(folder, 'lock'), 'apt-get', '-q', ...flags, ...args], cwd),
  };
}
