import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cached, cacheFolder } from '../images/cache.ts';
import { packImage } from '../images/index.ts';
import { binaryPath, ensureBinaries, type Log } from './build.ts';
import { exec } from './exec.ts';
import { pauseArchive } from './pause.ts';
import { assertMachineForKind } from './preflight.ts';
import { KUBERNETES_VERSION } from './versions.ts';

/** Name of the image that kind's nodes run. */
export const NODE_IMAGE = `localhost/proffer/kind-node:${KUBERNETES_VERSION}`;

/** What images/base/Dockerfile of kind installs and a node here needs, with runc and the CNI plug-ins of Debian. */
const PACKAGES =
  'systemd,conntrack,iptables,nftables,iproute2,ethtool,mount,kmod,libseccomp2,pigz,e2fsprogs,ca-certificates,jq,procps,' +
  'runc,containernetworking-plugins';

/** Programs of the node itself; the others run as Pods. */
const NODE_PROGRAMS = ['kubelet', 'kubeadm', 'kubectl', 'containerd', 'containerd-shim-runc-v2', 'ctr'];
const POD_PROGRAMS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'coredns',
];

/** Debian 12 as a tar, since its image lies in a registry. */
const debian = (log: Log): Promise<string> => {
  const hash = createHash('sha256').update(PACKAGES).digest('hex').slice(0, 16);
  return cached(cacheFolder(), 'bookworm', hash, async (target, work) => {
    log('Installing Debian 12 for the nodes of kind: this takes two minutes, and is done once.');
    const root = join(work, 'root');
    await exec('debootstrap', ['--variant=minbase', `--include=${PACKAGES}`, 'bookworm', root]);
    await exec('tar', ['-C', root, '-cf', target, '.']);
  });
};

/** One image for all that kubeadm runs as Pods. Each Pod names its program, but that of CoreDNS. */
const kubernetes = async (): Promise<string> => {
  const { tar } = await packImage({
    name: 'kubernetes',
    tag: KUBERNETES_VERSION,
    packages: ['nftables'],
    paths: ['usr/sbin/nft'],
    programs: POD_PROGRAMS.map((name) => {
      const source = binaryPath(name);
      return { path: `/usr/local/bin/${name}`, source, identity: source };
    }),
    config: {
      user: '0:0',
      entrypoint: ['/usr/local/bin/coredns'],
      cmd: [],
      env: { PATH: '/usr/local/bin:/usr/sbin' },
      ports: [],
    },
  });
  return tar;
};

/** Where the parts of the node image lie on this machine, by their paths in the context of its Dockerfile. */
const context = async (log: Log): Promise<Record<string, string>> => {
  const recipe = join(import.meta.dirname, 'kind-node');
  const module = join(import.meta.dirname, 'build', 'kind');
  const source = await exec('go', ['list', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/kind'], { cwd: module });
  const programs = NODE_PROGRAMS.map((name) => [`bin/${name}`, binaryPath(name)]);
  return {
    ...(Object.fromEntries(programs) as Record<string, string>),
    Dockerfile: join(recipe, 'Dockerfile'),
    'images.conf': join(recipe, 'images.conf'),
    'bookworm.tar': await debian(log),
    files: join(source.trim(), 'images', 'base', 'files'),
    'images/kubernetes.tar': await kubernetes(),
    'images/pause.tar': await pauseArchive(),
  };
};

/** Fetches and builds all that clusters of kind are made of: what follows needs no network. */
export const prepareKind = async (log: Log): Promise<void> => {
  await assertMachineForKind(log);
  await ensureBinaries(['kind', ...NODE_PROGRAMS, ...POD_PROGRAMS], log);
  await context(log);
};

/** Makes the image that kind's nodes run; Docker's own cache answers when nothing has changed. */
export const buildNodeImage = async (log: Log): Promise<void> => {
  log('Building the node image of kind.');
  const folder = mkdtempSync(join(tmpdir(), 'proffer-kind-'));
  try {
    for (const part of ['bin', 'images']) mkdirSync(join(folder, part));
    for (const [path, source] of Object.entries(await context(log))) symlinkSync(source, join(folder, path));
    // Docker follows no links in a folder; tar does. BuildKit would ask a registry.
    const script = 'tar -C "$0" -ch . | docker build --quiet --tag "$1" -';
    await exec('sh', ['-c', script, folder, NODE_IMAGE], { env: { DOCKER_BUILDKIT: '0' } });
  } finally {
    rmSync(folder, { recursive: true });
  }
};
