import {
  ANNOTATION,
  COUNTER_PREFIX,
  CUSTOMER_LABEL,
  ENVIRONMENT,
  LABEL,
  PLAYERS,
  POD_CONDITION,
  TRACKING,
  SESSION_PREFIX,
  SESSIONS,
} from '../../src/api/group.ts';
import { cell, code, generatedFrom, markdownTable } from './page.ts';

/** What is to be said of one label, annotation or variable. */
type Entry = readonly [writer: string, on: string, meaning: string, example: string];

const OURS = 'Proffer';
const PEOPLE = 'you';
const TASKS = 'Pods of pools and jobs';
const SERVERS = 'Pods of pools';
const HELD = 'game servers that the allocation API gave to a session';
const WORKERS = 'Pods of jobs';
const CUSTOMERS = 'Pods with `schedulerName: proffer`';

const LABELS: Readonly<Record<keyof typeof LABEL, Entry>> = {
  pool: [OURS, SERVERS, 'Name of the GameServerPool.', 'arena'],
  job: [OURS, WORKERS, 'Name of the TrainingJob.', 'learn'],
  group: [OURS, WORKERS, 'Name of the worker group in its job.', 'worker'],
  peers: [
    OURS,
    WORKERS,
    'Name of the TrainingJob: its Service selects workers by this. Taken off a Pod that may still run when another has its rank.',
    'learn',
  ],
  slot: [OURS, TASKS, 'Number of the server in its pool, or of the worker in its group, from 0.', '2'],
  revision: [
    OURS,
    TASKS,
    'Hash of the template and ports that the Pod was made from, or changed to; `changing` between two writes of a change.',
    '5d4c8f7b',
  ],
  standIn: [
    OURS,
    'Pods that stand for waiting tasks',
    'Name of the pool or job. The Pod is never placed: node autoscalers see by it that nodes are missing.',
    'arena',
  ],
  state: [
    'whoever hands servers to players',
    SERVERS,
    'Players hold the server: Proffer never deletes it, whatever the value. Take the label off when they are gone.',
    'Allocated',
  ],
  server: [
    OURS,
    'Pods of pools with `spec.network`, and their Services',
    'Name of the Pod: its Service selects it by this.',
    'arena-0',
  ],
  session: ['whoever hands servers to players', SERVERS, 'Id of the session on the server.', 'match-1867'],
  intent: [
    'you',
    SERVERS,
    '`Maintenance`: the server stays and is not counted as ready. `Drain`: it goes as soon as nobody holds it, and is replaced. `Kill`: it goes at once, whoever holds it. Any other value counts as none.',
    'Drain',
  ],
};

const CUSTOMER_LABELS: Readonly<Record<keyof typeof CUSTOMER_LABEL, Entry>> = {
  framework: [
    PEOPLE,
    CUSTOMERS,
    'Pods of one value and one role are offered room together. Without it those of one owner are.',
    'shop',
  ],
  role: [
    PEOPLE,
    CUSTOMERS,
    'The OfferRole that the Pod draws on. Without it that of its namespace.',
    'ranked',
  ],
  gang: [PEOPLE, CUSTOMERS, 'Name of the gang that the Pod belongs to.', 'light-baking'],
  gangMin: [PEOPLE, CUSTOMERS, 'At least so many Pods of the gang are bound in one go, or none.', '3'],
  revocable: [
    PEOPLE,
    CUSTOMERS,
    'The Pod gives way to all that is not revocable, once all Pods of its framework say so.',
    'true',
  ],
};

