/** Kubernetes version that local clusters run; `build/kubernetes/go.mod` pins the same. */
export const KUBERNETES_VERSION = 'v1.37.2';

/** The oldest Kubernetes that the operator is for; `build/oldest/go.mod` pins the same. */
const OLDEST_KUBERNETES_VERSION = 'v1.33.13';

const HELM_VERSION = 'v3.22.0';

/** Without these the API server calls itself v0.0.0, and version checks of Helm charts fail. */
const kubernetesVariables = (version: string): Record<string, string> => {
  const [major = '', minor = ''] = version.slice(1).split('.');
  return {
    'k8s.io/component-base/version.gitVersion': version,
    'k8s.io/component-base/version.gitMajor': major,
    'k8s.io/component-base/version.gitMinor': minor,
  };
};

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

/** Kubernetes' own end-to-end tests, and what their images run: no part of a cluster, built for `make e2e-kubernetes` alone. */
const E2E_TESTS: GoModule = {
  folder: 'e2e',
  tags: [],
  packages: {
    'e2e.test': 'k8s.io/kubernetes/test/e2e',
    agnhost: 'k8s.io/kubernetes/test/images/agnhost',
  },
  variables: kubernetesVariables(KUBERNETES_VERSION),
};

/** What provider kind needs beside a cluster's own binaries. */
const KIND: GoModule = {
  folder: 'kind',
  tags: [],
  packages: { kind: 'sigs.k8s.io/kind', kubeadm: 'k8s.io/kubernetes/cmd/kubeadm' },
  variables: kubernetesVariables(KUBERNETES_VERSION),
};

/** A node autoscaler whose nodes are kwok's: no part of a cluster, built for `npm run autoscaler` alone. */
const KARPENTER: GoModule = {
  folder: 'karpenter',
  tags: [],
  packages: { karpenter: 'sigs.k8s.io/karpenter/kwok' },
  variables: {},
};

/** Whether control planes are of the oldest Kubernetes: CLUSTER_KUBERNETES=oldest is in the environment. */
export const IS_OLDEST = process.env['CLUSTER_KUBERNETES'] === 'oldest';

/** What stands in for the newest of the same name then. */
const OLDEST: GoModule = {
  folder: 'oldest',
  tags: [],
  packages: {
    'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
    'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
    'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
  },
  variables: kubernetesVariables(OLDEST_KUBERNETES_VERSION),
};

/** Everything a local cluster is made of, in the order in which a first build makes it. */
const GO_MODULES: readonly GoModule[] = [
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
    variables: kubernetesVariables(KUBERNETES_VERSION),
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

/** The module that a binary is built from; undefined for an unknown name. */
export const moduleOf = (binary: string): GoModule | undefined => {
  const oldest = IS_OLDEST ? [OLDEST] : [];
  return [...oldest, ...GO_MODULES, E2E_TESTS, KIND, KARPENTER].find(({ packages }) => binary in packages);
};

/** Names of all binaries that clusters are made of. */
export const BINARY_NAMES: readonly string[] = GO_MODULES.flatMap((module) => Object.keys(module.packages));
