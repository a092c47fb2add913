import { readFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import { ImageError } from './errors.ts';

// Field positions are those of the ZIP format without its 64-bit extension.
const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;

/**
 * Takes some files out of a ZIP archive (a game's .pk3 is one).
 * @returns their contents in the order asked for.
 * @throws ImageError `bad-archive` when it is no ZIP, `path-missing` when a name is not in it.
 */
export async function readZip(path: string, names: readonly string[]): Promise<[string, Buffer][]> {
  const zip = await readFile(path);
  const members = directory(zip, path);
  return names.map((name) => {
    const member = members.get(name);
    if (member === undefined) throw new ImageError('path-missing', `${path} has no ${name}`);
    const start =
      member.offset + 30 + zip.readUInt16LE(member.offset + 26) + zip.readUInt16LE(member.offset + 28);
    const packed = zip.subarray(start, start + member.size);
    if (member.method === STORED) return [name, packed];
    if (member.method === DEFLATED) return [name, inflateRawSync(packed)];
    throw new ImageError('bad-archive', `${name} in ${path} is packed by unknown method ${member.method}`);
  });
}

interface Member {
  readonly method: number;
  /** Bytes as packed. */
  readonly size: number;
  /** Where its local header starts. */
  readonly offset: number;
}

/** The central directory at the end of the archive: only there are the sizes certain. */
function directory(zip: Buffer, path: string): Map<string, Member> {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || zip.length < end + 22 || zip.readUInt32LE(end) !== END) {
    throw new ImageError('bad-archive', `${path} is not a ZIP archive`);
  }
  const members = new Map<string, Member>();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (zip.length < at + 46 || zip.readUInt32LE(at) !== CENTRAL) {
      throw new ImageError('bad-archive', `the directory of ${path} is damaged`);
    }
    const [name, extra, comment] = [
      zip.readUInt16LE(at + 28),
      zip.readUInt16LE(at + 30),
      zip.readUInt16LE(at + 32),
    ];
    members.set(zip.toString('utf8', at + 46, at + 46 + name), {
      method: zip.readUInt16LE(at + 10),
      size: zip.readUInt32LE(at + 20),
      offset: zip.readUInt32LE(at + 42),
    });
    at += 46 + name + extra + comment;
  }
  return members;
}
