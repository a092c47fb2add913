import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import { API_VERSION, LABEL } from '../api/group.ts';
import type { KubeClient, KubeRequest } from '../kube/client.ts';
import { systemClock } from '../lib/clock.ts';
import { elapsed } from '../lib/figures.ts';
import { tableLines } from '../lib/table.ts';
import { addCommand } from './add-command.ts';
import { clusterFlags, type ClusterOptions } from './flags.ts';
import type { Io } from './io.ts';
import { RolloutError } from './rollout-error.ts';
import { progressOf, type UpdatedPool } from './rollout-status.ts';

interface RolloutOptions extends ClusterOptions {
  readonly namespace?: string;
  readonly toRevision: number;
  readonly watch: boolean;
}

/** A template that a pool had, as the API server keeps it. */
interface Kept {
  readonly metadata: {
    readonly name: string;
    readonly creationTimestamp: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly uid: string }[];
  };
  readonly revision: number;
  readonly data: {
    readonly spec: {
      readonly template: { readonly spec: { readonly containers: readonly { readonly image?: string }[] } };
      readonly ports: readonly object[];
    };
  };
}

/** Time between two looks at a pool, ms. */
const LOOK_MS = 1000;

/** One pool, and the requests about it. */
class Rollout {
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #path: string;

  constructor(client: KubeClient, namespace: string, name: string) {
    this.#client = client;
    this.#namespace = namespace;
    this.#path = `/apis/${API_VERSION}/namespaces/${namespace}/gameserverpools/${name}`;
  }

  pool(): Promise<UpdatedPool> {
    return this.#client.request({ method: 'GET', path: this.#path });
  }

  /** The templates that are kept of a pool, the newest first. */
  async kept({ metadata: { name, uid } }: UpdatedPool): Promise<Kept[]> {
    const { items } = await this.#client.request<{ items: Kept[] }>({
      method: 'GET',
      path: `/apis/apps/v1/namespaces/${this.#namespace}/controllerrevisions`,
      query: { labelSelector: `${LABEL.pool}=${name}` },
    });
    return items
      .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid))
      .sort((a, b) => b.revision - a.revision);
  }

  pause(paused: boolean): Promise<unknown> {
    return this.#patch({ body: { spec: { update: { paused } } } });
  }

  /** Puts a template back, unless the pool has changed since it was seen. */
  restore({ metadata: { resourceVersion } }: UpdatedPool, { data: { spec } }: Kept): Promise<unknown> {
    const body = [
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'replace', path: '/spec/template', value: spec.template },
      { op: 'add', path: '/spec/ports', value: spec.ports },
    ];
    return this.#patch({ body, contentType: 'application/json-patch+json' });
  }

  #patch(request: Pick<KubeRequest, 'body' | 'contentType'>): Promise<unknown> {
    return this.#client.request({ method: 'PATCH', path: this.#path, ...request });
  }
}

/** Tells of the update of a pool until it is done. @throws RolloutError when it makes no progress */
async function status(rollout: Rollout, { watch }: RolloutOptions, io: Io): Promise<void> {
  let told = '';
  for (;;) {
    const { state, text } = progressOf(await rollout.pool());
    if (state === 'late') throw new RolloutError(text);
    if (text !== told) io.out(`${text}\n`);
    told = text;
    if (state === 'done' || !watch) return;
    await systemClock.sleep(LOOK_MS);
  }
}

async function history(rollout: Rollout, _: RolloutOptions, io: Io): Promise<void> {
  const pool = await rollout.pool();
  const now = systemClock.now();
  const rows = (await rollout.kept(pool)).map(({ metadata, revision, data }) => [
    String(revision),
    metadata.labels[LABEL.revision] ?? '-',
    elapsed(now - Date.parse(metadata.creationTimestamp)),
    data.spec.template.spec.containers.map(({ image = '-' }) => image).join(','),
  ]);
  if (rows.length === 0) return io.out(`No templates are kept of ${pool.metadata.name}.\n`);
  const lines = tableLines(['REVISION', 'HASH', 'AGE', 'IMAGES'], rows);
  io.out(`${lines.join('\n')}\n`);
}

async function undo(rollout: Rollout, { toRevision }: RolloutOptions, io: Io): Promise<void> {
  const pool = await rollout.pool();
  const { name } = pool.metadata;
  if (pool.spec.update?.paused)
    throw new RolloutError(
      `the update of ${name} is paused: resume it first by proffer rollout resume ${name}`,
    );
  const [current, ...before] = await rollout.kept(pool);
  const kept =
    toRevision === 0 ? before[0] : [current, ...before].find((each) => each?.revision === toRevision);
  if (!kept) {
    const what = toRevision === 0 ? 'no template before the one that it has' : `no revision ${toRevision}`;
    throw new RolloutError(`there is ${what} of ${name}: see proffer rollout history ${name}`);
  }
  if (kept === current) return io.out(`${name} has the template of revision ${kept.revision} already\n`);
  await rollout.restore(pool, kept);
  io.out(`${name} goes back to the template of revision ${kept.revision}\n`);
}

const pausing = (paused: boolean, word: string) => async (rollout: Rollout, _: RolloutOptions, io: Io) => {
  await rollout.pause(paused);
  io.out(`the update is ${word}\n`);
};

const ACTIONS = {
  status,
  history,
  undo,
  pause: pausing(true, 'paused'),
  resume: pausing(false, 'resumed'),
} as const;

async function run(action: keyof typeof ACTIONS, target: string, options: RolloutOptions, io: Io) {
  const { KubeClient } = await import('../kube/client.ts');
  const client = KubeClient.load({ ...options, userAgent: 'proffer-cli', connections: 1 });
  try {
    const name = target.replace(/^(gsp|gameserverpools?(\.proffer\.dev)?)\//, '');
    await ACTIONS[action](
      new Rollout(client, options.namespace ?? client.access.namespace, name),
      options,
      io,
    );
  } finally {
    await client.close();
  }
}

export function addRollout(program: Command, io: Io): void {
  addCommand(program, {
    name: 'rollout',
    summary: 'Watch, pause, resume or take back the update of a GameServerPool',
    details:
      'status tells how far the update is, and waits until it is done; it fails when the update makes no progress within ' +
      'spec.update.progressDeadlineSeconds. history lists the templates that are kept. undo puts one of them back, the one before ' +
      'the current one unless --to-revision names another. pause and resume set spec.update.paused. Servers that players hold ' +
      'keep their template until their session is over, and are not waited for.',
    flags: [
      new Option('--to-revision <number>', 'With undo: the REVISION of history to go back to')
        .default(0, 'the one before')
        .argParser((text) => {
          if (/^\d{1,9}$/.test(text)) return Number(text);
          throw new InvalidArgumentError('It must be a REVISION of proffer rollout history, such as 3.');
        }),
      new Option('--no-watch', 'With status: tell it once, and do not wait'),
      new Option('-n, --namespace <namespace>', 'Namespace of the pool (default: that of the context)'),
      ...clusterFlags(),
    ],
    examples: [
      'kubectl proffer rollout status gsp/arena',
      'kubectl proffer rollout history arena -n games',
      'kubectl proffer rollout undo arena --to-revision 3',
    ],
  })
    .addArgument(
      new Argument('<action>', 'What to do').choices(['status', 'history', 'undo', 'pause', 'resume']),
    )
    .argument('<pool>', 'The GameServerPool, by its name or as gsp/NAME')
    .action((action: keyof typeof ACTIONS, pool: string, options: RolloutOptions) =>
      run(action, pool, options, io),
    );
}
