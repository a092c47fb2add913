import { InvalidArgumentError, Option, type Command } from 'commander';
import { API_VERSION, LABEL } from '../api/group.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKubeError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/types.ts';
import { systemClock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { addCommand } from './add-command.ts';
import { clusterFlags, type ClusterOptions } from './flags.ts';
import type { Io } from './io.ts';
import { readLog } from './pod-log.ts';

interface LogsOptions extends ClusterOptions {
  readonly namespace?: string;
  readonly follow: boolean;
  readonly tail?: number;
  readonly container?: string;
}

/** A workload whose tasks have logs. */
interface Target {
  readonly name: string;
  readonly plural: string;
  /** Label of its Pods that bears its name. */
  readonly label: string;
}

/** A task, as far as its log is concerned. */
interface Task {
  readonly key: string;
  readonly name: string;
  readonly containers: readonly string[];
  readonly ended: boolean;
}

/** Most logs that are followed at a time: each takes a connection. */
const MOST = 100;
/** Time between two looks whether there is more to come, ms. */
const LOOK_MS = 1000;

/** Reads `tj/NAME`, `gsp/NAME`, or NAME of a job. */
function targetOf(text: string): Target {
  const [, kind = 'tj', name = ''] =
    /^(?:(tj|gsp|trainingjobs?|gameserverpools?)\/)?([^/]+)$/.exec(text) ?? [];
  if (name === '') throw new InvalidArgumentError('It must be tj/NAME or gsp/NAME.');
  return kind.startsWith('g')
    ? { name, plural: 'gameserverpools', label: LABEL.pool }
    : { name, plural: 'trainingjobs', label: LABEL.job };
}

function taskOf({ metadata, ...rest }: KubeObject): Task {
  const { spec, status } = rest as {
    spec?: { containers?: { name: string }[]; initContainers?: { name: string }[] };
    status?: { phase?: string };
  };
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].map(({ name }) => name);
  const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  return { key: `${metadata.namespace}/${metadata.name}`, name: metadata.name, containers, ended };
}

/** The logs of one workload. */
class Logs {
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #target: Target;
  readonly #options: LogsOptions;
  readonly #io: Io;

  constructor(client: KubeClient, target: Target, options: LogsOptions, io: Io) {
    this.#client = client;
    this.#namespace = options.namespace ?? client.access.namespace;
    this.#target = target;
    this.#options = options;
    this.#io = io;
  }

  /** Whether the workload has ended, or is gone after it was there. @throws KubeError */
  async isOver(wasThere: boolean): Promise<boolean> {
    const { plural, name } = this.#target;
    const path = `/apis/${API_VERSION}/namespaces/${this.#namespace}/${plural}/${name}`;
    try {
      const { status } = await this.#client.request<{ status?: { phase?: string } }>({ method: 'GET', path });
      return status?.phase === 'Succeeded' || status?.phase === 'Failed';
    } catch (error) {
      if (wasThere && isKubeError(error, 'notFound')) return true;
      throw error;
    }
  }

