import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from './build.ts';
import { ClusterError } from './errors.ts';
import { exec, tryExec } from './exec.ts';
import type { ClusterShape } from './shape.ts';

/** A file that must exist (a program on PATH, or an absolute path) and the Debian package that brings it. */
interface Need {
  readonly file: string;
  readonly debianPackage: string;
}

const SEARCH = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/** Where the CNI plug-ins are on Debian. */
export const CNI_PLUGINS = '/usr/lib/cni';

const CONTROL_PLANE: readonly Need[] = [
  { file: 'openssl', debianPackage: 'openssl' },
  { file: 'flock', debianPackage: 'util-linux' },
];

/** What nodes of both providers need: their network, and a compiler for the program that holds a Pod's place. */
const NODES: readonly Need[] = [
  { file: 'ip', debianPackage: 'iproute2' },
  { file: 'nft', debianPackage: 'nftables' },
  { file: 'gcc', debianPackage: 'gcc' },
  { file: '/usr/include/unistd.h', debianPackage: 'libc6-dev' },
];

const REAL_NODES: readonly Need[] = [
  { file: 'runc', debianPackage: 'runc' },
  ...NODES,
  { file: 'iptables', debianPackage: 'iptables' },
  { file: 'conntrack', debianPackage: 'conntrack' },
  { file: 'socat', debianPackage: 'socat' },
  { file: 'ethtool', debianPackage: 'ethtool' },
  { file: 'unshare', debianPackage: 'util-linux' },
  { file: 'mount', debianPackage: 'mount' },
  { file: `${CNI_PLUGINS}/bridge`, debianPackage: 'containernetworking-plugins' },
];

const KIND: readonly Need[] = [
  { file: 'docker', debianPackage: 'docker.io' },
  { file: 'debootstrap', debianPackage: 'debootstrap' },
  ...NODES,
];

/** For an engine of one's own: hack/cluster/with-docker. */
const DOCKER: readonly Need[] = [
  { file: 'dockerd', debianPackage: 'docker.io' },
  { file: 'iptables', debianPackage: 'iptables' },
  { file: 'jq', debianPackage: 'jq' },
  { file: 'capsh', debianPackage: 'libcap2-bin' },
];

/** Absolute path of a program; undefined when it is not installed. */
export const findProgram = (file: string): string | undefined => {
  if (file.startsWith('/')) return existsSync(file) ? file : undefined;
  return SEARCH.map((folder) => join(folder, file)).find((path) => existsSync(path));
};

const isRoot = (): boolean => process.getuid?.() === 0;

const installPackages = async (packages: readonly string[], log: Log): Promise<void> => {
  const names = packages.join(' ');
  if (findProgram('apt-get') === undefined)
    throw new ClusterError(
      'MissingTool',
      `this system lacks ${names}, and has no apt-get to install them: local clusters need Debian 12 or newer`,
    );
  if (!isRoot())
    throw new ClusterError('MissingTool', `missing packages: run as root: apt-get install ${names}`);
  log(`Installing Debian packages that the cluster needs: ${names}.`);
  const args = [
    'install',
    '-o',
    'DPkg::Lock::Timeout=300',
    '--yes',
    '--quiet',
    '--no-install-recommends',
    ...packages,
  ];
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  if ((await tryExec('apt-get', args, { env })).status === 0) return;
  await exec('apt-get', ['update', '--quiet'], { env });
  await exec('apt-get', args, { env });
};

/** What the kubelet, containerd and kube-proxy of one node take of the kernel's inotify instances. */
const INOTIFY_PER_NODE = 9;
/** What a control plane takes, and some to spare for Pods. */
const INOTIFY_BESIDE_NODES = 16;
const INOTIFY_LIMIT = '/proc/sys/fs/inotify/max_user_instances';

const inotifyInUse = (): number =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const folder = `/proc/${pid}/fd`;
        return readdirSync(folder).filter((fd) => readlinkSync(`${folder}/${fd}`) === 'anon_inode:inotify');
      } catch {
        return []; // It ended in between.
      }
    }).length;

/**
 * Refuses to start more real nodes than the kernel has inotify instances for: programs that get none fail in ways
 * that are hard to read.
 * @throws ClusterError MissingTool with the command that helps
 */
export const assertInotify = (nodes: number): void => {
  const limit = Number(readFileSync(INOTIFY_LIMIT, 'utf8'));
  const wanted = inotifyInUse() + INOTIFY_BESIDE_NODES + nodes * INOTIFY_PER_NODE;
  if (wanted <= limit) return;
  throw new ClusterError(
    'MissingTool',
    `nodes: ${nodes} more real nodes need about ${wanted} inotify instances, the kernel allows ${limit}: ` +
      `raise it with: sysctl -w fs.inotify.max_user_instances=${2 ** Math.ceil(Math.log2(wanted + 1))}`,
  );
};

const install = async (needs: readonly Need[], log: Log): Promise<void> => {
  const missing = needs.filter(({ file }) => findProgram(file) === undefined);
  if (missing.length === 0) return;
  await installPackages([...new Set(missing.map(({ debianPackage }) => debianPackage))], log);
};

/**
 * Makes sure that what a cluster of that shape needs from the machine is there, installing Debian packages if not.
 * @throws ClusterError MissingTool naming the one thing to do
 */
export const assertMachine = async (shape: Pick<ClusterShape, 'nodes'>, log: Log): Promise<void> => {
  if (process.platform !== 'linux')
    throw new ClusterError('MissingTool', `local clusters need Linux; this is ${process.platform}`);
  if (shape.nodes > 0 && !isRoot())
    throw new ClusterError('MissingTool', 'real nodes need root: run this as root, or leave --nodes out');
  await install(shape.nodes > 0 ? [...CONTROL_PLANE, ...REAL_NODES] : CONTROL_PLANE, log);
};

/** Whether a Docker engine answers. */
export const dockerRuns = async (): Promise<boolean> =>
  findProgram('docker') !== undefined && (await tryExec('docker', ['info'])).status === 0;

/** As `assertMachine`, for provider kind: with Docker itself where no engine runs. */
export const assertMachineForKind = async (log: Log): Promise<void> =>
  install((await dockerRuns()) ? KIND : [...KIND, ...DOCKER], log);
