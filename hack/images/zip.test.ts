import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readZip } from './zip.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'proffer-zip-'))));
afterEach(() => rm(folder, { recursive: true }));

/** A ZIP with each file packed by the method given. */
function zip(files: readonly { name: string; data: string; method: number }[]): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, data, method } of files) {
    const packed = method === 8 ? deflateRawSync(data) : Buffer.from(data);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const entry = Buffer.alloc(16);
    entry.writeUInt32LE(offset, 12);
    parts.push(Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed);
    central.push(Buffer.from('PK\x01\x02\x14\x00'), common, entry.subarray(2), Buffer.from(name));
    offset += 30 + name.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...central, end]);
}

async function archive(bytes: Buffer): Promise<string> {
  const path = join(folder, 'x.pk3');
  await writeFile(path, bytes);
  return path;
}

it('reads stored and deflated files, in the order asked for', async () => {
  const path = await archive(
    zip([
      { name: 'maps/a', data: 'plain', method: 0 },
      { name: 'maps/b', data: 'packed '.repeat(1000), method: 8 },
    ]),
  );
  expect(await readZip(path, ['maps/b', 'maps/a'])).toEqual([
    ['maps/b', Buffer.from('packed '.repeat(1000))],
    ['maps/a', Buffer.from('plain')],
  ]);
});

it('names what is not there', async () => {
  const path = await archive(zip([{ name: 'a', data: '', method: 0 }]));
  await expect(readZip(path, ['b'])).rejects.toMatchObject({ code: 'path-missing' });
});

it('refuses what is no archive, or damaged', async () => {
  await expect(readZip(await archive(Buffer.from('hello')), [])).rejects.toMatchObject({
    code: 'bad-archive',
  });
  const damaged = zip([{ name: 'a', data: '', method: 0 }]);
  damaged.writeUInt32LE(damaged.length, damaged.length - 6);
  await expect(readZip(await archive(damaged), [])).rejects.toThrow(/directory of .* is damaged/u);
});
