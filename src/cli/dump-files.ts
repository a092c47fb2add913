import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  addDocuments,
  DumpError,
  newestTime,
  noObjects,
  readDocuments,
  type ClusterObjects,
  type Notes,
} from '../dump/index.ts';
import { counted } from '../lib/figures.ts';
import { systemClock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Io } from './io.ts';
import { UsageError } from './usage-error.ts';

const DUMP = /\.(ya?ml|json)$/;

/** A file itself, or all dumps of a folder and the folders in it, by name. */
async function filesIn(path: string): Promise<readonly string[]> {
  // What is not there is told of when it is read.
  const folder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!folder) return [path];
  const names = await readdir(path, { recursive: true });
  return names
    .filter((name) => DUMP.test(name))
    .sort()
    .map((name) => join(path, name));
}

/** The content of a file; - is standard input. @throws DumpError */
async function contentOf(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_STRING_TOO_LONG';
    const why = tooLong
      ? 'it is larger than 512 MiB: write one file for each kind of objects'
      : messageOf(error);
    throw new DumpError(`${file}: cannot be read: ${why}`, { cause: error });
  }
}

/** Most repeated objects that are named. */
const MOST = 3;

/** Tells what was in the files and did not count. */
function tell({ ignored, repeated }: Notes, from: string, { complain }: Io): void {
  if (ignored.size > 0) {
    const kinds = [...ignored].map(([kind, count]) => `${count} ${kind}`);
    complain(`${from}: ignored what is not read: ${kinds.join(', ')}`);
  }
  if (repeated.length > 0) {
    const more = repeated.length > MOST ? ' ...' : '';
    const names = repeated.slice(0, MOST).join(', ');
    complain(`${from}: ${counted(repeated.length, 'object')} came again, the last counts: ${names}${more}`);
  }
}

/** Standard input ends once. @throws UsageError */
export function checkFiles(files: readonly string[]): void {
  if (files.filter((file) => file === '-').length > 1) throw new UsageError('- can be given once');
}

/**
 * Reads the objects of a cluster, or of a part of it, out of files and folders.
 * @param namespace of objects that name none
 * @param options.templates what has a Pod template stands for a Pod of it
 * @throws DumpError
 */
export async function readFiles(
  paths: readonly string[],
  namespace: string,
  io: Io,
  options: { readonly templates?: boolean } = {},
): Promise<ClusterObjects> {
  const cluster = noObjects();
  for (const path of paths) {
    let found = 0;
    for (const file of await filesIn(path)) {
      const title = file === '-' ? 'standard input' : file;
      const documents = readDocuments(await contentOf(file), title);
      found += documents.length;
      tell(addDocuments(cluster, documents, namespace, options), title, io);
    }
    if (found === 0) throw new DumpError(`${path === '-' ? 'standard input' : path}: there is nothing in it`);
  }
  return cluster;
}

/** The time at which a dump was made, or that of this machine when no object tells of any. */
export const timeOfDump = (cluster: ClusterObjects): number => newestTime(cluster) || systemClock.now();
