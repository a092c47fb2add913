import { DUMP_KINDS } from '../api/kinds.ts';
import type { ClusterObjects } from '../dump/index.ts';
import { systemClock } from '../lib/clock.ts';
import { wholeNumber } from './args.ts';
import type { Command, Given, Io } from './command.ts';
import { CLUSTER_FLAGS, dumpFlags, outputFlag } from './flags.ts';
import { readTarget } from './target.ts';

/** A cluster, and the namespace of what is named without one. */
interface Scene {
  readonly cluster: ClusterObjects;
  readonly namespace: string;
  /** Time of the cluster when nobody gave one, ms since the epoch. */
  readonly time: () => number;
  /** Whether every kind of objects was listed. */
  readonly complete: boolean;
}

/** The cluster as it is now. */
async function live(given: Given, complain: (text: string) => void): Promise<Scene> {
  const { KubeClient } = await import('../kube/client.ts');
  const { readCluster } = await import('./live-cluster.ts');
  const [kubeconfig, context] = [given.text('kubeconfig'), given.text('context')];
  const client = KubeClient.load({
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    userAgent: 'proffer-cli',
    connections: 6,
  });
  try {
    const { cluster, complete } = await readCluster(client, complain);
    const namespace = given.text('namespace') ?? client.access.namespace;
    return { cluster, namespace, time: () => systemClock.now(), complete };
  } finally {
    await client.close();
  }
}

/** The cluster as it was when files were written. */
async function fromFiles(
  files: readonly string[],
  given: Given,
  complain: (text: string) => void,
): Promise<Scene> {
  const { readFiles, timeOfDump } = await import('./dump-files.ts');
  const namespace = given.text('namespace') ?? 'default';
  const cluster = await readFiles(files, namespace, complain);
  return { cluster, namespace, time: () => timeOfDump(cluster), complete: false };
}

async function run(given: Given, io: Io, complain: (text: string) => void): Promise<void> {
  const limit = wholeNumber(given, 'limit', 1, 10_000);
  const targetIn = given.argument === undefined ? undefined : readTarget(given.argument);
  const files = given.texts('filename');
  const added = given.texts('pod');
  // Reading clusters takes longer to load than all the other commands' help.
  const dump = await import('../dump/index.ts');
  const { checkFiles, circumstances, readFiles } = await import('./dump-files.ts');
  const { now, hostPorts } = circumstances(given);
  checkFiles([...files, ...added]);
  const scene = files.length === 0 ? await live(given, complain) : await fromFiles(files, given, complain);
  const more = await readFiles(added, scene.namespace, complain);
  const targets = [...(targetIn === undefined ? [] : [targetIn(scene.namespace)]), ...dump.targetsIn(more)];
  if (added.length > 0 && targets.length === 0) {
    throw new dump.DumpError(`${added.join(', ')}: has no Pod, GameServerPool or TrainingJob to explain`);
  }
  const explained = dump.explain(dump.withObjects(scene.cluster, more), {
    now: now ?? scene.time(),
    hostPorts,
    complete: scene.complete,
    complain: (sentence) => complain(`proffer: ${sentence}\n`),
    clock: systemClock,
    ...(targets.length > 0 && { targets }),
  });
  if (given.text('output') === 'json') {
    const { explainedJson } = await import('./explain-json.ts');
    for (const part of explainedJson(explained)) io.out(part);
  } else {
    const { explainedText } = await import('./explain-table.ts');
    for (const part of explainedText(explained, limit)) io.out(part);
  }
}

export const explainCommand: Command = {
  name: 'explain',
  summary: 'Explain where a task could run and why not elsewhere, live or from a dump',
  details:
    'Prints for each node whether a Pod, or the next task of a pool or job, could live there now, all that speaks ' +
    'against it, and every part of A, B and C. Reads the cluster, or with -f files that ' +
    `kubectl get ${DUMP_KINDS} -A -o yaml (or json) wrote. Without a TARGET it explains every task that ` +
    'waits. Whose Pod it is does not matter. A Pod that runs is explained as if it were not there. Ends with 2 when ' +
    'a file cannot be read, or the target is not there.',
  argument: {
    name: 'TARGET',
    help: 'POD, gsp/NAME or tj/NAME; a namespace may stand before NAME: gsp/games/arena, pod/games/arena-0.',
  },
  flags: [
    {
      name: 'filename',
      short: 'f',
      value: 'FILE',
      many: true,
      help: 'Read the cluster from this file, in YAML or JSON; - is standard input. Give it once for each file.',
    },
    {
      name: 'pod',
      value: 'FILE',
      many: true,
      help:
        'What if this were added: a manifest of Pods, pools or jobs. One of a name that is there already takes its ' +
        'place.',
    },
    outputFlag('How to print: table, or json with an entry for each Pod.'),
    {
      name: 'limit',
      value: 'ROWS',
      standard: '50',
      help: 'Most nodes of a table; those that fit come first.',
    },
    ...dumpFlags('the newest time in the files, or the time of this machine'),
    {
      name: 'namespace',
      short: 'n',
      value: 'NAMESPACE',
      otherwise: 'that of the context, or default for files',
      help: 'Namespace of the target, and of manifests that name none.',
    },
    ...CLUSTER_FLAGS,
  ],
  examples: [
    'proffer explain gsp/arena -n games',
    `kubectl get ${DUMP_KINDS} -A -o yaml > dump.yaml && proffer explain -f dump.yaml`,
    'proffer explain -f dump.yaml --pod new.yaml --output json',
  ],
  run,
};
