/** Kubernetes version that local clusters run; `build/kubernetes/go.mod` pins the same. */
export const KUBERNETES_VERSION = 'v1.37.2';

const [major, minor] = KUBERNETES_VERSION.slice(1).split('.');
const HELM_VERSION = 'v3.22.0';

/** One Go module in `build/` and what is built from it. Separate modules, since their requirements disagree. */
export interface GoModule {
  /** Folder below `build/`. */
  readonly folder: string;
  readonly tags: readonly string[];
  /** Package paths by the name of the binary. */
  readonly packages: Readonly<Record<string, string>>;
  /** Values of string variables set at link time. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Everything a local cluster is made of, in the order in which a first build makes it. */
export const GO_MODULES: readonly GoModule[] = [
  {
    folder: 'kubernetes',
    tags: [],
    packages: {
      etcd: 'go.etcd.io/etcd/server/v3',
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
      kubelet: 'k8s.io/kubernetes/cmd/kubelet',
      'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy',
    },
    // Without these the API server calls itself v0.0.0 and version checks of Helm charts fail.
    variables: {
      'k8s.io/component-base/version.gitVersion': KUBERNETES_VERSION,
      'k8s.io/component-base/version.gitMajor': major ?? '',
      'k8s.io/component-base/version.gitMinor': minor ?? '',
    },
  },
  {
    folder: 'containerd',
    tags: ['no_btrfs', 'no_devmapper', 'no_zfs'],
    packages: {
      containerd: 'github.com/containerd/containerd/v2/cmd/containerd',
      'containerd-shim-runc-v2': 'github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2',
      ctr: 'github.com/containerd/containerd/v2/cmd/ctr',
    },
    variables: {},
  },
  { folder: 'kwok', tags: [], packages: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' }, variables: {} },
  { folder: 'coredns', tags: [], packages: { coredns: 'github.com/coredns/coredns' }, variables: {} },
  {
    folder: 'helm',
    tags: [],
    packages: { helm: 'helm.sh/helm/v3/cmd/helm' },
    variables: { 'helm.sh/helm/v3/internal/version.version': HELM_VERSION },
  },
];

/** Names of all binaries that can be built. */
export const BINARY_NAMES: readonly string[] = GO_MODULES.flatMap((module) => Object.keys(module.packages));
