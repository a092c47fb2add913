import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import {
  addDocuments,
  DumpError,
  newestTime,
  noObjects,
  readDocuments,
  type ClusterObjects,
  type Notes,
  type PortRange,
} from '../dump/index.ts';
import { messageOf } from '../lib/errors.ts';
import { operatorFlags } from '../options.ts';
import type { Given } from './command.ts';
import { UsageError } from './usage-error.ts';
import { counted } from './words.ts';

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
function tell({ ignored, repeated }: Notes, from: string, complain: (text: string) => void): void {
  if (ignored.size > 0) {
    const kinds = [...ignored].map(([kind, count]) => `${count} ${kind}`);
    complain(`proffer: ${from}: ignored what is not read: ${kinds.join(', ')}\n`);
  }
  if (repeated.length > 0) {
    const more = repeated.length > MOST ? ' ...' : '';
    const names = repeated.slice(0, MOST).join(', ');
    complain(
      `proffer: ${from}: ${counted(repeated.length, 'object')} came again, the last counts: ${names}${more}\n`,
    );
  }
}

/** Standard input ends once. @throws UsageError */
export function checkFiles(files: readonly string[]): void {
  if (files.filter((file) => file === '-').length > 1) throw new UsageError('- can be given once');
}

/**
 * Reads the objects of a cluster, or of a part of it, out of files.
 * @param namespace of objects that name none @throws DumpError
 */
export async function readFiles(
  files: readonly string[],
  namespace: string,
  complain: (text: string) => void,
): Promise<ClusterObjects> {
  const cluster = noObjects();
  for (const file of files) {
    const title = file === '-' ? 'standard input' : file;
    const documents = readDocuments(await contentOf(file), title);
    if (documents.length === 0) throw new DumpError(`${title}: there is nothing in it`);
    tell(addDocuments(cluster, documents, namespace), title, complain);
  }
  return cluster;
}

/** What the flags say that no object does; `now` is undefined when nobody gave it. @throws UsageError */
export function circumstances(given: Given): {
  readonly now: number | undefined;
  readonly hostPorts: PortRange;
} {
  const text = given.text('now');
  const now = text === undefined ? undefined : Date.parse(text);
  if (Number.isNaN(now)) {
    throw new UsageError(`--now must be a time such as 2026-11-25T06:00:00Z, not "${text}"`);
  }
  const ports = operatorFlags.shape['host-ports'].safeParse(given.text('host-ports'));
  if (!ports.success) throw new UsageError(`--host-ports ${ports.error.issues[0]!.message}`);
  return { now, hostPorts: ports.data };
}

/** The time at which a dump was made. @throws DumpError when nothing in it says so */
export function timeOfDump(cluster: ClusterObjects): number {
  const newest = newestTime(cluster);
  if (newest === 0)
    throw new DumpError('no object bears a time, so that nobody knows when this was: give --now TIME');
  return newest;
}
