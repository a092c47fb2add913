import { ImageError } from './errors.ts';

/** How one machine architecture is called by those who take part in an image. */
export interface Arch {
  /** Name in image configs (GOARCH) and, for both that we know, Debian's name too. */
  readonly oci: string;
  /** Debian's multi-arch library folder. */
  readonly triplet: string;
  /** File name of glibc's dynamic loader. */
  readonly loader: string;
}

/**
 * The architecture this process runs on; images are built for it alone, since Node's binary comes from this host.
 * @throws ImageError `unsupported-host` on any other than x64 and arm64 Linux.
 */
export function hostArch(): Arch {
  if (process.platform === 'linux') {
    if (process.arch === 'x64') {
      return { oci: 'amd64', triplet: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' };
    }
    if (process.arch === 'arm64') {
      return { oci: 'arm64', triplet: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' };
    }
  }
  throw new ImageError(
    'unsupported-host',
    `images are packed from Debian packages on x64 or arm64 Linux, not on ${process.platform}/${process.arch}; use the Dockerfile there`,
  );
}
