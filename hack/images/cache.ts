import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

/** Milliseconds after its last use at which an image that a newer one of the same name has replaced is deleted. */
const KEEP_OLD = 24 * 60 * 60 * 1000;

/** Folder of the packed images: `$XDG_CACHE_HOME/proffer/images`, or below ~/.cache. */
export function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'];
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'proffer', 'images');
}

/**
 * Gives the cached file, or makes it. `make` writes to a path in a work folder on the same disk and the finished file is
 * moved into place, so a file under its final name is always whole; a build that dies leaves only a work folder behind,
 * which the next build removes. Two builds at once both work, and the later one's equal file stays.
 */
export async function cached(
  folder: string,
  name: string,
  hash: string,
  make: (target: string, work: string) => Promise<void>,
): Promise<string> {
  const final = join(folder, `${name}-${hash}.tar`);
  if (existsSync(final)) {
    // The time of last use keeps it from the sweep below.
    await utimes(final, new Date(), new Date());
    return final;
  }
  const workFolder = join(folder, 'work');
  await mkdir(workFolder, { recursive: true });
  await sweepDead(workFolder);
  const work = await mkdtemp(join(workFolder, `${process.pid}-`));
  try {
    const target = join(work, basename(final));
    await make(target, work);
    await rename(target, final);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  await sweepReplaced(folder, name, final);
  return final;
}

/** Work folders carry the pid of their build. */
async function sweepDead(workFolder: string): Promise<void> {
  for (const name of await readdir(workFolder)) {
    if (!existsSync(`/proc/${name.split('-', 1)[0]}`))
      await rm(join(workFolder, name), { recursive: true, force: true });
  }
}

async function sweepReplaced(folder: string, name: string, keep: string): Promise<void> {
  const pattern = new RegExp(`^${name}-[0-9a-f]+\\.tar$`, 'u');
  for (const entry of await readdir(folder)) {
    const path = join(folder, entry);
    if (!pattern.test(entry) || path === keep) continue;
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > KEEP_OLD) await rm(path, { force: true });
  }
}
