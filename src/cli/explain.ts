import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import { DUMP_KINDS } from '../api/kinds.ts';
import type { ClusterObjects, Target } from '../dump/index.ts';
import { systemClock } from '../lib/clock.ts';
import { addCommand } from './add-command.ts';
import {
  clusterFlags,
  dumpFlags,
  filesFlag,
  limitFlag,
  manyTimes,
  outputFlag,
  type ClusterOptions,
  type DumpOptions,
} from './flags.ts';
import type { Io } from './io.ts';

interface ExplainFlags extends ClusterOptions, DumpOptions {
  readonly filename?: readonly string[];
  readonly pod?: readonly string[];
  readonly output: 'table' | 'json';
  readonly limit: number;
  readonly namespace?: string;
}

/** A cluster, and the namespace of what is named without one. */
interface Scene {
  readonly cluster: ClusterObjects;
  readonly namespace: string;
  /** Time of the cluster when nobody gave one, ms since the epoch. */
  readonly time: () => number;
  /** Whether every kind of objects was listed. */
  readonly complete: boolean;
  /** Nodes were not the user's to list. */
  readonly blind: boolean;
}

/** The cluster as it is now. */
async function live(options: ExplainFlags, io: Io): Promise<Scene> {
  const { KubeClient } = await import('../kube/client.ts');
  const { readCluster } = await import('./live-cluster.ts');
  const client = KubeClient.load({ ...options, userAgent: 'proffer-cli', connections: 6 });
  try {
    const namespace = options.namespace ?? client.access.namespace;
    return { ...(await readCluster(client, namespace, io)), namespace, time: () => systemClock.now() };
  } finally {
    await client.close();
  }
}

/** The cluster as it was when files were written. */
async function fromFiles(files: readonly string[], namespace: string, io: Io): Promise<Scene> {
  const { readFiles, timeOfDump } = await import('./dump-files.ts');
  const cluster = await readFiles(files, namespace, io);
  return { cluster, namespace, time: () => timeOfDump(cluster), complete: false, blind: false };
}

async function run(targetIn: TargetIn | undefined, options: ExplainFlags, io: Io): Promise<void> {
  const { filename: files = [], pod: added = [], output, limit, hostPorts, portRanges } = options;
  // Reading clusters takes longer to load than all the other commands' help.
  const dump = await import('../dump/index.ts');
  const { checkFiles, readFiles } = await import('./dump-files.ts');
  checkFiles([...files, ...added]);
  const scene =
    files.length === 0 ? await live(options, io) : await fromFiles(files, options.namespace ?? 'default', io);
  const more = await readFiles(added, scene.namespace, io, { templates: true });
  const targets = [...(targetIn === undefined ? [] : [targetIn(scene.namespace)]), ...dump.targetsIn(more)];
  if (added.length > 0 && targets.length === 0) {
    throw new dump.DumpError(`${added.join(', ')}: has no Pod, and nothing that makes Pods, to explain`);
  }
  const explained = dump.explain(dump.withObjects(scene.cluster, more), {
    now: options.now ?? scene.time(),
    hostPorts,
    portRanges,
    complete: scene.complete,
    blind: scene.blind,
    complain: io.complain,
    clock: systemClock,
    ...(targets.length > 0 && { targets }),
  });
  if (output === 'json') {
    const { explainedJson } = await import('./explain-json.ts');
    for (const part of explainedJson(explained)) io.out(part);
  } else {
    const { explainedText } = await import('./explain-table.ts');
    for (const part of explainedText(explained, limit)) io.out(part);
  }
}

const target = (): Argument =>
  new Argument(
    '[target]',
    'POD, gsp/NAME or tj/NAME; a namespace may stand before NAME: games/arena-0, gsp/games/arena',
  ).argParser((text) => {
    const found = readTarget(text);
    if (found) return found;
    throw new InvalidArgumentError(
      'It must be POD, NAMESPACE/POD, gsp/NAME, gsp/NAMESPACE/NAME, tj/NAME or tj/NAMESPACE/NAME.',
    );
  });

export function addExplain(program: Command, io: Io): void {
  addCommand(program, {
    name: 'explain',
    summary: 'Explain where a task could run and why not elsewhere, live or from a dump',
    details:
      'Prints for each node whether a Pod, or the next task of a pool or job, could live there now, all that speaks ' +
      'against it, and every part of A, B and C. Reads the cluster, or with -f files that ' +
      `kubectl get ${DUMP_KINDS} -A -o yaml (or json) wrote. Without a target it explains every task that ` +
      'waits. Whose Pod it is does not matter. A Pod that runs is explained as if it were not there. Ends with 2 when ' +
      'a file cannot be read, or the target is not there.',
    flags: [
      filesFlag(),
      manyTimes(
        '--pod <file>',
        'What if this were added: a manifest of Pods, pools, jobs, or whatever has a Pod template, such as a ' +
          'Deployment. A Pod, pool or job of a name that is there already takes its place',
      ),
      outputFlag('How to print: as tables, or as JSON with an entry for each Pod'),
      limitFlag('Most nodes of a table; those that fit come first'),
      ...dumpFlags('the newest time in the files, or the time of this machine'),
      new Option(
        '-n, --namespace <namespace>',
        'Namespace of the target, and of manifests that name none (default: that of the context, or default for files)',
      ),
      ...clusterFlags(),
    ],
    examples: [
      'proffer explain gsp/arena -n games',
      `kubectl get ${DUMP_KINDS} -A -o yaml > dump.yaml && proffer explain -f dump.yaml`,
      'proffer explain -f dump.yaml --pod deployment.yaml --output json',
    ],
  })
    .addArgument(target())
    .action((targetIn: TargetIn | undefined, options: ExplainFlags) => run(targetIn, options, io));
}

/** How kinds may be written, as kubectl allows. */
const KINDS: ReadonlyMap<string, 'pod' | 'gsp' | 'tj'> = new Map([
  ['pod', 'pod'],
  ['pods', 'pod'],
  ['po', 'pod'],
  ['gsp', 'gsp'],
  ['gameserverpool', 'gsp'],
  ['gameserverpools', 'gsp'],
  ['tj', 'tj'],
  ['trainingjob', 'tj'],
  ['trainingjobs', 'tj'],
]);

/** A target, given the namespace of one that names none. */
type TargetIn = (namespace: string) => Target;

/**
 * Reads what is to be explained: whatever explain prints as the name of a Pod or a workload, too.
 * @returns undefined when it is no name
 */
function readTarget(text: string): TargetIn | undefined {
  const [first = '', second, third, ...more] = text.split('/');
  if (`/${text}/`.includes('//')) return undefined;
  if (second === undefined) return (namespace) => ({ kind: 'pod', namespace, name: first });
  const kind = KINDS.get(first.toLowerCase());
  if (third === undefined) {
    if (kind === undefined) return () => ({ kind: 'pod', namespace: first, name: second });
    return (namespace) => ({ kind, namespace, name: second });
  }
  if (kind === undefined || more.length > 0) return () => ({ kind: 'workload', id: text });
  return () => ({ kind, namespace: second, name: third });
}
