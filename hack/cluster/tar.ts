/** One regular file of a tar archive. */
export interface TarFile {
  /** Path inside the archive, at most 100 bytes. */
  readonly name: string;
  readonly mode: number;
  readonly content: Buffer;
}

const BLOCK = 512;

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;

const headerOf = (file: TarFile): Buffer => {
  const header = Buffer.alloc(BLOCK);
  header.write(file.name, 0);
  header.write(octal(file.mode, 8), 100);
  header.write(octal(0, 8), 108); // owner
  header.write(octal(0, 8), 116); // group
  header.write(octal(file.content.length, 12), 124);
  header.write(octal(0, 12), 136); // time: zero, so that equal content gives an equal archive
  header.write(' '.repeat(8), 148); // the checksum counts its own field as spaces
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
};

/** A POSIX ustar archive of the files, the same bytes for the same files. */
export const tarOf = (files: readonly TarFile[]): Buffer =>
  Buffer.concat([
    ...files.flatMap((file) => [
      headerOf(file),
      file.content,
      Buffer.alloc((BLOCK - (file.content.length % BLOCK)) % BLOCK),
    ]),
    Buffer.alloc(2 * BLOCK),
  ]);
