import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ClusterError } from './errors.ts';
import { formatIdentity, identityOf, isAlive, parseIdentity, type ProcessIdentity } from './identity.ts';
import type { ClusterPaths } from './paths.ts';
import { waitFor } from './wait.ts';

/** Carries the cluster's folder in the environment of its processes, so that a sweep finds even unrecorded ones. */
const MARK = 'PROFFER_CLUSTER_DIR';

const DAEMON_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What to start, under which name. */
export interface DaemonSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
}

const pidFile = (paths: ClusterPaths, name: string): string => join(paths.run, `${name}.pid`);

/** The file that a daemon's output goes to. */
const logFile = (paths: ClusterPaths, name: string): string => join(paths.log, `${name}.log`);

/**
 * Starts a process that outlives this one and records who it is.
 * @throws ClusterError StartFailed when it could not be started
 */
export const startDaemon = async (paths: ClusterPaths, spec: DaemonSpec): Promise<ProcessIdentity> => {
  mkdirSync(paths.run, { recursive: true });
  mkdirSync(paths.log, { recursive: true });
  const log = openSync(logFile(paths, spec.name), 'a');
  try {
    const child = spawn(spec.command, spec.args, {
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
      // Not the caller's environment: etcd, kwok and Go's proxy settings would be taken from it.
      env: { PATH: DAEMON_PATH, HOME: paths.dir, ...spec.env, [MARK]: paths.dir },
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    const identity = child.pid === undefined ? undefined : identityOf(child.pid);
    if (identity === undefined) throw new Error('it ended at once');
    // A crash before this line leaves a process that only the sweep's mark finds.
    const file = pidFile(paths, spec.name);
    writeFileSync(`${file}.new`, formatIdentity(identity));
    renameSync(`${file}.new`, file);
    return identity;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ClusterError('StartFailed', `cannot start ${spec.name} (${spec.command}): ${reason}`, {
      cause,
    });
  } finally {
    closeSync(log);
  }
};

/** Who the named daemon is, whether it still runs or not; undefined when none was recorded. */
export const recordedDaemon = (paths: ClusterPaths, name: string): ProcessIdentity | undefined => {
  try {
    return parseIdentity(readFileSync(pidFile(paths, name), 'utf8'));
  } catch {
    return undefined;
  }
};

/** Names of all recorded daemons of the cluster. */
export const daemonNames = (paths: ClusterPaths): string[] => {
  try {
    return readdirSync(paths.run)
      .filter((file) => file.endsWith('.pid'))
      .map((file) => file.slice(0, -'.pid'.length));
  } catch {
    return [];
  }
};

/** Whether the named daemon runs. */
export const isRunning = (paths: ClusterPaths, name: string): boolean => {
  const identity = recordedDaemon(paths, name);
  return identity !== undefined && isAlive(identity);
};

/** The last lines of a daemon's log, for messages. */
const logTail = (paths: ClusterPaths, name: string, lines = 5): string => {
  try {
    return readFileSync(logFile(paths, name), 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '(no log)';
  }
};

/**
 * Ends a wait early when the daemon it is for has died.
 * @throws ClusterError StartFailed with the end of the daemon's log
 */
export const assertRunning = (paths: ClusterPaths, name: string): void => {
  if (isRunning(paths, name)) return;
  throw new ClusterError(
    'StartFailed',
    `${name} has ended; ${logFile(paths, name)} says at its end:\n${logTail(paths, name)}`,
  );
};

const signal = (identity: ProcessIdentity, name: NodeJS.Signals): void => {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, name);
  } catch {
    // It ended in between.
  }
};

/** SIGKILL to a process of this very identity, and waits until it is gone. */
export const killProcess = async (identity: ProcessIdentity): Promise<void> => {
  signal(identity, 'SIGKILL');
  await waitFor(`the end of process ${identity.pid}`, () => (isAlive(identity) ? undefined : true), {
    timeoutMs: 30_000,
    intervalMs: 10,
  });
};

/** SIGKILL to the named daemon, if it runs, and forgets it. */
export const killDaemon = async (paths: ClusterPaths, name: string): Promise<void> => {
  const identity = recordedDaemon(paths, name);
  if (identity !== undefined) await killProcess(identity);
  rmSync(pidFile(paths, name), { force: true });
};

/** Every living process of the cluster: those that carry its mark, recorded or not. */
export const markedProcesses = (paths: ClusterPaths): ProcessIdentity[] => {
  const mark = `${MARK}=${paths.dir}`;
  const carriesMark = (pid: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid && carriesMark(entry))
    .flatMap((pid) => identityOf(Number(pid)) ?? [])
    .filter(isAlive);
};

/**
 * SIGKILL to everything that carries the cluster's mark, until nothing does: a killed parent may have forked. A dying
 * process loses its mark before it gives its ports back, so those once seen or recorded are waited for as well.
 */
export const killMarked = async (paths: ClusterPaths): Promise<void> => {
  const known = new Map<number, ProcessIdentity>();
  for (const name of daemonNames(paths)) {
    const identity = recordedDaemon(paths, name);
    if (identity !== undefined) known.set(identity.pid, identity);
  }
  await waitFor(
    'the end of all processes of the cluster',
    () => {
      for (const identity of markedProcesses(paths)) known.set(identity.pid, identity);
      const alive = [...known.values()].filter(isAlive);
      for (const identity of alive) signal(identity, 'SIGKILL');
      return alive.length === 0 ? true : undefined;
    },
    { timeoutMs: 30_000, intervalMs: 20 },
  );
};