  get pods(): {
    readonly client: KubeClient;
    readonly path: string;
    readonly query: { labelSelector: string };
  } {
    const { label, name } = this.#target;
    const path = `/api/v1/namespaces/${this.#namespace}/pods`;
    return { client: this.#client, path, query: { labelSelector: `${label}=${name}` } };
  }

  /** Prints what there is, task by task. */
  async print(): Promise<void> {
    const { listAll } = await import('../kube/list.ts');
    const { signal } = new AbortController();
    const { complain } = this.#io;
    let tasks: Task[] = [];
    const onItem = (pod: KubeObject) => void tasks.push(taskOf(pod));
    await listAll({ ...this.pods, signal, onItem, onRestart: () => void (tasks = []) });
    tasks.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    for (const task of tasks)
      await this.#read(task, () => true).catch((error: unknown) => {
        if (!isKubeError(error, 'invalid', 'notFound')) throw error;
        complain(`${this.#rankOf(task)} has no log: ${messageOf(error)}`);
      });
  }

  /** Prints what comes, of tasks too that come later, until the workload has ended. */
  async follow(): Promise<void> {
    const [{ Reflector }, { Store }] = await Promise.all([
      import('../kube/reflector.ts'),
      import('../kube/store.ts'),
    ]);
    const store = new Store<Task>();
    const waiting: Task[] = [];
    const stop = new AbortController();
    let [open, told] = [0, false];
    const failed = Promise.withResolvers<never>();
    const next = (): void => {
      while (open < MOST && waiting.length > 0) {
        const task = waiting.shift()!;
        open++;
        this.#read(task, () => store.get(task.key)?.ended ?? true)
          .catch(failed.reject)
          .finally(() => {
            open--;
            next();
          });
      }
      if (waiting.length > 0 && !told)
        this.#io.complain(
          `the logs of ${MOST} tasks are followed at a time, the others when those have ended`,
        );
      told ||= waiting.length > 0;
    };
    store.subscribe(({ type, object }) => {
      if (type !== 'added') return;
      waiting.push(object);
      next();
    });
    const mirror = new Reflector({
      ...this.pods,
      transform: taskOf,
      store,
      clock: systemClock,
      random: Math.random,
      // What may not be read will not come, however long one waits.
      onFailure: (error) => {
        if (isKubeError(error, 'forbidden', 'unauthorized')) failed.reject(error);
      },
    });
    mirror.run(stop.signal).catch(() => undefined);
    const ends = async (): Promise<void> => {
      await mirror.whenSynced();
      for (;;) {
        await systemClock.sleep(LOOK_MS);
        const isIdle = () => open === 0 && waiting.length === 0;
        if (isIdle() && (await this.isOver(true)) && isIdle()) return;
      }
    };
    try {
      await Promise.race([ends(), failed.promise]);
    } finally {
      stop.abort();
    }
  }

  /** Name of a task within its workload: the group and rank of a worker. */
  #rankOf({ name }: Task): string {
    return name.slice(this.#target.name.length + 1);
  }

  async #read(task: Task, isOver: () => boolean): Promise<void> {
    const { container = task.containers[0]!, tail, follow } = this.#options;
    if (!task.containers.includes(container)) return;
    const rank = this.#rankOf(task);
    const wanted = { namespace: this.#namespace, pod: task.name, container, tail, follow };
    await readLog(this.#client, wanted, isOver, (line) => this.#io.out(`[${rank}] ${line}\n`));
  }
}

async function run(target: Target, options: LogsOptions, io: Io): Promise<void> {
  const { KubeClient } = await import('../kube/client.ts');
  const client = KubeClient.load({ ...options, userAgent: 'proffer-cli', connections: 2 });
  try {
    const logs = new Logs(client, target, options, io);
    await logs.isOver(false);
    await (options.follow ? logs.follow() : logs.print());
  } finally {
    await client.close();
  }
}

export function addLogs(program: Command, io: Io): void {
  addCommand(program, {
    name: 'logs',
    summary: 'Print the logs of all workers of a job, or of all servers of a pool',
    details:
      'Prints each line behind the group and rank of its worker: [worker-3]. With --follow it goes on until the job has ' +
      'ended, and takes up workers that come later, such as those that take the place of others. It reads the main container ' +
      'unless --container names another. Logs of Pods that are deleted are gone: a job keeps those of finished workers ' +
      'unless its cleanPodPolicy is All. Reading takes the rights to list and watch Pods and to get pods/log.',
    flags: [
      new Option('-f, --follow', 'Go on with what is written, until the job has ended').default(false),
      new Option('--tail <lines>', 'The last lines of each log alone').argParser((text) => {
        if (/^\d{1,9}$/.test(text)) return Number(text);
        throw new InvalidArgumentError('It must be a number of lines.');
      }),
      new Option('-c, --container <name>', 'The container (default: the first one)'),
      new Option('-n, --namespace <namespace>', 'Namespace of the job (default: that of the context)'),
      ...clusterFlags(),
    ],
    examples: [
      'kubectl proffer logs tj/regression --follow',
      'kubectl proffer logs regression -n training --tail 5',
      'proffer logs gsp/arena -f --tail 0',
    ],
  })
    .argument('<target>', 'The TrainingJob as tj/NAME or NAME, or the GameServerPool as gsp/NAME', targetOf)
    .action((target: Target, options: LogsOptions) => run(target, options, io));
}
