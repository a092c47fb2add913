import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { CHECKOUT } from './checkout.ts';
import { ClusterError } from './errors.ts';
import { layoutOf, SLOTS } from './layout.ts';
import { ClusterPaths, clustersFolder, stateRoot } from './paths.ts';

/**
 * Slots are files named by number that hold the owner: a cluster's name and its checkout. A file appears whole by link(2), which fails when it
 * exists: two processes cannot take one slot, and a crash leaves either nothing or a slot that names its owner.
 */
const slotsFolder = (): string => join(stateRoot(), 'slots');

const ownerOf = (slot: number): string | undefined => {
  try {
    return readFileSync(join(slotsFolder(), String(slot)), 'utf8');
  } catch {
    return undefined;
  }
};

const numbers = Array.from({ length: SLOTS }, (_, slot) => slot);

const slotOwners = (): string[] => [...new Set(numbers.flatMap((slot) => ownerOf(slot) ?? []))];

/** All clusters that hold a slot, running or half gone, those of other checkouts too. */
export const clustersInSlots = (): ClusterPaths[] =>
  slotOwners().flatMap((owner) => ClusterPaths.of(owner) ?? []);

/** The slot that a cluster holds. */
export const findSlot = ({ owner }: ClusterPaths): number | undefined =>
  numbers.find((slot) => ownerOf(slot) === owner);

const canListen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** Whether nothing else on the machine (another user's clusters) uses what the slot stands for. */
const isUnused = async (slot: number): Promise<boolean> => {
  const { ports, gateway, bridge } = layoutOf(slot);
  if (existsSync(`/sys/class/net/${bridge}`)) return false;
  if (Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === gateway)))
    return false;
  const free = await Promise.all(Object.values(ports).map(canListen));
  return free.every(Boolean);
};

const tryTake = (slot: number, { id, owner }: ClusterPaths): boolean => {
  const folder = slotsFolder();
  const draft = join(folder, `.${id}.${process.pid}`);
  writeFileSync(draft, owner);
  try {
    linkSync(draft, join(folder, String(slot)));
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  } finally {
    rmSync(draft, { force: true });
  }
};

/**
 * The cluster's slot; takes the first free one when it has none. Call with the cluster's lock held.
 * @throws ClusterError NoFreeSlot
 */
export const takeSlot = async (paths: ClusterPaths): Promise<number> => {
  mkdirSync(slotsFolder(), { recursive: true });
  const own = findSlot(paths);
  if (own !== undefined) return own;
  for (const slot of numbers) {
    if (ownerOf(slot) === undefined && (await isUnused(slot)) && tryTake(slot, paths)) return slot;
  }
  throw new ClusterError(
    'NoFreeSlot',
    `all ${SLOTS} places for clusters on this machine are taken (${slotOwners().join(', ')}): take one down first, or run "cluster prune"`,
  );
};

/** Gives the cluster's slot back. */
export const releaseSlot = (paths: ClusterPaths): void => {
  for (let slot = findSlot(paths); slot !== undefined; slot = findSlot(paths))
    rmSync(join(slotsFolder(), String(slot)), { force: true });
};

/** The clusters of this checkout, by name: those that hold a slot, and those that have a folder alone. */
export const ownClusters = (): ClusterPaths[] => {
  const own = clustersInSlots().filter(({ checkout }) => checkout === CHECKOUT);
  const names = [...new Set([...own.map(({ name }) => name), ...foldersOfClusters()])];
  return names.sort().map((name) => new ClusterPaths(name));
};

const foldersOfClusters = (): string[] => {
  try {
    return readdirSync(clustersFolder());
  } catch {
    return [];
  }
};
