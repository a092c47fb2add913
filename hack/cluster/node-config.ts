import { stringify } from 'yaml';
import { binaryPath } from './build.ts';
import { certificateFile, keyFile } from './certificates.ts';
import type { Layout, NodeLayout } from './layout.ts';
import { PAUSE_IMAGE } from './pause.ts';
import type { ClusterPaths } from './paths.ts';
import { CNI_PLUGINS } from './preflight.ts';

/** What the real nodes of a cluster divide among them: the machine's memory and CPUs. */
export interface Machine {
  readonly memoryBytes: number;
  readonly cpus: number;
  /** How many nodes share it. */
  readonly nodes: number;
}

const GIB = 1 << 30;
/** Kept for the control plane and whatever else runs on the machine. */
const KEPT_BYTES = 4 * GIB;

/** Memory that one node may offer to Pods: an equal share, and never less than 1 GiB. */
const memoryShare = ({ memoryBytes, nodes }: Machine): number =>
  Math.max(GIB, Math.floor((memoryBytes - KEPT_BYTES) / nodes));

/** Files in the node's own folder that its daemons read. */
export const kubeletFiles = {
  containerd: 'containerd.toml',
  cni: 'cni',
  kubelet: 'kubelet.yaml',
  kubeProxy: 'kube-proxy.yaml',
  resolvConf: 'resolv.conf',
} as const;

/** Configuration of containerd, version 3. Its data lies on disk, its state in the node's own /run. */
export const containerdConfig = (paths: ClusterPaths, node: NodeLayout, runc: string): string => `version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.nri.v1.nri"]

[grpc]
  address = "${paths.containerdSocket(node.name)}"

[plugins."io.containerd.cri.v1.images"]
  snapshotter = "overlayfs"
  [plugins."io.containerd.cri.v1.images".pinned_images]
    sandbox = "${PAUSE_IMAGE}"

[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  [plugins."io.containerd.cri.v1.runtime".containerd]
    default_runtime_name = "runc"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      runtime_path = "${binaryPath('containerd-shim-runc-v2')}"
      [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
        BinaryName = "${runc}"
        SystemdCgroup = false
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["${CNI_PLUGINS}"]
    conf_dir = "${paths.node(node.name)}/${kubeletFiles.cni}"
`;

/** Pod network: a bridge in the node, one address range per node, host ports. containerd sets the loopback up itself. */
export const cniConfig = (podRange: string): string =>
  JSON.stringify({
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: { type: 'host-local', ranges: [[{ subnet: podRange }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  });

/** KubeletConfiguration. */
export const kubeletConfig = (
  paths: ClusterPaths,
  layout: Layout,
  node: NodeLayout,
  machine: Machine,
  fast: boolean,
): string =>
  stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${node.cgroup}`,
    failSwapOn: false,
    containerRuntimeEndpoint: `unix://${paths.containerdSocket(node.name)}`,
    address: node.address,
    readOnlyPort: 0,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: certificateFile(paths.pki, 'ca') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: certificateFile(paths.pki, node.name),
    tlsPrivateKeyFile: keyFile(paths.pki, node.name),
    clusterDomain: 'cluster.local',
    clusterDNS: [layout.gateway],
    resolvConf: `${paths.node(node.name)}/${kubeletFiles.resolvConf}`,
    evictionHard: { 'nodefs.available': '1%', 'imagefs.available': '1%', 'memory.available': '50Mi' },
    enforceNodeAllocatable: ['pods'],
    systemReserved: {
      cpu: `${Math.min(500, machine.cpus * 250)}m`,
      memory: String(Math.max(0, machine.memoryBytes - memoryShare(machine))),
    },
    ...(fast ? { nodeLeaseDurationSeconds: 4, nodeStatusUpdateFrequency: '2s' } : {}),
  });

/** KubeProxyConfiguration. The limits of connection tracking belong to the machine and are left alone. */
export const kubeProxyConfig = (layout: Layout, node: NodeLayout, kubeconfig: string): string =>
  stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    hostnameOverride: node.name,
    clientConnection: { kubeconfig },
    clusterCIDR: layout.podRange,
    nodePortAddresses: [`${node.address}/32`],
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  });
