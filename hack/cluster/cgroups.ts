import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../src/lib/errors.ts';
import { cgroupPrefix, type Layout } from './layout.ts';
import { waitFor } from './wait.ts';

const ROOT = '/sys/fs/cgroup';

const isUnified = (): boolean => existsSync(join(ROOT, 'cgroup.controllers'));

/** The roots of all hierarchies: one with cgroup v2, one for each controller with v1. */
const hierarchies = (): string[] => {
  if (isUnified()) return [ROOT];
  return readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(ROOT, entry.name))
    .filter((folder) => existsSync(join(folder, 'cgroup.procs')));
};

/** A new group hands its children what its parent has; both versions want to be told so, level by level. */
const makeGroup = (parent: string, name: string): string => {
  const group = join(parent, name);
  mkdirSync(group, { recursive: true });
  if (existsSync(join(group, 'cgroup.controllers')) && isUnified()) {
    const controllers = readFileSync(join(group, 'cgroup.controllers'), 'utf8').trim().split(' ');
    const enable = controllers.filter((name) => name !== '').map((name) => `+${name}`);
    writeFileSync(join(group, 'cgroup.subtree_control'), enable.join(' '));
  }
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const own = join(group, file);
    if (!isUnified() && existsSync(own)) writeFileSync(own, readFileSync(join(parent, file), 'utf8'));
  }
  return group;
};

/** With cgroup v2 the root must pass every controller on before a node's group can have it. */
const enableAtRoot = (): void => {
  if (!isUnified()) return;
  const controllers = readFileSync(join(ROOT, 'cgroup.controllers'), 'utf8').trim().split(' ');
  writeFileSync(join(ROOT, 'cgroup.subtree_control'), controllers.map((name) => `+${name}`).join(' '));
};

/** The group of a node's own daemons, below the node's group, beside the kubelet's `kubepods`. */
export const DAEMON_GROUP = 'sys';

/** Makes a node's control group in every hierarchy, as the kubelet wants it before it starts. */
export const makeNodeCgroup = (name: string): void => {
  enableAtRoot();
  for (const hierarchy of hierarchies()) {
    const node = makeGroup(hierarchy, name);
    mkdirSync(join(node, DAEMON_GROUP), { recursive: true });
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const own = join(node, DAEMON_GROUP, file);
      if (!isUnified() && existsSync(own)) writeFileSync(own, readFileSync(join(node, file), 'utf8'));
    }
  }
};

const subgroups = (group: string): string[] =>
  readdirSync(group, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(group, entry.name));

const killAll = (group: string): void => {
  for (const pid of readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n')) {
    if (pid === '' || pid === '0') continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It ended in between.
    }
  }
};

const thaw = (group: string): void => {
  const state = join(group, 'freezer.state');
  if (existsSync(state)) writeFileSync(state, 'THAWED');
};

const removeTree = (group: string): void => {
  thaw(group);
  for (const child of subgroups(group)) removeTree(child);
  killAll(group);
  rmdirSync(group);
};

const groupsOf = (matches: (name: string) => boolean): string[] =>
  hierarchies().flatMap((hierarchy) =>
    readdirSync(hierarchy)
      .filter(matches)
      .map((name) => join(hierarchy, name)),
  );

const removeMatching = async (matches: (name: string) => boolean): Promise<void> => {
  await waitFor(
    'the end of the control groups',
    () => {
      let failed: unknown;
      for (const group of groupsOf(matches)) {
        try {
          removeTree(group);
        } catch (thrown) {
          failed = thrown; // Busy until the kernel has reaped what was killed.
        }
      }
      if (failed !== undefined) throw new Error(messageOf(failed));
      return true;
    },
    { timeoutMs: 30_000, intervalMs: 20 },
  );
};

/** Kills what runs in a node's control group and removes it. */
export const removeNodeCgroup = (name: string): Promise<void> => removeMatching((group) => group === name);

/** Kills what runs in the cluster's control groups and removes them. */
export const removeCgroups = async (layout: Layout): Promise<void> => {
  if (!existsSync(ROOT)) return;
  await removeMatching((name) => name.startsWith(cgroupPrefix(layout)));
};

/** Control groups of the cluster that still exist. */
export const cgroupLeftovers = (layout: Layout): string[] => {
  if (!existsSync(ROOT)) return [];
  return groupsOf((name) => name.startsWith(cgroupPrefix(layout))).map((group) => `control group ${group}`);
};
