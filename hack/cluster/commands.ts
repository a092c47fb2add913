import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { assertGo, binaryPath, ensureBinaries } from './build.ts';
import { clusterStatus } from './status.ts';
import { ClusterError } from './errors.ts';
import { openCluster, startCluster } from './index.ts';
import { prepareKind } from './kind-image.ts';
import { assertClusterName } from './layout.ts';
import { ClusterPaths } from './paths.ts';
import { assertMachine } from './preflight.ts';
import { pruneClusters } from './prune.ts';
import { ownClusters } from './slots.ts';
import { takeDown } from './take-down.ts';
import { BINARY_NAMES } from './versions.ts';

const USAGE = `Local Kubernetes clusters, without Docker, from Kubernetes' own programs.

  cluster up --name NAME [what it is made of]   bring a cluster up; nothing to do when it is
      --nodes N            real nodes: kubelet, containerd, kube-proxy (default 3 unless one of the next two is given)
      --control-plane      no nodes at all
      --fake-nodes N       Node objects without a machine behind them
        --fake-cpu 32 --fake-memory 64Gi --fake-pods 110 --fake-zones 3
      --kwok               let kwok renew the fake nodes' leases and run their Pods
      --scheduler          run kube-scheduler (always with real nodes)
      --fast               notice lost nodes after 8 s instead of 50 s, evict after 5 s instead of 300 s
      --provider local     or kind, where a Docker engine runs; hack/cluster/with-docker COMMAND brings one
  cluster down --name NAME | --all              remove a cluster, or all of this checkout
  cluster prune                                 remove what killed test runs and deleted checkouts left behind
  cluster status                                list clusters and what they run
  cluster kubeconfig --name NAME                print the path of its kubeconfig
  cluster env --name NAME                       print shell commands that make kubectl use it
  cluster load --name NAME IMAGE.tar ...        put the images of archives on every node
  cluster node cut|heal|kill|boot NAME NODE     take a node off the network, put it back, pull its plug, switch it on
      --silent             with cut: swallow packets instead of dropping the link
  cluster prepare [--provider kind]             install what real nodes need from the system; for kind, fetch and build all
  cluster build [BINARY ...]                    build the programs (${BINARY_NAMES.join(', ')})
  cluster path BINARY                           print where a program lies, building it first when needed
`;

