import { totalmem } from 'node:os';

/** Most that a half of the young generation takes, MiB: what a cycle leaves behind is garbage before it grows old. */
const SEMI_SPACE = 8;
/** Part of a container's memory that is for old objects. The rest is for young ones, code, buffers and threads. */
const OLD_SPACE = 3 / 4;

/**
 * The flags of Node that keep the operator small, but for those that were given.
 * @param limit of the container, bytes; without one, V8 goes by the machine's memory
 * @param given flags of this process, by whatever way they came
 */
export function memoryFlags(limit: number | undefined, given: readonly string[]): string[] {
  const wanted: [flag: string, mib: number | undefined][] = [
    ['--max-semi-space-size', SEMI_SPACE],
    ['--max-old-space-size', limit && Math.floor((limit / 2 ** 20) * OLD_SPACE)],
  ];
  const isGiven = (flag: string) => given.some((each) => each.replaceAll('_', '-').includes(flag.slice(2)));
  return wanted.flatMap(([flag, mib]) => (mib === undefined || isGiven(flag) ? [] : [`${flag}=${mib}`]));
}

/**
 * Gives this process the limits of memory that it lacks: it starts anew in its own place, with the same id. Here, so that
 * every way of starting has them. Returns when it has them all, or the system cannot do this.
 */
export function limitMemory(): void {
  const { argv, env, execArgv, execPath } = process;
  const limit = process.constrainedMemory();
  const given = [...execArgv, ...(env['NODE_OPTIONS'] ?? '').split(' ')];
  const flags = memoryFlags(limit > 0 && limit < totalmem() ? limit : undefined, given);
  if (flags.length === 0) return;
  // With one arena, malloc gives what one thread has freed to the next.
  const ownEnv = { MALLOC_ARENA_MAX: '1', ...env };
  process.execve?.(execPath, [execPath, ...execArgv, ...flags, ...argv.slice(1)], ownEnv);
}
