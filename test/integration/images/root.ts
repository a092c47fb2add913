import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** The image config's part that says how a container starts. */
interface Start {
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly Env: readonly string[];
}

/** What a Pod would say about the container. */
interface RunOptions {
  /** In place of the image's own Cmd. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A folder of this host to be mounted at /tmp; without it /tmp is empty memory. */
  readonly tmp?: string;
}

/** A packed image, unpacked again the way a container runtime would do it. */
export interface ImageRoot extends AsyncDisposable {
  /** Runs the image's entrypoint as its user, as PID 1, over a read-only root with a writable /tmp; on this host's network. */
  run(options?: RunOptions): Running;
}

/** A container-like process. */
export interface Running extends AsyncDisposable {
  /** Everything it has printed so far. */
  readonly output: () => string;
  /** The host's pid of the image's PID 1. */
  pid(): Promise<number>;
  /** Its exit status, as `kubectl` would show it. */
  readonly status: Promise<number>;
}

/** Unpacks the layers of an image archive, in order, into a new folder. */
export async function unpackImage(archive: string): Promise<ImageRoot> {
  const folder = await mkdtemp(join(tmpdir(), 'proffer-image-'));
  const root = join(folder, 'root');
  await mkdir(root);
  await exec('tar', ['-xf', archive, '-C', folder]);
  const [manifest] = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as [
    { Config: string; Layers: string[] },
  ];
  for (const layer of manifest.Layers) await exec('tar', ['-xpf', join(folder, layer), '-C', root]);
  const { config } = JSON.parse(await readFile(join(folder, manifest.Config), 'utf8')) as { config: Start };
  await mkdir(join(root, 'dev'));
  await writeFile(join(root, 'dev', 'urandom'), '');
  return {
    run: (options = {}) => start(root, config, options),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** All mounts are private to the process: nothing is left to unmount, whatever dies first. */
const ENTER = `set -e
root=$1; shift
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
if [ -n "$TMP_FOLDER" ]; then mount --bind "$TMP_FOLDER" "$root/tmp"; else mount -t tmpfs tmpfs "$root/tmp"; fi
mount --bind /dev/urandom "$root/dev/urandom"
exec chroot --userspec=65532:65532 "$root" "$@"`;

function start(root: string, image: Start, { args = image.Cmd, env = {}, tmp = '' }: RunOptions): Running {
  const enter = [
    '--mount',
    '--pid',
    '--fork',
    'sh',
    '-c',
    ENTER,
    'enter',
    root,
    ...image.Entrypoint,
    ...args,
  ];
  const imageEnv = Object.fromEntries(image.Env.map((pair) => pair.split(/=(.*)/su)));
  const child = spawn('unshare', enter, {
    env: { ...imageEnv, ...env, PATH: process.env['PATH'], TMP_FOLDER: tmp },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const status = exitStatus(child);
  return {
    output: () => output,
    pid: () => innerPid(child),
    status,
    [Symbol.asyncDispose]: async () => {
      // PID 1 of the namespace, not unshare: the kernel then kills all that is in it.
      if (child.exitCode === null) process.kill(await innerPid(child), 'SIGKILL');
      await status;
    },
  };
}

async function exitStatus(child: ChildProcess): Promise<number> {
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 137;
}

/** `unshare --fork` waits outside; its one child became the image's PID 1 by exec. */
async function innerPid(child: ChildProcess): Promise<number> {
  const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
  return Number(children.trim());
}

/** Below the numbers that the kernel gives to sockets by itself: one of those that ask the server would take its port. */
let lastPort = 15_000;

/** A UDP port of this host that nobody uses, and that nobody gets by chance. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  lastPort++;
  try {
    socket.bind(lastPort);
    await once(socket, 'listening');
    return lastPort;
  } catch {
    return await freeUdpPort();
  } finally {
    await new Promise<void>((resolve) => socket.close(resolve));
  }
}
