import { createHash } from 'node:crypto';
import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { ApiClient } from './api.ts';
import { binaryPath } from './build.ts';
import { certificateFile, keyFile, makeAuthority, makeCertificate } from './certificates.ts';
import { assertRunning, startDaemon } from './daemons.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import type { ClusterPaths } from './paths.ts';
import type { ClusterContext } from './record.ts';
import { type ClusterShape, hasStaticNodes } from './shape.ts';
import { waitFor } from './wait.ts';

const SHARED_MEMORY = '/dev/shm';
const TMPFS_MAGIC = 0x01021994;
const ENOUGH_BYTES = 1 << 30;

/** The folder in memory that may hold a cluster's etcd data. */
export const memoryFolder = (paths: ClusterPaths): string => {
  const id = createHash('sha256').update(paths.dir).digest('hex').slice(0, 12);
  return join(SHARED_MEMORY, `proffer-${id}`);
};

/** etcd's data need not outlive the machine: memory where there is enough, as a container's /dev/shm has not. */
const etcdFolder = (paths: ClusterPaths): string => {
  try {
    const { type, bavail, bsize } = statfsSync(SHARED_MEMORY);
    if (type === TMPFS_MAGIC && bavail * bsize > ENOUGH_BYTES) return memoryFolder(paths);
  } catch {
    // No such file system here.
  }
  return join(paths.dir, 'etcd');
};

/** The binaries that a control plane of that shape runs, and kubectl. */
export const controlPlaneBinaries = (shape: ClusterShape): string[] => [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kubectl',
  ...(shape.scheduler ? ['kube-scheduler'] : []),
];

const makeIdentities = async ({ paths, layout, host, server }: ClusterContext): Promise<void> => {
  const { pki } = paths;
  await makeAuthority(pki);
  const clients: [name: string, subject: string][] = [
    ['admin', '/O=system:masters/CN=admin'],
    ['kubelet-client', '/O=system:masters/CN=kube-apiserver-kubelet-client'],
    ['kube-controller-manager', '/CN=system:kube-controller-manager'],
    ['kube-scheduler', '/CN=system:kube-scheduler'],
  ];
  const service = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
  ];
  const names = [
    ...[...new Set([host, '127.0.0.1', layout.apiService])].map((address) => `IP:${address}`),
    ...[...service, 'localhost'].map((name) => `DNS:${name}`),
  ];
  await Promise.all([
    makeCertificate(pki, { name: 'kube-apiserver', subject: '/CN=kube-apiserver', names }),
    ...clients.map(([name, subject]) => makeCertificate(pki, { name, subject })),
  ]);
  for (const component of ['kube-controller-manager', 'kube-scheduler'])
    writeKubeconfig(join(pki, `${component}.kubeconfig`), pki, server, component);
  writeKubeconfig(paths.kubeconfig, pki, server, 'admin');
};

const startEtcd = async ({ paths, layout }: ClusterContext): Promise<void> => {
  const data = etcdFolder(paths);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const client = `http://127.0.0.1:${layout.ports.etcdClient}`;
  const peer = `http://127.0.0.1:${layout.ports.etcdPeer}`;
  await startDaemon(paths, {
    name: 'etcd',
    command: binaryPath('etcd'),
    args: [
      '--name=local',
      `--data-dir=${data}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=local=${peer}`,
      // A single member elects itself when its first timeout is over: make that short.
      '--heartbeat-interval=10',
      '--election-timeout=100',
    ],
  });
};

