import { ClusterError } from './errors.ts';

/**
 * What one cluster may use of the machine, derived from its slot alone. Slots share nothing, so clusters run side by
 * side. Addresses come from 198.18.0.0/15, which RFC 2544 keeps for tests: no real network uses them.
 *
 * A slot's /19 holds 32 ranges of /24: the nodes, 23 Pod ranges, and a /21 of Services.
 */
export interface Layout {
  readonly slot: number;
  readonly ports: {
    readonly apiServer: number;
    readonly etcdClient: number;
    readonly etcdPeer: number;
    readonly controllerManager: number;
    readonly scheduler: number;
    readonly kwok: number;
  };
  /** Address of the bridge: what nodes reach the API server and the DNS server by. */
  readonly gateway: string;
  readonly bridge: string;
  readonly nodeRange: string;
  /** Covers every Pod address of the cluster. */
  readonly podRange: string;
  readonly serviceRange: string;
  /** Address of the `kubernetes` Service. */
  readonly apiService: string;
}

/** One real node's share of its cluster's layout. `index` counts from 1. */
export interface NodeLayout {
  readonly index: number;
  readonly name: string;
  readonly address: string;
  readonly podRange: string;
  readonly podGateway: string;
  /** The root side of the node's network cable. */
  readonly link: string;
  readonly cgroup: string;
}

/** Clusters that fit on one machine: 198.18.0.0/15 cut into /19. */
export const SLOTS = 16;

/** Real nodes that fit into one cluster: its Pod ranges. */
export const MAX_REAL_NODES = 23;

// Below the kernel's range of ephemeral ports (from 32768) and above what distributions give to services.
const FIRST_PORT = 26_400;
const PORTS_PER_SLOT = 10;

const thirdOctet = (slot: number, range: number): string => {
  const index = slot * 32 + range;
  return `198.${18 + Math.floor(index / 256)}.${index % 256}`;
};

/** The layout of a slot, 0 to SLOTS - 1. */
export const layoutOf = (slot: number): Layout => {
  const port = FIRST_PORT + slot * PORTS_PER_SLOT;
  return {
    slot,
    ports: {
      apiServer: port,
      etcdClient: port + 1,
      etcdPeer: port + 2,
      controllerManager: port + 3,
      scheduler: port + 4,
      kwok: port + 5,
    },
    gateway: `${thirdOctet(slot, 0)}.1`,
    bridge: `pf${slot}br`,
    nodeRange: `${thirdOctet(slot, 0)}.0/24`,
    podRange: `${thirdOctet(slot, 0)}.0/19`,
    serviceRange: `${thirdOctet(slot, 24)}.0/21`,
    apiService: `${thirdOctet(slot, 24)}.1`,
  };
};

/** Name of the real node with that index, counted from 1. */
export const nodeName = (index: number): string => `node-${index}`;

/** The share of the real node with that index. */
export const nodeLayoutOf = (layout: Layout, index: number): NodeLayout => ({
  index,
  name: nodeName(index),
  address: `${thirdOctet(layout.slot, 0)}.${10 + index}`,
  podRange: `${thirdOctet(layout.slot, index)}.0/24`,
  podGateway: `${thirdOctet(layout.slot, index)}.1`,
  link: `pf${layout.slot}n${index}`,
  cgroup: `${cgroupPrefix(layout)}${nodeName(index)}`,
});

/** What the names of all control groups of a cluster start with. */
export const cgroupPrefix = (layout: Layout): string => `proffer-${layout.slot}-`;

/**
 * Refuses a name that could not become a folder, a host name or part of a label.
 * @throws ClusterError BadInput
 */
export const assertClusterName = (name: string): void => {
  if (/^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$/.test(name)) return;
  throw new ClusterError(
    'BadInput',
    `name: "${name}" is no cluster name: use 1 to 30 lower-case letters, digits and dashes, a letter first, no dash last`,
  );
};
