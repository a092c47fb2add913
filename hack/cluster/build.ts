import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ClusterError } from './errors.ts';
import { tryExec } from './exec.ts';
import { withLock } from './lock.ts';
import { cacheRoot } from './paths.ts';
import { BINARY_NAMES, type GoModule, moduleOf } from './versions.ts';

/** Takes one line for the user. */
export type Log = (line: string) => void;

/**
 * All that decides what comes out of the compiler, so that a machine's own settings don't. CGO off: no C compiler
 * needed, and static binaries run in any mount namespace.
 */
const GO_ENVIRONMENT = { CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false', GOWORK: 'off' };

const sourceFolder = (module: GoModule): string => join(import.meta.dirname, 'build', module.folder);

const buildFlags = (module: GoModule): string[] => [
  '-mod=readonly',
  '-trimpath',
  ...(module.tags.length > 0 ? ['-tags', module.tags.join(',')] : []),
  '-ldflags',
  ['-s -w', ...Object.entries(module.variables).map(([name, value]) => `-X ${name}=${value}`)].join(' '),
];

/** Folder of a module's binaries; its name holds the hash of all pinned versions and flags. */
const binaryFolder = (module: GoModule): string => {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(sourceFolder(module), file)));
  hash.update(JSON.stringify([buildFlags(module), GO_ENVIRONMENT]));
  return join(cacheRoot(), 'bin', `${module.folder}-${hash.digest('hex').slice(0, 12)}`);
};

const requireModule = (binary: string): GoModule => {
  const module = moduleOf(binary);
  if (module !== undefined) return module;
  throw new ClusterError('BadInput', `no binary "${binary}": there are ${BINARY_NAMES.join(', ')}`);
};

/**
 * Where a binary lies once it has been built.
 * @throws ClusterError BadInput for an unknown name
 */
export const binaryPath = (binary: string): string => join(binaryFolder(requireModule(binary)), binary);

/**
 * Refuses a machine that cannot build the binaries.
 * @throws ClusterError MissingTool
 */
export const assertGo = async (): Promise<void> => {
  if (process.platform !== 'linux')
    throw new ClusterError('MissingTool', `local clusters need Linux; this is ${process.platform}`);
  try {
    await tryExec('go', ['version']);
  } catch (cause) {
    throw new ClusterError(
      'MissingTool',
      'Go is missing: install Go 1.26 or newer and put "go" on PATH, it builds Kubernetes for the local cluster',
      { cause },
    );
  }
};

const isTemporary = (file: string): boolean => file.endsWith('.partial');

/** Builds to a temporary name and renames, so that a binary is there whole or not at all. */
const buildOne = async (binary: string, log: Log): Promise<void> => {
  const module = requireModule(binary);
  const target = binaryPath(binary);
  // The compiler of a killed build may still run: it must not write into ours.
  const temporary = `${target}.${process.pid}.partial`;
  const started = performance.now();
  const seconds = (): string => `${Math.round((performance.now() - started) / 1000)} s`;
  log(`  ${binary} ...`);
  const ticker = setInterval(() => log(`  ${binary} ... ${seconds()}`), 30_000);
  try {
    const command = binary.endsWith('.test') ? ['test', '-c', '-vet=off'] : ['build'];
    const args = [...command, ...buildFlags(module), '-o', temporary, module.packages[binary] ?? ''];
    const result = await tryExec('go', args, { cwd: sourceFolder(module), env: GO_ENVIRONMENT });
    if (result.status !== 0)
      throw new ClusterError(
        'BuildFailed',
        `go build of ${binary} failed: ${result.stderr.trim().slice(-2_000)}`,
      );
    renameSync(temporary, target);
  } finally {
    clearInterval(ticker);
  }
  log(`  ${binary} built in ${seconds()}`);
};

/**
 * Makes sure that the named binaries are built; the first time takes minutes, later seconds or nothing. May be called
 * by several processes at once: one builds, the others wait. A build that was killed is taken up by the next call.
 * @throws ClusterError BadInput (unknown name), MissingTool (no Go), BuildFailed
 */
export const ensureBinaries = async (binaries: readonly string[], log: Log): Promise<void> => {
  const missing = (): string[] => binaries.filter((binary) => !existsSync(binaryPath(binary)));
  if (missing().length === 0) return;
  await assertGo();
  const onWait = (): void => log('Another process is building binaries: waiting for it.');
  await withLock(join(cacheRoot(), 'locks', 'build'), onWait, async () => {
    const toBuild = missing();
    if (toBuild.length === 0) return;
    log(`Building ${toBuild.join(', ')} from source: this takes minutes, and is done once.`);
    for (const binary of toBuild) {
      const folder = dirname(binaryPath(binary));
      mkdirSync(folder, { recursive: true });
      for (const file of readdirSync(folder).filter(isTemporary)) rmSync(join(folder, file));
      await buildOne(binary, log);
    }
  });
};