const apiServerArgs = ({ paths, layout, shape, host }: ClusterContext): string[] => {
  const { pki } = paths;
  return [
    `--bind-address=${host}`,
    `--secure-port=${layout.ports.apiServer}`,
    `--advertise-address=${layout.gateway}`,
    // Without nodes nothing answers at the advertised address: the `kubernetes` Service gets no endpoint.
    ...(shape.nodes > 0 ? [] : ['--endpoint-reconciler-type=none']),
    `--etcd-servers=http://127.0.0.1:${layout.ports.etcdClient}`,
    `--tls-cert-file=${certificateFile(pki, 'kube-apiserver')}`,
    `--tls-private-key-file=${keyFile(pki, 'kube-apiserver')}`,
    `--client-ca-file=${certificateFile(pki, 'ca')}`,
    `--service-account-key-file=${keyFile(pki, 'service-account')}`,
    `--service-account-signing-key-file=${keyFile(pki, 'service-account')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    `--service-cluster-ip-range=${layout.serviceRange}`,
    '--allow-privileged=true',
    `--kubelet-client-certificate=${certificateFile(pki, 'kubelet-client')}`,
    `--kubelet-client-key=${keyFile(pki, 'kubelet-client')}`,
    `--kubelet-certificate-authority=${certificateFile(pki, 'ca')}`,
    '--kubelet-preferred-address-types=InternalIP',
    ...(shape.fakeNodes > 0 ? ['--max-requests-inflight=2000', '--max-mutating-requests-inflight=1000'] : []),
    ...(shape.fast
      ? ['--default-not-ready-toleration-seconds=5', '--default-unreachable-toleration-seconds=5']
      : []),
    ...(shape.extraFlags['kube-apiserver'] ?? []),
  ];
};

const controllerManagerArgs = ({ paths, layout, shape }: ClusterContext): string[] => {
  const kubeconfig = join(paths.pki, 'kube-controller-manager.kubeconfig');
  return [
    `--kubeconfig=${kubeconfig}`,
    '--use-service-account-credentials=true',
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    `--secure-port=${layout.ports.controllerManager}`,
    `--service-account-private-key-file=${keyFile(paths.pki, 'service-account')}`,
    `--root-ca-file=${certificateFile(paths.pki, 'ca')}`,
    ...(hasStaticNodes(shape)
      ? ['--controllers=*,-node-lifecycle-controller,-taint-eviction-controller']
      : []),
    ...(shape.fast ? ['--node-monitor-period=1s', '--node-monitor-grace-period=8s'] : []),
    ...(shape.extraFlags['kube-controller-manager'] ?? []),
  ];
};

const schedulerArgs = ({ paths, layout, shape }: ClusterContext): string[] => [
  `--kubeconfig=${join(paths.pki, 'kube-scheduler.kubeconfig')}`,
  '--leader-elect=false',
  '--bind-address=127.0.0.1',
  `--secure-port=${layout.ports.scheduler}`,
  ...(shape.extraFlags['kube-scheduler'] ?? []),
];

/**
 * Starts etcd, the API server and the controllers, and waits until Pods can be created.
 * @throws ClusterError StartFailed with the end of the log of what died
 */
export const startControlPlane = async (context: ClusterContext): Promise<void> => {
  const { paths, server, shape } = context;
  await Promise.all([makeIdentities(context), startEtcd(context)]);
  const start = (name: string, args: string[]): Promise<unknown> =>
    startDaemon(paths, { name, command: binaryPath(name), args });
  await start('kube-apiserver', apiServerArgs(context));
  const api = new ApiClient(server, paths.pki);
  const ready = (what: string, path: string, daemons: string[]): Promise<unknown> =>
    waitFor(what, () => api.get(path), {
      timeoutMs: 120_000,
      check: () => daemons.forEach((name) => assertRunning(paths, name)),
    });
  try {
    await ready('the API server', '/readyz', ['etcd', 'kube-apiserver']);
    await start('kube-controller-manager', controllerManagerArgs(context));
    if (shape.scheduler) await start('kube-scheduler', schedulerArgs(context));
    // Until it exists, no Pod may be created in the default namespace.
    await ready('the default service account', '/api/v1/namespaces/default/serviceaccounts/default', [
      'kube-controller-manager',
    ]);
  } finally {
    await api.close();
  }
};