const ANNOTATIONS: Readonly<Record<keyof typeof ANNOTATION, Entry>> = {
  failures: [
    OURS,
    TASKS,
    'How many tasks of the slot failed in a row before this one. Left out when none did.',
    '2',
  ],
  workers: [
    OURS,
    TASKS,
    'How many workers the group with minReplicas was told that it has: with JAX and TensorFlow all, with PyTorch the most. Left out for others.',
    '4',
  ],
  attempt: [
    OURS,
    'workers',
    'How many times all workers of the job had been started again when this one was made. Left out for none.',
    '1',
  ],
  ports: [OURS, SERVERS, 'Host ports of the server, as name=port/protocol.', 'game=7001/UDP'],
  serviceAddress: [
    OURS,
    'Pods of pools with `spec.network`',
    'Where the Service of the server is reached, once it has an address, as name=address:port/protocol.',
    'game=203.0.113.7:8303/UDP',
  ],
  boot: [
    OURS,
    TASKS,
    'Boot ID of the node when the Pod was made. Another one on the node tells of a reboot.',
    '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  ],
  query: [
    OURS,
    SERVERS,
    'How the server is [asked whether it answers](../health.md): `spec.health.query` of its revision, as JSON.',
    '{"protocol":"A2S","port":"query"}',
  ],
  madeFor: [
    OURS,
    'Claims of [ephemeral volumes](../servers.md#volumes)',
    'The Pod that the claim was made for, and goes with.',
    'arena-1',
  ],
  role: [
    `${OURS}; you on Pods of your own`,
    `${TASKS}; ${CUSTOMERS}`,
    'The role that the Pod draws on, also the path of a nested one, which a label cannot hold. On Pods of your own the label comes first.',
    'studio/ranked',
  ],
  notice: [
    `${OURS} from \`spec.noticeSeconds\`; you on Pods of your own`,
    `${TASKS}; any other Pod that Proffer placed`,
    'How many seconds before its eviction the Pod is asked to go; an hour at most.',
    '30',
  ],
  overflow: [
    OURS,
    SERVERS,
    'The labels and annotations of `spec.update.overflow` that the server was given, to be taken off when its pool has a place for it again.',
    '{"annotations":{},"labels":{"studio.example/old":"yes"}}',
  ],
  fixedPart: [
    OURS,
    SERVERS,
    'Hash of what of the template no server can change in place, or `refused: ` and why the API server does not let this one be changed.',
    '1c9a40fe',
  ],
  changing: [
    OURS,
    'game servers that were changed in place',
    'Containers that the change ends, by their ids: until others run the server is not ready.',
    'server=containerd://5f1d…',
  ],
  inverseOffer: [
    OURS,
    'Pods that are asked to go',
    'Until when the Pod may stay. It goes again when the need is over.',
    '2026-11-25T06:49:58Z',
  ],
  addresses: [
    OURS,
    SERVERS,
    'Addresses of the node, as type=address, as the node told them when the Pod was made.',
    'ExternalIP=203.0.113.7,InternalIP=10.0.0.5',
  ],
  deletionPriority: [
    'you',
    SERVERS,
    'An integer: of servers that may go the higher goes first. Without it, and with anything else, it is 0.',
    '10',
  ],
  heldSince: [OURS, HELD, 'Since when the session has it.', '2026-11-30T16:00:00Z'],
  heldUntil: [
    OURS,
    HELD,
    'Until when it is kept for a session that does not begin: nobody says so, and no player joins; then it is free again.',
    '2026-11-30T16:02:00Z',
  ],
  sessionUntil: [
    OURS,
    HELD,
    'How long the session may last; then the server is asked to go by `proffer.dev/inverse-offer`, and later replaced.',
    '2026-11-30T18:00:00Z',
  ],
  sessionKeys: [
    OURS,
    HELD,
    'Annotations that the caller wrote with the session; they go with it.',
    'example.com/map,example.com/mode',
  ],
  sessionNext: [
    OURS,
    HELD,
    'The session is that of a GameServerClaim with `next: Drain`: when the claim is deleted, the pool replaces the server.',
    'Drain',
  ],
};

const VARIABLES: Readonly<Record<keyof typeof ENVIRONMENT, Entry>> = {
  port: [
    OURS,
    'containers of servers',
    'Host port of the port with this name, in capitals, `_` for all but letters and digits.',
    '7001',
  ],
  group: [OURS, 'containers of workers', 'Name of the worker group.', 'worker'],
  rank: [
    OURS,
    'containers of workers',
    'Rank of the worker from 0, counted over all groups in their order.',
    '0',
  ],
  task: [OURS, 'containers of tasks of a group with `completions`', 'Number of the task, from 0.', '17'],
  attempt: [
    OURS,
    'containers of workers',
    'How many times all workers of the job were started again: 0 for the first time.',
    '1',
  ],
  world: [OURS, 'containers of workers', 'Number of workers of all groups.', '3'],
  checkpointPath: [
    OURS,
    'containers of workers',
    'Folder of `spec.checkpoint`, where checkpoints are.',
    '/state',
  ],
  checkpointStep: [
    OURS,
    'containers of workers',
    'The last step that a worker told to be in a checkpoint; absent before the first.',
    '1200',
  ],
};

/** @param names what each key is called @param end what follows the name of a key */
function table<Key extends string>(
  names: Readonly<Record<Key, string>>,
  entries: Readonly<Record<Key, Entry>>,
  end: (key: Key) => string = () => '',
): string[] {
  const keys = Object.keys(names) as Key[];
  const rows = keys.map((key) => {
    const [writer, on, meaning, example] = entries[key];
    return [code(`${names[key]}${end(key)}`), writer, on, cell(meaning), code(example)];
  });
  return markdownTable(['name', 'who writes it', 'on', 'what it does', 'example'], rows);
}

/** The reference of labels, annotations and environment variables: docs/reference/labels.md. */
export function labelsPage(): string {
  return [
    generatedFrom('hack/generate/labels-page.ts'),
    '# Labels, annotations and environment variables',
    '',
    'The words by which Proffer, your tools and your programs tell each other what a Pod is. Do not change what Proffer writes: it knows its Pods by it.',
    '',
    '## Labels of pools and jobs',
    '',
    ...table(LABEL, LABELS),
    '',
    '## Labels of Pods of your own',
    '',
    'How they work: [any Pod as a customer](../pods.md).',
    '',
    ...table(CUSTOMER_LABEL, CUSTOMER_LABELS),
    '',
    '## Annotations',
    '',
    ...table(ANNOTATION, ANNOTATIONS),
    '',
    `A server, or whoever watches it, counts what it has in annotations \`${COUNTER_PREFIX}NAME\`: \`COUNT/CAPACITY\`, or \`COUNT\` alone, whole numbers of at most nine digits. \`${COUNTER_PREFIX}${PLAYERS}: 12/16\` is summed up in the status of the pool. Of one server the first 16 count, by name. A server can have them written by [a call](../health.md#a-server-that-says-it-itself).`,
    '',
    `On a server that takes several sessions (\`spec.sessions\` of its pool) an annotation \`${SESSION_PREFIX}ID\` tells of each, as JSON: \`{"state":"Allocated","heldSince":"2026-11-30T16:00:00Z","annotations":{"example.com/map":"dust"}}\`. The counter \`${SESSIONS}\` tells how many it has, of how many it takes.`,
    '',
    `The Pod's condition \`${POD_CONDITION.answers}\` tells whether a server answers queries.`,
    '',
    `The finalizer \`${TRACKING}\` keeps the Pod of a worker until the status of its job [counts how it ended](../training.md#what-a-job-remembers).`,
    '',
    '## Environment of the containers',
    '',
    'The containers get them; init containers and sidecars do not. The template cannot set them to something else, and its own variables can refer to them: `$(PROFFER_PORT_GAME)`.',
    '',
    ...table(ENVIRONMENT, VARIABLES, (key) => (key === 'port' ? 'NAME' : '')),
    '',
    '## Environment of the programs',
    '',
    ...markdownTable(
      ['name', 'read by', 'what it does'],
      [
        [
          code('PROFFER_DEBUG'),
          'the command line',
          'Any value: a fault of the program is told with its place in the code.',
        ],
        [code('KUBECONFIG'), 'all commands', 'Files with the cluster and the credentials, as for kubectl.'],
        [
          `${code('POD_NAME')}, ${code('POD_NAMESPACE')}`,
          code('proffer operator'),
          'The name of the replica, and the namespace of its Lease. The chart sets both.',
        ],
      ],
    ),
    '',
  ].join('\n');
}
