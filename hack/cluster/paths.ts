import { homedir } from 'node:os';
import { join } from 'node:path';
import { CHECKOUT, checkoutId } from './checkout.ts';
import { ClusterError } from './errors.ts';

const cacheHome = (): string => process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');

/** Folder of what can be made again: built binaries. */
export const cacheRoot = (): string => join(cacheHome(), 'proffer');

/** Folder of what describes running clusters: slots, locks, one folder per cluster. */
export const stateRoot = (): string => join(process.env['XDG_STATE_HOME'] || cacheHome(), 'proffer');

/** Folder of the clusters of one checkout. */
export const clustersFolder = (checkout: string = CHECKOUT): string =>
  join(stateRoot(), 'clusters', checkoutId(checkout));

/** A Unix socket's path must fit sockaddr_un: 107 bytes and a zero. */
const SOCKET_PATH_LIMIT = 107;

/** Folders that a node covers with its own, so that nothing the cluster needs may lie in them. */
const COVERED_BY_NODES = ['/var/lib/', '/var/log/', '/run/', '/proc/', '/sys/'];

/**
 * Where the files of one cluster lie. Each node's files lie in `nodes/<node>` below `dir`. A cluster is known by its name
 * and the checkout that made it.
 */
export class ClusterPaths {
  readonly name: string;
  readonly checkout: string;
  /** Names the cluster among those of all checkouts: `name checkout`. */
  readonly owner: string;
  /** Short and fit for names of files and containers. */
  readonly id: string;
  readonly dir: string;
  readonly log: string;
  readonly pki: string;
  readonly run: string;
  readonly kubeconfig: string;
  readonly record: string;

  constructor(name: string, checkout: string = CHECKOUT) {
    const folder = checkoutId(checkout);
    this.name = name;
    this.checkout = checkout;
    this.owner = `${name} ${checkout}`;
    this.id = `${folder}-${name}`;
    this.dir = join(clustersFolder(checkout), name);
    this.log = join(this.dir, 'log');
    this.pki = join(this.dir, 'pki');
    this.run = join(this.dir, 'run');
    this.kubeconfig = join(this.dir, 'kubeconfig');
    this.record = join(this.dir, 'cluster.json');
  }

  /** The cluster that `owner` names; undefined for a text that names none. */
  static of(owner: string): ClusterPaths | undefined {
    const [, name, checkout] = /^(\S+) (\/.*)$/.exec(owner) ?? [];
    return name === undefined || checkout === undefined ? undefined : new ClusterPaths(name, checkout);
  }

  /** The folder of one node. */
  node(node: string): string {
    return join(this.dir, 'nodes', node);
  }

  /** The node's containerd socket, outside the folders that a node hides, so that `ctr -a` reaches it from anywhere. */
  containerdSocket(node: string): string {
    return join(this.node(node), 'containerd.sock');
  }

  /**
   * Refuses a state folder in which real nodes could not work.
   * @throws ClusterError BadInput
   */
  assertFitForNodes(longestNode: string): void {
    const socket = this.containerdSocket(longestNode);
    if (Buffer.byteLength(`${socket}.ttrpc`) > SOCKET_PATH_LIMIT) {
      throw new ClusterError(
        'BadInput',
        `the state folder's path is too long for a Unix socket (${socket}): set XDG_STATE_HOME to a shorter folder`,
      );
    }
    const covering = COVERED_BY_NODES.find((folder) => this.dir.startsWith(folder));
    if (covering !== undefined) {
      throw new ClusterError(
        'BadInput',
        `the state folder ${this.dir} lies in ${covering}, which every node replaces by its own: set XDG_STATE_HOME to another folder`,
      );
    }
  }
}