const OPTIONS = {
  name: { type: 'string' },
  nodes: { type: 'string' },
  'fake-nodes': { type: 'string' },
  'fake-cpu': { type: 'string' },
  'fake-memory': { type: 'string' },
  'fake-pods': { type: 'string' },
  'fake-zones': { type: 'string' },
  'control-plane': { type: 'boolean' },
  kwok: { type: 'boolean' },
  fast: { type: 'boolean' },
  scheduler: { type: 'boolean' },
  provider: { type: 'string' },
  all: { type: 'boolean' },
  silent: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parse>['values'];

const parse = (args: string[]) => parseArgs({ args, options: OPTIONS, allowPositionals: true, strict: true });

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const note = (line: string): void => void process.stderr.write(`${line}\n`);

const nameOf = (values: Values): string => {
  if (values.name === undefined) throw new ClusterError('BadInput', '--name is missing: say which cluster');
  assertClusterName(values.name);
  return values.name;
};

const countOf = (option: keyof Values, value: string | undefined): number | undefined => {
  if (value === undefined) return undefined;
  if (!/^\d{1,6}$/.test(value))
    throw new ClusterError('BadInput', `--${option}: "${value}" is not a whole number`);
  return Number(value);
};

const providerOf = (value: string | undefined): 'local' | 'kind' => {
  if (value === undefined || value === 'local' || value === 'kind') return value ?? 'local';
  throw new ClusterError('BadInput', `--provider: "${value}" is neither local nor kind`);
};

const up = async (values: Values): Promise<void> => {
  const fakeNodes = countOf('fake-nodes', values['fake-nodes']);
  const nodes = countOf('nodes', values.nodes);
  if (values['control-plane'] && (nodes ?? 0) > 0)
    throw new ClusterError(
      'BadInput',
      '--control-plane means no real nodes: leave one of it and --nodes out',
    );
  const zones = countOf('fake-zones', values['fake-zones']);
  const cluster = await startCluster({
    name: nameOf(values),
    provider: providerOf(values.provider),
    keep: true,
    nodes: nodes ?? (values['control-plane'] || fakeNodes !== undefined ? 0 : 3),
    fakeNodes: fakeNodes ?? 0,
    fakeNode: {
      ...(values['fake-cpu'] === undefined ? {} : { cpu: values['fake-cpu'] }),
      ...(values['fake-memory'] === undefined ? {} : { memory: values['fake-memory'] }),
      ...(values['fake-pods'] === undefined ? {} : { pods: values['fake-pods'] }),
      ...(zones === undefined ? {} : { zones }),
    },
    ...(values.kwok === undefined ? {} : { kwok: values.kwok }),
    ...(values.fast === undefined ? {} : { fast: values.fast }),
    ...(values.scheduler === undefined ? {} : { scheduler: values.scheduler }),
    log: note,
  });
  print(`export KUBECONFIG=${cluster.kubeconfigPath}`);
};

const down = async (values: Values): Promise<void> => {
  const clusters = values.all ? ownClusters() : [new ClusterPaths(nameOf(values))];
  for (const paths of clusters) {
    await takeDown(paths, note);
    print(`Cluster ${paths.name} is down: nothing left.`);
  }
  if (clusters.length === 0) print('No cluster is up: nothing left.');
};

const prune = async (): Promise<void> => {
  const removed = await pruneClusters(note);
  for (const owner of removed) print(`Left behind, and removed: ${owner}`);
  if (removed.length === 0) print('Nothing was left behind.');
};

const node = async (values: Values, [action, name, nodeName]: string[]): Promise<void> => {
  if (name === undefined || nodeName === undefined)
    throw new ClusterError(
      'BadInput',
      'node: say what, which cluster and which node, as: node cut NAME node-1',
    );
  const node = openCluster(name, note).node(nodeName);
  switch (action ?? '') {
    case 'cut':
      return node.cut({ silent: values.silent ?? false });
    case 'heal':
      return node.heal();
    case 'kill':
      return node.kill();
    case 'boot':
      return node.boot();
    default:
      throw new ClusterError('BadInput', `node: "${action}" is none of cut, heal, kill, boot`);
  }
};

const required = (what: string, value: string | undefined): string => {
  if (value !== undefined) return value;
  throw new ClusterError('BadInput', `${what} is missing`);
};

const parseOrExplain = (args: string[]): ReturnType<typeof parse> => {
  try {
    return parse(args);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ClusterError('BadInput', `${reason} (see: cluster --help)`, { cause });
  }
};

/**
 * Runs one command line.
 * @throws ClusterError
 */
export const runCommand = async (args: string[]): Promise<void> => {
  const { values, positionals } = parseOrExplain(args);
  const [command, ...rest] = positionals;
  if (values.help || command === undefined || command === 'help') return print(USAGE);
  switch (command) {
    case 'up':
      return up(values);
    case 'down':
      return down(values);
    case 'prune':
      return prune();
    case 'status':
      for (const line of clusterStatus()) print(line);
      return;
    case 'kubeconfig':
      return print(openCluster(nameOf(values), note).kubeconfigPath);
    case 'env': {
      const cluster = openCluster(nameOf(values), note);
      print(`export KUBECONFIG='${cluster.kubeconfigPath}'`);
      // On the PATH, since programs that run kubectl know nothing of an alias.
      return print(`export PATH='${dirname(cluster.kubectlPath)}':"$PATH"`);
    }
    case 'load': {
      const cluster = openCluster(nameOf(values), note);
      for (const tar of [required('IMAGE.tar', rest[0]), ...rest.slice(1)]) await cluster.loadImage(tar);
      return;
    }
    case 'node':
      return node(values, rest);
    case 'prepare':
      if (providerOf(values.provider) === 'kind') return prepareKind(note);
      await assertMachine({ nodes: 1 }, note);
      await assertGo();
      return note('This machine has what local clusters need.');
    case 'build':
      await ensureBinaries(rest.length > 0 ? rest : BINARY_NAMES, note);
      return;
    case 'path': {
      const name = required('BINARY', rest[0]);
      await ensureBinaries([name], note);
      return print(binaryPath(name));
    }
    default:
      throw new ClusterError('BadInput', `no command "${command}" (see: cluster --help)`);
  }
};
