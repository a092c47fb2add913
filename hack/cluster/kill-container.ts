import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';

interface PodStatus {
  readonly metadata: { readonly uid: string };
  readonly status: {
    readonly containerStatuses?: readonly { readonly name: string; readonly containerID?: string }[];
  };
}

/** The first process of a container takes the others along, so that some may be gone before it is their turn. */
function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Folders below `root` whose name holds `text`; control groups are only a few levels deep. */
function foldersNamed(root: string, text: string): string[] {
  const out: string[] = [];
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = join(root, entry.name);
    if (entry.name.includes(text)) out.push(path);
    else out.push(...foldersNamed(path, text));
  }
  return out;
}

const V1_MEMORY = '/sys/fs/cgroup/memory';
const UNIFIED = '/sys/fs/cgroup';

/**
 * Kills all processes of a Pod's container on a real node with SIGKILL, as a crash would end them. The processes are
 * found by the container's control group, so no other process can be hit.
 * @param container its first container when left out
 * @param signal another one: SIGSTOP has the container hang, SIGCONT has it go on
 * @returns how many processes were killed
 */
export async function killContainer(
  cluster: Cluster,
  namespace: string,
  pod: string,
  container?: string,
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<number> {
  const text = await cluster.kubectl('get', 'pod', pod, '-n', namespace, '-o', 'json');
  const { status } = JSON.parse(text) as PodStatus;
  const all = status.containerStatuses ?? [];
  const id = (container === undefined ? all[0] : all.find((c) => c.name === container))?.containerID?.split(
    '//',
  )[1];
  if (id === undefined)
    throw new Error(`pod ${namespace}/${pod} has no running container ${container ?? ''}`);
  let root = V1_MEMORY;
  try {
    readdirSync(root);
  } catch {
    root = UNIFIED;
  }
  const pids = foldersNamed(root, id).flatMap((folder) =>
    readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number),
  );
  for (const pid of pids) signalIfAlive(pid, signal);
  return pids.length;
}
