import { ClusterError } from './errors.ts';
import { MAX_REAL_NODES } from './layout.ts';

/** Size of a fake node, in Kubernetes quantities, and how many zones they are spread over. */
export interface FakeNodeShape {
  readonly cpu: string;
  readonly memory: string;
  readonly pods: string;
  /** Nodes get the label topology.kubernetes.io/zone in turn: zone-1 to zone-N. */
  readonly zones: number;
  /** Further labels of every node. */
  readonly labels: Readonly<Record<string, string>>;
  /** Further resources, as `{ "nvidia.com/gpu": "8" }`. */
  readonly extended: Readonly<Record<string, string>>;
}

/** More command-line flags by component, put last so that they win. */
export type ExtraFlags = Readonly<
  Partial<Record<'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler', readonly string[]>>
>;

/** Everything that makes one cluster differ from another but its name. */
export interface ClusterShape {
  /** Real nodes: kubelet, containerd and kube-proxy, each in namespaces of its own. */
  readonly nodes: number;
  /** Node objects without a machine behind them. */
  readonly fakeNodes: number;
  readonly fakeNode: FakeNodeShape;
  /** Run kwok: it renews the fake nodes' leases and makes Pods on them Running and Ready. */
  readonly kwok: boolean;
  /** Notice lost nodes after 8 s instead of 50 s, and evict after 5 s instead of 300 s. Not Kubernetes' defaults. */
  readonly fast: boolean;
  /** Run kube-scheduler. */
  readonly scheduler: boolean;
  readonly extraFlags: ExtraFlags;
}

/** What a caller may say about a cluster's shape. Left out: a control plane alone. */
export type ShapeOptions = Partial<Omit<ClusterShape, 'fakeNode'>> & {
  readonly fakeNode?: Partial<FakeNodeShape>;
};

const DEFAULT_FAKE_NODE: FakeNodeShape = {
  cpu: '32',
  memory: '64Gi',
  pods: '110',
  zones: 3,
  labels: {},
  extended: {},
};

const assertCount = (field: string, value: number, most: number): void => {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new ClusterError('BadInput', `${field}: ${value} is not a whole number from 0 to ${most}`);
};

/**
 * Fills in what was left out.
 * @throws ClusterError BadInput naming the field
 */
export const shapeOf = (options: ShapeOptions): ClusterShape => {
  const nodes = options.nodes ?? 0;
  const fakeNodes = options.fakeNodes ?? 0;
  const fakeNode = { ...DEFAULT_FAKE_NODE, ...options.fakeNode };
  assertCount('nodes', nodes, MAX_REAL_NODES);
  assertCount('fakeNodes', fakeNodes, 50_000);
  if (!Number.isInteger(fakeNode.zones) || fakeNode.zones < 1)
    throw new ClusterError('BadInput', `fakeNode.zones: ${fakeNode.zones} is not a whole number above 0`);
  return {
    nodes,
    fakeNodes,
    fakeNode,
    // Beside real nodes the controllers that watch leases run, and they would take static nodes for lost.
    kwok: options.kwok ?? (nodes > 0 && fakeNodes > 0),
    fast: options.fast ?? false,
    // Real nodes run real workloads, the operator's own Deployment among them: they need the stock scheduler.
    scheduler: options.scheduler ?? nodes > 0,
    extraFlags: options.extraFlags ?? {},
  };
};

/** Whether nobody renews the fake nodes' leases, so that the controllers that watch leases must be off. */
export const hasStaticNodes = (shape: ClusterShape): boolean => shape.nodes === 0 && !shape.kwok;

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** One line for people. */
export const describeShape = (shape: ClusterShape): string => {
  const parts = [
    shape.nodes > 0 ? counted(shape.nodes, 'real node') : '',
    shape.fakeNodes > 0 ? counted(shape.fakeNodes, 'fake node') : '',
    shape.kwok ? 'kwok' : '',
    shape.scheduler ? 'kube-scheduler' : '',
    shape.fast ? 'fast failure detection' : '',
  ].filter((part) => part !== '');
  return ['control plane', ...parts].join(', ');
};
